-- What admins set while the gateway runs; file and environment win over it. Without a value the
-- default holds again; the row stays, so that its version never begins anew.
CREATE TABLE settings (
    name       TEXT PRIMARY KEY,
    value      TEXT,
    version    INTEGER NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;

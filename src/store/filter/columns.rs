//! What can be listed, and by which columns it is narrowed and ordered. What is
//! sealed is no column.

/// What can be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum List {
    /// Mailboxes.
    Accounts,
    /// CRM tokens.
    Tokens,
    /// Rows of the journal.
    Audit,
    /// Recurring work.
    Jobs,
    /// Its last runs.
    Runs,
    /// Calendars at Google.
    Calendars,
    /// Who uses which of them.
    CalendarUsers,
    /// What waits for a person's word, or has.
    Holds,
    /// Groups of contacts at Google.
    ContactGroups,
    /// Who uses which of them.
    ContactUsers,
    /// People and records that are one.
    ContactPairs,
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// A row's identity.
    Id,
    /// A time.
    Time,
    /// A number.
    Number,
}

macro_rules! columns {
    ($($list:ident { $($name:ident: $sql:literal, $kind:ident;)* })*) => {
        /// A column of a list.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[expect(missing_docs, reason = "each is the column of its name")]
        pub enum Column { $($($name,)*)* }

        impl Column {
            /// Every column.
            pub const ALL: &[Self] = &[$($(Self::$name,)*)*];

            /// Where it stands.
            #[must_use]
            pub fn list(self) -> List {
                match self { $($(Self::$name => List::$list,)*)* }
            }

            /// What it holds.
            #[must_use]
            pub fn kind(self) -> Kind {
                match self { $($(Self::$name => Kind::$kind,)*)* }
            }

            pub(super) fn sql(self) -> &'static str {
                match self { $($(Self::$name => $sql,)*)* }
            }
        }
    };
}

columns! {
    Accounts {
        AccountId: "a.id", Id;
        AccountAddress: "a.address", Text;
        AccountCrmUser: "a.crm_user", Text;
        AccountProposedUser: "a.proposed_crm_user", Text;
        AccountState: "a.state", Text;
        AccountProposed: "a.proposed_address", Text;
        AccountCreated: "a.created_at", Time;
        AccountChanged: "a.changed_at", Time;
    }
    Tokens {
        TokenId: "t.id", Id;
        TokenAccount: "t.account_id", Id;
        TokenAddress: "a.address", Text;
        TokenName: "t.name", Text;
        TokenProtocols: "t.protocols", Text;
        TokenCreated: "t.created_at", Time;
        TokenExpires: "t.expires_at", Time;
        TokenRevoked: "t.revoked_at", Time;
    }
    Audit {
        AuditNode: "r.node", Text;
        AuditNumber: "r.seq", Number;
        AuditAt: "r.at", Time;
        AuditActor: "r.actor", Text;
        AuditEvent: "r.event", Text;
        AuditReference: "r.request", Text;
    }
    Jobs {
        JobId: "j.id", Id;
        JobName: "j.name", Text;
        JobStatus: "j.status", Text;
        JobStarted: "j.started_at", Time;
        JobEnded: "j.ended_at", Time;
        JobNext: "j.next_at", Time;
        JobCreated: "j.created_at", Time;
    }
    Runs {
        RunId: "u.id", Id;
        RunJob: "u.job_id", Id;
        RunStatus: "u.status", Text;
        RunStarted: "u.started_at", Time;
        RunEnded: "u.ended_at", Time;
    }
    Calendars {
        CalendarId: "c.id", Id;
        CalendarGoogleId: "c.google_id", Text;
        CalendarCreated: "c.created_at", Time;
        CalendarModified: "c.modified_at", Time;
    }
    CalendarUsers {
        CalendarUserId: "v.id", Id;
        CalendarUserAccount: "v.account_id", Id;
        CalendarUserCrmUser: "a.crm_user", Text;
        CalendarUserCalendar: "v.calendar_id", Id;
        CalendarUserKind: "v.kind", Text;
        CalendarUserActive: "v.active", Number;
        CalendarUserSynced: "v.last_sync", Time;
        CalendarUserCreated: "v.created_at", Time;
        CalendarUserModified: "v.modified_at", Time;
    }
    Holds {
        HoldId: "h.id", Id;
        HoldAccount: "h.account_id", Id;
        HoldAddress: "a.address", Text;
        HoldCalendar: "h.calendar_id", Id;
        HoldClass: "h.class", Text;
        HoldCount: "h.count", Number;
        HoldStatus: "h.status", Text;
        HoldOpened: "h.opened_at", Time;
        HoldDecided: "h.decided_at", Time;
        HoldSpent: "h.spent_at", Time;
    }
    ContactGroups {
        ContactGroupId: "g.id", Id;
        ContactGroupAccount: "g.account_id", Id;
        ContactGroupResource: "g.resource", Text;
        ContactGroupOwn: "g.own", Number;
        ContactGroupMembers: "g.members", Number;
        ContactGroupActive: "g.active", Number;
        ContactGroupCreated: "g.created_at", Time;
        ContactGroupModified: "g.modified_at", Time;
    }
    ContactUsers {
        ContactUserGroup: "g.id", Id;
        ContactUserAccount: "g.account_id", Id;
        ContactUserCrmUser: "a.crm_user", Text;
        ContactUserResource: "g.resource", Text;
        ContactUserOwn: "g.own", Number;
        ContactUserKind: "CASE WHEN b.id IS NULL THEN 'offered' WHEN b.group_name = g.resource THEN 'main' \
                          ELSE 'monitored' END", Text;
        ContactUserActive: "g.active", Number;
        ContactUserSynced: "b.last_ok_at", Time;
        ContactUserStatus: "b.status", Text;
        ContactUserFault: "b.fault", Text;
        ContactUserCreated: "g.created_at", Time;
        ContactUserModified: "g.modified_at", Time;
    }
    ContactPairs {
        ContactPairId: "l.id", Id;
        ContactPairAccount: "l.account_id", Id;
        ContactPairAddress: "a.address", Text;
        ContactPairEntity: "l.entity", Text;
        ContactPairRecord: "l.record_id", Text;
        ContactPairResource: "l.resource", Text;
        ContactPairState: "l.state", Text;
        ContactPairVisible: "l.visible", Number;
        ContactPairCreated: "l.created_at", Time;
        ContactPairModified: "l.modified_at", Time;
    }
}

/// What is selected, from where, and what the rows are ordered by last.
type Parts = (&'static str, &'static str, &'static [&'static str]);

const GROUPS: Parts = (
    "SELECT g.id, g.account_id, g.resource, g.name_sealed, g.own, g.members, g.active, g.created_at, \
     g.modified_at",
    "FROM contact_groups g JOIN accounts a ON a.id = g.account_id",
    &["g.id"],
);
const GROUP_USERS: Parts = (
    "SELECT g.id, g.account_id, a.crm_user, g.resource, \
     CASE WHEN b.id IS NULL THEN 'offered' WHEN b.group_name = g.resource THEN 'main' \
     ELSE 'monitored' END AS kind, g.active, b.last_ok_at, b.status, \
     b.fault, g.created_at, g.modified_at",
    "FROM contact_groups g JOIN accounts a ON a.id = g.account_id \
     LEFT JOIN address_books b ON b.account_id = g.account_id AND (b.group_name = g.resource \
     OR EXISTS (SELECT 1 FROM monitored_groups m WHERE m.book_id = b.id AND m.resource = g.resource))",
    &["g.id"],
);
const PEOPLE_PAIRS: Parts = (
    "SELECT l.id, l.account_id, a.address, l.entity, l.record_id, l.resource, l.origin, l.state, \
     l.visible, l.created_at, l.modified_at, l.book_id, s.content_sealed",
    "FROM people_links l JOIN accounts a ON a.id = l.account_id \
     LEFT JOIN people_seen s ON s.book_id = l.book_id AND s.resource = l.resource",
    &["l.id"],
);

impl List {
    pub(super) fn parts(self) -> Parts {
        match self {
            Self::Accounts => (
                "SELECT a.id, a.address, a.crm_user, a.proposed_crm_user, a.state, a.proposed_address, \
                 a.created_at, a.changed_at",
                "FROM accounts a",
                &["a.id"],
            ),
            Self::Tokens => (
                "SELECT t.id, t.account_id, a.address, t.name, t.protocols, t.created_at, t.expires_at, \
                 t.revoked_at",
                "FROM crm_tokens t JOIN accounts a ON a.id = t.account_id",
                &["t.id"],
            ),
            Self::Audit => (
                "SELECT r.node, r.seq, r.at, r.actor, r.event, r.detail, r.request",
                "FROM audit r",
                &["r.seq", "r.node"],
            ),
            Self::Holds => (
                "SELECT h.id, h.account_id, a.address, h.calendar_id, h.class, h.count, h.status, h.opened_at, \
                 h.decided_at, h.decided_by, h.spent_at",
                "FROM holds h JOIN accounts a ON a.id = h.account_id",
                &["h.id"],
            ),
            Self::Jobs => (
                "SELECT j.id, j.name, j.beat, j.status, j.disabled_at, j.wanted_at, j.started_at, j.ended_at, \
                 j.next_at, j.created_at",
                "FROM jobs j",
                &["j.id"],
            ),
            Self::Runs => (
                "SELECT u.id, u.job_id, u.status, u.started_at, u.ended_at, u.count, u.fault, u.node, u.asked_by",
                "FROM job_runs u",
                &["u.id"],
            ),
            Self::Calendars => (
                "SELECT c.id, c.google_id, c.name_sealed, c.created_at, c.modified_at",
                "FROM calendars c",
                &["c.id"],
            ),
            Self::CalendarUsers => (
                "SELECT v.id, v.account_id, a.crm_user, v.calendar_id, v.kind, v.active, v.last_sync, \
                 v.created_at, v.modified_at",
                "FROM calendar_users v JOIN accounts a ON a.id = v.account_id",
                &["v.id"],
            ),
            Self::ContactGroups => GROUPS,
            Self::ContactUsers => GROUP_USERS,
            Self::ContactPairs => PEOPLE_PAIRS,
        }
    }
}

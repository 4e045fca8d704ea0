-- Groups that are read beside the one that takes people: the same as stand among the choices of
-- the address book, so that they can be asked for.
CREATE TABLE monitored_groups (
    book_id  UUID NOT NULL REFERENCES address_books (id) ON DELETE CASCADE,
    resource TEXT NOT NULL,
    PRIMARY KEY (book_id, resource)
);

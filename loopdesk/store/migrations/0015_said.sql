-- What this store itself said to the hub of a draft, newest first: a store that was put back from an older copy
-- finds there what it never said, and takes that for another bench's.
ALTER TABLE shared_draft ADD COLUMN said TEXT NOT NULL DEFAULT '[]';

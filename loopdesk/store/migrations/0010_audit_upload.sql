-- Up to where a hub has this station's audit log, and which rows it refused.
CREATE TABLE audit_upload (
  one  INTEGER PRIMARY KEY CHECK (one = 1),
  seq  INTEGER NOT NULL,  -- the last row that the hub has ...
  sha  BLOB NOT NULL,     -- ... and its hash, as it was then: a row that is rewritten later shows
  anew INTEGER NOT NULL   -- whether the hub is to begin another run there if it does not know the place
) STRICT;
INSERT INTO audit_upload (one, seq, sha, anew) VALUES (1, 0, x'', 0);

CREATE TABLE audit_refused (
  seq INTEGER PRIMARY KEY,
  why TEXT NOT NULL,
  at  TEXT NOT NULL
) STRICT;

-- Photos that kept grades name by a public link, until each is at the place for photos.
CREATE TABLE photo (
  link      TEXT PRIMARY KEY,
  name      TEXT NOT NULL,               -- at the place
  file      TEXT NOT NULL,               -- here
  kept_at   TEXT NOT NULL,
  tries     INTEGER NOT NULL DEFAULT 0,  -- how often storing it has begun
  stored_at TEXT,
  lost_at   TEXT                         -- when its file was found to be gone from this machine
) STRICT, WITHOUT ROWID;
CREATE INDEX photo_waiting ON photo (tries, kept_at) WHERE stored_at IS NULL AND lost_at IS NULL;
CREATE INDEX photo_stored ON photo (stored_at) WHERE stored_at IS NOT NULL;
CREATE INDEX photo_lost ON photo (lost_at) WHERE lost_at IS NOT NULL;

-- Which grade names which photos, in its order.
CREATE TABLE grade_link (
  entry_id TEXT NOT NULL REFERENCES entry (entry_id) ON DELETE CASCADE,
  n        INTEGER NOT NULL,
  link     TEXT NOT NULL REFERENCES photo (link) ON UPDATE CASCADE,
  owed     INTEGER NOT NULL DEFAULT 0,   -- the grade left without all of them, and is to be sent once more
  PRIMARY KEY (entry_id, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX grade_link_by_link ON grade_link (link);
CREATE INDEX grade_link_owed ON grade_link (entry_id) WHERE owed;

-- Who works at the site, as told by whoever keeps the list: one list from each.
CREATE TABLE people_list (
  source   TEXT PRIMARY KEY CHECK (source IN ('hub', 'file', 'bench')),
  heard_at TEXT  -- when whoever keeps it was last heard; NULL for a list that is no copy
) STRICT, WITHOUT ROWID;

CREATE TABLE person (
  source     TEXT NOT NULL REFERENCES people_list (source) ON DELETE CASCADE,
  person_id  TEXT NOT NULL,
  name       TEXT NOT NULL,
  role       TEXT NOT NULL,
  email      TEXT NOT NULL,
  language   TEXT NOT NULL,
  badge      TEXT NOT NULL,  -- a keyed hash, hex
  pin        TEXT NOT NULL,  -- a slow hash, as argon2 writes it
  changed_at TEXT NOT NULL,
  PRIMARY KEY (source, person_id)
) STRICT, WITHOUT ROWID;

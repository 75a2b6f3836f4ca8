-- What this bench shares with the others of its site through the hub. Without one all of it stays empty.
CREATE TABLE share_site (
  single     INTEGER PRIMARY KEY CHECK (single = 1),
  generation TEXT NOT NULL DEFAULT '',    -- the hub's, as last heard
  position   INTEGER NOT NULL DEFAULT 0,  -- the last event of the site's feed that was taken
  turn       INTEGER NOT NULL DEFAULT 0,  -- how many values were put
  bench_id   TEXT NOT NULL DEFAULT ''     -- how the hub knows this bench
) STRICT;

-- What the hub is still to be told, the newest change of each key.
CREATE TABLE share_mark (
  version INTEGER PRIMARY KEY AUTOINCREMENT,
  kind    TEXT NOT NULL,
  key     TEXT NOT NULL,
  held    INTEGER NOT NULL DEFAULT 0,     -- not again until it changes
  UNIQUE (kind, key)
) STRICT;

-- What the hub told last of what is entered for a return, and on which of its values the draft here stands.
CREATE TABLE shared_draft (
  return_id    TEXT PRIMARY KEY,
  base         TEXT NOT NULL DEFAULT '',
  base_content TEXT NOT NULL DEFAULT '',
  revision     TEXT NOT NULL DEFAULT '',
  order_name   TEXT NOT NULL DEFAULT '',
  bench        TEXT NOT NULL DEFAULT '',
  bench_id     TEXT NOT NULL DEFAULT '',
  person       TEXT NOT NULL DEFAULT '',
  at           TEXT NOT NULL DEFAULT '',
  body         TEXT,
  content      TEXT NOT NULL DEFAULT '',
  lineage      TEXT NOT NULL DEFAULT '[]',
  ended        TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;
CREATE INDEX shared_draft_told ON shared_draft (at) WHERE body IS NOT NULL;

-- The returns that are open at other benches, and the one that the hub believes to be open here.
CREATE TABLE shared_presence (
  key        TEXT PRIMARY KEY,
  bench_id   TEXT NOT NULL,
  bench      TEXT NOT NULL,
  return_id  TEXT NOT NULL,
  order_name TEXT NOT NULL,
  person     TEXT NOT NULL,
  since      TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX shared_presence_of ON shared_presence (return_id);

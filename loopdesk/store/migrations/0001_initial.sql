-- The first shape of the store. Run in one transaction together with its version number.

-- What the store knows of itself; always exactly one row.
CREATE TABLE store (
  one        INTEGER PRIMARY KEY CHECK (one = 1),
  store_id   TEXT NOT NULL,
  generation INTEGER NOT NULL DEFAULT 0,  -- grows with every change of the outbox; see generation.py
  restored   INTEGER NOT NULL DEFAULT 0,  -- an older copy was put in place and is not yet dealt with
  restoring  INTEGER NOT NULL DEFAULT 0,  -- 1 only inside the transaction that deals with it
  purging    INTEGER NOT NULL DEFAULT 0,  -- 1 only inside a transaction that removes what is old
  audit_from INTEGER NOT NULL DEFAULT 0,  -- last audit row that was purged ...
  audit_sha  BLOB NOT NULL DEFAULT x''    -- ... and its hash, on which the chain goes on
) STRICT;
INSERT INTO store (one, store_id) VALUES (1, lower(hex(randomblob(16))));

CREATE TABLE mark (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Loop's answers. Columns come from the translated return, so that only `api` knows Loop's field names.
CREATE TABLE return (
  number            INTEGER PRIMARY KEY,
  return_id         TEXT NOT NULL UNIQUE,
  body              BLOB NOT NULL,     -- newest answer, compressed JSON
  is_details        INTEGER NOT NULL,  -- whether it came from details (else from the list)
  details           BLOB,              -- newest details answer, when `body` is a list answer
  details_at        TEXT,              -- Loop's updated_at of the newest details answer
  has_details       INTEGER NOT NULL,  -- whether any details answer was ever kept
  state             TEXT NOT NULL,
  order_name        TEXT NOT NULL,
  provider_order_id TEXT NOT NULL,
  updated_at        TEXT,              -- Loop's updated_at of `body`
  fetched_at        TEXT NOT NULL
) STRICT;
CREATE INDEX return_by_order ON return (order_name) WHERE order_name <> '';
CREATE INDEX return_by_provider_order ON return (provider_order_id) WHERE provider_order_id <> '';
CREATE INDEX return_by_age ON return (fetched_at);

-- Everything a scan may carry. A code may be known before its return is; it then waits for it.
CREATE TABLE code (
  code      TEXT NOT NULL,
  kind      TEXT NOT NULL,
  return_id TEXT NOT NULL,
  tail      TEXT,  -- the code backwards, for carrier numbers that may be found by their end
  PRIMARY KEY (code, kind, return_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX code_by_tail ON code (tail) WHERE tail IS NOT NULL;
CREATE INDEX code_by_return ON code (return_id);

CREATE TABLE line (
  line_item_id TEXT NOT NULL,
  return_id    TEXT NOT NULL,
  PRIMARY KEY (line_item_id, return_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX line_by_return ON line (return_id);

-- Words for the search field; rowid is return.number. Trigrams find fragments of three characters and more.
CREATE VIRTUAL TABLE word USING fts5 (text, tokenize = 'trigram remove_diacritics 1');
INSERT INTO word (word, rank) VALUES ('secure-delete', 1);

CREATE TABLE draft (
  return_id  TEXT PRIMARY KEY,
  body       TEXT NOT NULL,
  parked     INTEGER NOT NULL,
  updated_at TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE settlement (
  number          INTEGER PRIMARY KEY AUTOINCREMENT,
  settlement_id   TEXT NOT NULL UNIQUE,
  return_id       TEXT NOT NULL,
  order_name      TEXT NOT NULL,
  kind            TEXT NOT NULL,
  draft           TEXT NOT NULL,
  seen            TEXT,
  operator        TEXT NOT NULL,
  station         TEXT NOT NULL,
  key_fingerprint TEXT NOT NULL,
  hold_seconds    REAL NOT NULL,
  decided_at      TEXT NOT NULL
) STRICT;

CREATE TABLE legal (
  a TEXT NOT NULL,
  b TEXT NOT NULL,
  PRIMARY KEY (a, b)
) STRICT, WITHOUT ROWID;
INSERT INTO legal (a, b) VALUES
  ('held', 'ready'), ('held', 'withdrawn'),
  ('ready', 'sending'), ('ready', 'superseded'), ('ready', 'parked'), ('ready', 'withdrawn'),
  ('sending', 'done'), ('sending', 'settling'), ('sending', 'ready'), ('sending', 'superseded'),
  ('sending', 'parked'), ('sending', 'uncertain'),
  ('uncertain', 'done'), ('uncertain', 'ready'), ('uncertain', 'superseded'), ('uncertain', 'parked'),
  ('settling', 'done'), ('settling', 'parked'),
  ('parked', 'ready'), ('parked', 'done'), ('parked', 'withdrawn');

CREATE TABLE entry (
  seq         INTEGER PRIMARY KEY AUTOINCREMENT,
  entry_id    TEXT NOT NULL UNIQUE,
  settlement  INTEGER NOT NULL REFERENCES settlement (number),
  return_id   TEXT NOT NULL,
  kind        TEXT NOT NULL
    CHECK (kind IN ('grade', 'assess', 'note', 'flag', 'process', 'remove', 'cancel', 'close')),
  target      TEXT NOT NULL,
  payload     TEXT NOT NULL,
  payload_sha TEXT NOT NULL,
  marker      TEXT NOT NULL,
  stage       TEXT NOT NULL
    CHECK (stage IN ('held', 'ready', 'sending', 'uncertain', 'settling', 'parked',
                     'done', 'superseded', 'withdrawn')),
  reason      TEXT,
  seen        TEXT,
  found       TEXT,
  batch       INTEGER,  -- seq of the first entry that goes in the same call
  tries       INTEGER NOT NULL DEFAULT 0,
  unresolved  INTEGER NOT NULL DEFAULT 0,
  last_error  TEXT NOT NULL DEFAULT '',
  due_at      TEXT,
  moved_at    TEXT,
  CHECK (stage <> 'sending' OR batch IS NOT NULL)
) STRICT;
CREATE INDEX entry_by_return ON entry (return_id, seq);
CREATE INDEX entry_by_settlement ON entry (settlement, seq);
CREATE INDEX entry_by_stage ON entry (stage, return_id, seq);
CREATE INDEX entry_unfinished ON entry (return_id, seq, stage, moved_at)
  WHERE stage NOT IN ('done', 'superseded', 'withdrawn');
CREATE UNIQUE INDEX entry_one_gate ON entry (return_id)
  WHERE kind IN ('flag', 'process', 'remove', 'cancel', 'close')
    AND stage NOT IN ('done', 'superseded', 'withdrawn');
CREATE UNIQUE INDEX entry_one_call_a_lane ON entry (return_id) WHERE stage = 'sending' AND batch = seq;
CREATE UNIQUE INDEX entry_one_in_flight ON entry (return_id, kind, target)
  WHERE stage = 'sending' AND target <> '';
CREATE UNIQUE INDEX entry_one_marker ON entry (return_id, marker) WHERE marker <> '';

CREATE TRIGGER entry_begins_held BEFORE INSERT ON entry
WHEN NEW.stage <> 'held' AND NOT (SELECT restoring FROM store)
BEGIN SELECT RAISE (ABORT, 'an entry begins held'); END;

-- The one exception: after an older copy was restored, what may have been sent since must be asked about.
CREATE TRIGGER entry_moves_legally BEFORE UPDATE OF stage ON entry
WHEN NOT EXISTS (SELECT 1 FROM legal WHERE a = OLD.stage AND b = NEW.stage)
  AND NOT (NEW.stage = 'uncertain' AND OLD.stage IN ('held', 'ready', 'settling')
           AND (SELECT restoring FROM store))
BEGIN SELECT RAISE (ABORT, 'illegal move'); END;

CREATE TRIGGER entry_is_frozen
BEFORE UPDATE OF return_id, kind, target, payload, payload_sha, marker ON entry
WHEN OLD.stage <> 'held'
BEGIN SELECT RAISE (ABORT, 'frozen once it left held'); END;

CREATE TRIGGER entry_keeps_its_name BEFORE UPDATE OF seq, entry_id, settlement ON entry
BEGIN SELECT RAISE (ABORT, 'an entry keeps its name'); END;

CREATE TRIGGER entry_stays BEFORE DELETE ON entry
WHEN OLD.stage NOT IN ('done', 'superseded', 'withdrawn') OR NOT (SELECT purging FROM store)
BEGIN SELECT RAISE (ABORT, 'an entry is never deleted'); END;

CREATE TABLE attempt (
  entry_id    TEXT NOT NULL REFERENCES entry (entry_id) ON DELETE CASCADE,
  n           INTEGER NOT NULL,
  before      TEXT NOT NULL,
  evidence    TEXT NOT NULL DEFAULT '',
  http_status INTEGER,
  code        TEXT NOT NULL DEFAULT '',
  began_at    TEXT NOT NULL,
  ended_at    TEXT,
  PRIMARY KEY (entry_id, n)
) STRICT, WITHOUT ROWID;

-- What waits for what is the order of the lane itself; kept is only what a person allowed to be left behind.
CREATE TABLE waiver (
  entry_id  TEXT PRIMARY KEY REFERENCES entry (entry_id) ON DELETE CASCADE,
  waived_by TEXT NOT NULL,
  waived_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER waiver_ends AFTER UPDATE OF stage ON entry WHEN OLD.stage = 'parked'
BEGIN DELETE FROM waiver WHERE entry_id = OLD.entry_id; END;

CREATE VIEW kept AS
SELECT
  e.seq, e.entry_id, s.settlement_id, e.return_id, s.order_name, e.kind, e.target, e.payload, e.payload_sha,
  e.marker, e.stage, e.reason, e.seen, e.found, s.operator, s.station, s.key_fingerprint, s.hold_seconds,
  s.decided_at, e.tries, e.unresolved, e.last_error, e.due_at, e.moved_at, e.settlement
FROM entry AS e JOIN settlement AS s ON s.number = e.settlement;

CREATE TABLE audit (
  seq       INTEGER PRIMARY KEY AUTOINCREMENT,
  at        TEXT NOT NULL,
  event     TEXT NOT NULL,
  operator  TEXT NOT NULL,
  station   TEXT NOT NULL,
  return_id TEXT NOT NULL,
  entry_id  TEXT NOT NULL,
  detail    TEXT NOT NULL,
  sha       BLOB NOT NULL  -- of the row before and this row; see audit.py
) STRICT;
CREATE INDEX audit_by_return ON audit (return_id, seq) WHERE return_id <> '';
CREATE INDEX audit_by_event ON audit (event, seq);

CREATE TRIGGER audit_never_changes BEFORE UPDATE ON audit
BEGIN SELECT RAISE (ABORT, 'the audit log never changes'); END;

CREATE TRIGGER audit_is_never_cut BEFORE DELETE ON audit
WHEN NOT (SELECT purging FROM store)
BEGIN SELECT RAISE (ABORT, 'the audit log is never cut'); END;

CREATE TABLE mystery (
  number           INTEGER PRIMARY KEY AUTOINCREMENT,
  code             TEXT NOT NULL,
  found_at         TEXT NOT NULL,
  operator         TEXT NOT NULL,
  station          TEXT NOT NULL,
  words            TEXT NOT NULL,
  shelf            TEXT NOT NULL,
  photo            TEXT NOT NULL,
  linked_return_id TEXT NOT NULL,
  linked_by        TEXT NOT NULL,
  closed           INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX mystery_one_open_a_code ON mystery (code)
  WHERE code <> '' AND linked_return_id = '' AND NOT closed;

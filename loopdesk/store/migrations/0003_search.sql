-- Search that shows the newest first and tolerates accents, and counts that read one row.

-- Where a return's words stand in `word`: the day it changed in the upper half, its number in the lower, so that
-- the index itself is in the order in which returns are shown. NULL until the words were put there; until then
-- they stand under the number alone, are found all the same, and come last.
ALTER TABLE return ADD COLUMN place INTEGER;

-- Taking each word out of the index at once costs 20 ms a return in a large store. Words are marked as removed
-- instead, and a nightly merge takes them out; their text is gone at once.
INSERT INTO word (word, rank) VALUES ('secure-delete', 0);

-- Notes written here, folded; rowid is settlement.number.
CREATE VIRTUAL TABLE noted USING fts5 (text, tokenize = 'trigram case_sensitive 1');

CREATE INDEX settlement_by_age ON settlement (decided_at);

-- Always exactly one row.
CREATE TABLE tally (
  one        INTEGER PRIMARY KEY CHECK (one = 1),
  returns    INTEGER NOT NULL,  -- rows of `return`
  moved_from INTEGER NOT NULL,  -- numbers of returns from an older file: the first,
  moved      INTEGER NOT NULL,  -- the last whose words were put in their place,
  moved_upto INTEGER NOT NULL,  -- and the last of all
  noted      INTEGER NOT NULL,  -- last settlement whose notes are in `noted`
  removed    INTEGER NOT NULL,  -- whether a purge has removed words that the index still holds in parts
  merged_on  TEXT NOT NULL      -- day on which the index was last freed of such
) STRICT;
INSERT INTO tally (one, returns, moved_from, moved, moved_upto, noted, removed, merged_on)
SELECT
  1,
  (SELECT count(*) FROM return),
  coalesce((SELECT min(number) FROM return), 1),
  coalesce((SELECT min(number) FROM return), 1) - 1,
  coalesce((SELECT max(number) FROM return), 0),
  0,
  0,
  '';

CREATE TRIGGER return_counts_up AFTER INSERT ON return
BEGIN UPDATE tally SET returns = returns + 1; END;

CREATE TRIGGER return_counts_down AFTER DELETE ON return
BEGIN UPDATE tally SET returns = returns - 1; END;

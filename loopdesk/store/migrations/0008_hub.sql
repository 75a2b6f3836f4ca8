-- How a hub knows an attempt that went through it; a station without a hub has none of these.
CREATE TABLE hub_attempt (
  entry_id TEXT NOT NULL REFERENCES entry (entry_id) ON DELETE CASCADE,
  n        INTEGER NOT NULL,
  asked_as TEXT NOT NULL,  -- `<entry id>.<number>@<the hub's generation>`, of the first entry of the call
  PRIMARY KEY (entry_id, n)
) STRICT, WITHOUT ROWID;

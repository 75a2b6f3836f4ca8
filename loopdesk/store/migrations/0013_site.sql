-- Mystery parcels among those of the site. Own ones have positive numbers, others negative ones, which are never
-- shown: a parcel's number is that of the bench that found it, behind the letters of its series.
CREATE TABLE mystery_series (
  one    INTEGER PRIMARY KEY CHECK (one = 1),
  token  TEXT NOT NULL,            -- by which the hub knows this store
  series TEXT NOT NULL DEFAULT ''  -- the letters that it gave; '' until then
) STRICT;
INSERT INTO mystery_series (one, token) VALUES (1, lower(hex(randomblob(16))));

CREATE TABLE site_mystery (
  number        INTEGER PRIMARY KEY REFERENCES mystery (number) ON DELETE CASCADE,
  uid           TEXT NOT NULL UNIQUE,
  series        TEXT NOT NULL,
  in_series     INTEGER NOT NULL,
  photo_at      TEXT NOT NULL DEFAULT '',  -- the station where the picture lies; '' for here
  ended_by      TEXT NOT NULL DEFAULT '',
  ended_station TEXT NOT NULL DEFAULT '',
  base          TEXT NOT NULL DEFAULT ''   -- what the hub told last, as JSON
) STRICT;
INSERT INTO site_mystery (number, uid, series, in_series, ended_by)
SELECT number, lower(hex(randomblob(16))), '', number, linked_by FROM mystery;

CREATE TRIGGER mystery_of_site AFTER INSERT ON mystery WHEN NEW.number > 0 BEGIN
  INSERT INTO site_mystery (number, uid, series, in_series)
  SELECT NEW.number, lower(hex(randomblob(16))), series, NEW.number FROM mystery_series;
END;

-- An older copy of this store counts again from where it was: behind other letters.
CREATE TRIGGER mystery_series_anew AFTER UPDATE OF restored ON store WHEN NEW.restored AND NOT OLD.restored BEGIN
  UPDATE mystery_series SET token = lower(hex(randomblob(16))), series = '';
  INSERT OR REPLACE INTO share_mark (kind, key) SELECT 'mystery', 'series' WHERE EXISTS (SELECT 1 FROM share_site);
END;

-- Two benches may have numbered parcels with the same code.
DROP INDEX mystery_one_open_a_code;
CREATE UNIQUE INDEX mystery_one_open_a_code ON mystery (code)
  WHERE code <> '' AND linked_return_id = '' AND NOT closed AND number > 0;

-- What IT gave through the hub: the last version of each that can be read here, and a newer one that cannot.
CREATE TABLE published (
  kind       TEXT NOT NULL,
  scope      TEXT NOT NULL,
  version    INTEGER NOT NULL,        -- 0 where none can be read
  mark       TEXT NOT NULL,
  text       TEXT NOT NULL,
  given_by   TEXT NOT NULL,
  given_at   TEXT NOT NULL,
  refused    INTEGER NOT NULL,        -- 0 for none
  refused_at TEXT NOT NULL,           -- line and key
  wrong      TEXT NOT NULL,           -- why, as JSON: code and values
  PRIMARY KEY (kind, scope)
) STRICT, WITHOUT ROWID;

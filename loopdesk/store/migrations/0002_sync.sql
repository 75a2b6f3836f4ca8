-- Parcels that are on their way or were delivered lately. Older files fill it by their next nightly reading.
CREATE TABLE arrival (
  return_id       TEXT NOT NULL,
  tracking_number TEXT NOT NULL,
  carrier         TEXT NOT NULL,
  label           TEXT NOT NULL,  -- see domain/returns/arrivals.py
  label_at        TEXT NOT NULL,
  delivered_at    TEXT,
  seen_at         TEXT,           -- when it was scanned here
  PRIMARY KEY (return_id, tracking_number)
) STRICT, WITHOUT ROWID;
CREATE INDEX arrival_by_age ON arrival (label_at, label);

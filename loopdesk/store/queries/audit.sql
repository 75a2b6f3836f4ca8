-- name: last
SELECT
  coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'audit'), 0),
  coalesce((SELECT sha FROM audit ORDER BY seq DESC LIMIT 1), (SELECT audit_sha FROM store));

-- name: add
INSERT INTO audit (seq, at, event, operator, station, return_id, entry_id, detail, sha)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: of_return
SELECT seq, at, event, operator, station, return_id, entry_id, detail FROM audit
WHERE return_id = :return_id AND return_id <> '' ORDER BY seq DESC LIMIT :most;

-- name: sealed
SELECT seq, sha FROM audit WHERE return_id = ? AND return_id <> '' ORDER BY seq DESC LIMIT 1;

-- name: rows
SELECT seq, at, event, operator, station, return_id, entry_id, detail FROM audit
ORDER BY seq DESC LIMIT :most;

-- name: rows_of_event
SELECT seq, at, event, operator, station, return_id, entry_id, detail FROM audit
WHERE event = :event ORDER BY seq DESC LIMIT :most;

-- name: anchor
SELECT audit_from, audit_sha FROM store;

-- name: chain
SELECT seq, at, event, operator, station, return_id, entry_id, detail, sha FROM audit
WHERE seq > :after ORDER BY seq LIMIT :most;

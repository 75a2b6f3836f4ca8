-- name: any_table
SELECT count(*) FROM sqlite_schema;

-- name: self
SELECT store_id, generation FROM store;

-- name: bump
UPDATE store SET generation = generation + 1 RETURNING store_id, generation;

-- name: note_restored
UPDATE store SET restored = 1, generation = max(generation, :seen) + 1;

-- name: is_restored
SELECT restored FROM store;

-- name: begin_restoring
UPDATE store SET restoring = 1;

-- name: end_restoring
UPDATE store SET restoring = 0, restored = 0;

-- name: begin_purging
UPDATE store SET purging = 1;

-- name: end_purging
UPDATE store SET purging = 0;

-- name: old_settlements
SELECT s.number FROM settlement AS s
WHERE s.decided_at < :before
  AND NOT EXISTS (
    SELECT 1 FROM entry AS e
    WHERE e.return_id = s.return_id AND e.stage NOT IN ('done', 'superseded', 'withdrawn'))
  AND NOT EXISTS (SELECT 1 FROM entry AS e WHERE e.settlement = s.number AND e.moved_at >= :before)
ORDER BY s.decided_at LIMIT :most;

-- name: delete_entries
DELETE FROM entry WHERE settlement = ?;

-- name: delete_settlement
DELETE FROM settlement WHERE number = ?;

-- name: old_returns
SELECT r.number, r.return_id, coalesce(r.place, r.number) FROM return AS r
WHERE r.fetched_at < :before
  AND NOT EXISTS (
    SELECT 1 FROM entry AS e
    WHERE e.return_id = r.return_id AND e.stage NOT IN ('done', 'superseded', 'withdrawn'))
  AND NOT EXISTS (SELECT 1 FROM draft AS d WHERE d.return_id = r.return_id)
ORDER BY r.fetched_at LIMIT :most;

-- name: delete_return
DELETE FROM return WHERE number = ?;

-- name: delete_codes
DELETE FROM code WHERE return_id = ?;

-- name: delete_lines
DELETE FROM line WHERE return_id = ?;

-- name: delete_arrivals
DELETE FROM arrival WHERE return_id = ?;

-- name: last_old_audit
SELECT seq, sha FROM audit WHERE at < :before AND seq <= (SELECT min(seq) + :most FROM audit)
ORDER BY seq DESC LIMIT 1;

-- name: delete_audit
DELETE FROM audit WHERE seq <= :upto;

-- name: move_audit_anchor
UPDATE store SET audit_from = :upto, audit_sha = :sha;

-- name: photos_in_use
SELECT body FROM draft UNION ALL SELECT photo FROM mystery WHERE closed = 0;

-- name: settled_photos
SELECT number, draft FROM settlement WHERE number > :after ORDER BY number LIMIT :most;

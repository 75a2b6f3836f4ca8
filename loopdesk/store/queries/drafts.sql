-- name: get
SELECT body FROM draft WHERE return_id = ?;

-- name: save
INSERT INTO draft (return_id, body, parked, updated_at) VALUES (:return_id, :body, :parked, :updated_at)
ON CONFLICT (return_id) DO UPDATE
SET body = excluded.body, parked = excluded.parked, updated_at = excluded.updated_at;

-- name: delete
DELETE FROM draft WHERE return_id = ? RETURNING 1;

-- name: parked
SELECT body FROM draft WHERE parked ORDER BY updated_at DESC;

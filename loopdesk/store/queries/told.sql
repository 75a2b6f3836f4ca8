-- What a hub told.

-- name: mark
UPDATE return SET shop = ?, told = ? WHERE return_id = ?;

-- name: held
SELECT return_id, shop, told, CASE WHEN told = '' THEN body END, CASE WHEN told = '' THEN details END
FROM return WHERE return_id > :after ORDER BY return_id LIMIT :most;

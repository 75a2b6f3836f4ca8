-- What a hub told.

-- name: mark
UPDATE return SET shop = m.column1, told = m.column2 FROM (VALUES (?, ?, ?)) AS m WHERE return_id = m.column3;

-- name: held
SELECT return_id, shop, told, CASE WHEN told = '' THEN body END, CASE WHEN told = '' THEN details END
FROM return WHERE return_id > :after ORDER BY return_id LIMIT :most;

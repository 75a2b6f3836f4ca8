-- name: by_codes
SELECT c.code, c.kind, r.return_id, r.order_name, r.state
FROM json_each(:codes) AS wanted
JOIN code AS c ON c.code = wanted.value
JOIN return AS r ON r.return_id = c.return_id
ORDER BY r.updated_at DESC, r.return_id DESC, c.kind;

-- name: by_part
SELECT c.code, c.kind, r.return_id, r.order_name, r.state
FROM json_each(:parts) AS part
JOIN code AS c ON c.code = part.value
JOIN return AS r ON r.return_id = c.return_id
WHERE c.tail IS NOT NULL
ORDER BY length(c.code) DESC, r.updated_at DESC
LIMIT 20;

-- name: by_tail
SELECT c.code, c.kind, r.return_id, r.order_name, r.state
FROM code AS c JOIN return AS r ON r.return_id = c.return_id
WHERE c.tail >= :tail AND c.tail < :tail || char(0x10FFFF) AND c.tail IS NOT NULL
ORDER BY c.tail
LIMIT 20;

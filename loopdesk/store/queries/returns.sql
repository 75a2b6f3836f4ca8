-- name: known
SELECT r.return_id, r.number, r.place, r.body, r.is_details, r.has_details, r.details_at, r.updated_at, w.text
FROM json_each(:ids) AS wanted
JOIN return AS r ON r.return_id = wanted.value
LEFT JOIN word AS w ON w.rowid = coalesce(r.place, r.number);

-- name: last_number
SELECT coalesce(max(number), 0) FROM return;

-- name: add
INSERT INTO return (number, return_id, body, is_details, details_at, has_details, state, order_name,
                    provider_order_id, updated_at, fetched_at, shop)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: replace_by_details
UPDATE return SET body = :body, is_details = 1, details = NULL, details_at = :details_at, has_details = 1,
  state = :state, order_name = :order_name, provider_order_id = :provider_order_id,
  updated_at = :updated_at, fetched_at = :fetched_at, shop = coalesce(nullif(:shop, ''), shop), told = ''
WHERE return_id = :return_id;

-- name: replace_by_list
UPDATE return SET details = CASE WHEN is_details THEN body ELSE details END, body = :body, is_details = 0,
  state = :state, order_name = :order_name, provider_order_id = :provider_order_id,
  updated_at = :updated_at, fetched_at = :fetched_at, shop = coalesce(nullif(:shop, ''), shop), told = ''
WHERE return_id = :return_id;

-- name: add_old_details
UPDATE return SET details = :body, details_at = :details_at, has_details = 1, told = ''
WHERE return_id = :return_id AND NOT is_details;

-- name: touch
UPDATE return SET fetched_at = max(fetched_at, :fetched_at), shop = coalesce(nullif(:shop, ''), shop)
WHERE return_id = :return_id;

-- name: add_code
INSERT OR IGNORE INTO code (code, kind, return_id, tail) VALUES (?, ?, ?, ?);

-- name: add_line
INSERT OR IGNORE INTO line (line_item_id, return_id) VALUES (?, ?);

-- name: get
SELECT body, is_details, details, details_at, updated_at, fetched_at, shop FROM return WHERE return_id = ?;

-- name: siblings
SELECT return_id, order_name, state FROM return
WHERE return_id <> :return_id
  AND number IN (
    SELECT number FROM return WHERE order_name = :order_name AND order_name <> ''
    UNION
    SELECT number FROM return WHERE provider_order_id = :provider_order_id AND provider_order_id <> '')
ORDER BY updated_at DESC, return_id DESC;

-- name: return_of_line
SELECT return_id FROM line WHERE line_item_id = ? ORDER BY return_id DESC LIMIT 1;

-- name: count
SELECT returns FROM tally;

-- name: mark
INSERT INTO mark (name, value) VALUES (:name, :value) ON CONFLICT (name) DO UPDATE SET value = excluded.value;

-- name: marked
SELECT value FROM mark WHERE name = ?;

-- name: must_code
SELECT coded < coded_upto FROM tally;

-- name: uncoded
SELECT r.number, r.body, r.is_details
FROM tally AS t CROSS JOIN return AS r ON r.number > t.coded AND r.number <= t.coded_upto
ORDER BY r.number LIMIT :most;

-- name: set_coded
UPDATE tally SET coded = coalesce(:number, coded_upto);

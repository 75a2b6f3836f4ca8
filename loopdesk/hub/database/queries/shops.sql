-- Shops and their sealed keys.

-- name: all
SELECT shop.id, shop.name, shop.colour, shop_key.id AS key_id, shop_key.sealed, shop_key.fingerprint
FROM shop LEFT JOIN shop_key ON shop_key.shop_id = shop.id AND shop_key.ended_at IS NULL
ORDER BY shop.id;

-- name: fits
SELECT %(id)s ~ '^[a-z0-9][a-z0-9-]{0,39}$' AND %(colour)s ~ '^#[0-9a-f]{6}$' AS fits;

-- name: add
INSERT INTO shop (id, name, colour) VALUES (%(id)s, %(name)s, %(colour)s)
ON CONFLICT DO NOTHING RETURNING id;

-- name: lock
SELECT id FROM shop WHERE id = %(id)s FOR UPDATE;

-- name: end_key
UPDATE shop_key SET ended_at = clock_timestamp(), sealed = NULL WHERE shop_id = %(id)s AND ended_at IS NULL;

-- name: new_key
INSERT INTO shop_key (shop_id, fingerprint) VALUES (%(id)s, %(fingerprint)s) RETURNING id;

-- name: fill_key
UPDATE shop_key SET sealed = %(sealed)s, sealed_by = %(sealed_by)s WHERE id = %(id)s;

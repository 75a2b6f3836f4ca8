-- What the index is to read because somebody said that it changed.

-- name: add
INSERT INTO index_wish AS w (shop_id, return_id, hinted_at, due_at)
VALUES (%(shop)s, %(return_id)s, clock_timestamp(), clock_timestamp() + %(seconds)s * interval '1 second')
ON CONFLICT (shop_id, return_id) DO UPDATE
   SET hinted_at = greatest(w.hinted_at, EXCLUDED.hinted_at), due_at = least(w.due_at, EXCLUDED.due_at);

-- name: due
SELECT return_id FROM index_wish WHERE shop_id = %(shop)s AND due_at <= clock_timestamp()
 ORDER BY due_at LIMIT %(most)s;

-- name: now
SELECT clock_timestamp() AS at;

-- name: fulfil
DELETE FROM index_wish
 WHERE shop_id = %(shop)s AND return_id = ANY (%(return_ids)s::text[]) AND hinted_at < %(began)s;

-- name: put_off
UPDATE index_wish SET due_at = clock_timestamp() + %(seconds)s * interval '1 second'
 WHERE shop_id = %(shop)s AND return_id = ANY (%(return_ids)s::text[]);

-- name: drop_old
DELETE FROM index_wish WHERE hinted_at < clock_timestamp() - %(days)s * interval '1 day';

-- Answers of Loop that are kept, hints, and the shops in which returns were seen.

-- name: now
SELECT clock_timestamp() AS at;

-- name: known
SELECT clock_timestamp() AS at, c.shop_id AS shop, c.status, c.media, c.body, c.read_began AS began,
       CASE
           WHEN NOT %(hinted)s THEN NULL
           WHEN c.return_id IS NULL THEN (SELECT max(h.hint_at) FROM read_hint h WHERE h.shop_id = c.shop_id)
           ELSE (SELECT h.hint_at FROM read_hint h WHERE h.shop_id = c.shop_id AND h.return_id = c.return_id)
       END AS hint_at
  FROM (SELECT) AS one
  LEFT JOIN read_copy c ON c.target = %(target)s AND c.shop_id = ANY (%(shops)s::text[]);

-- name: keep
INSERT INTO read_copy AS c (target, shop_id, kind, return_id, status, media, body, read_began, ends_at)
VALUES (
    %(target)s, %(shop)s, %(kind)s, %(return_id)s, %(status)s, %(media)s, %(body)s, %(began)s,
    %(began)s + %(days)s * interval '1 day'
)
ON CONFLICT (target, shop_id) DO UPDATE
   SET status = EXCLUDED.status, media = EXCLUDED.media, body = EXCLUDED.body,
       read_began = EXCLUDED.read_began, ends_at = EXCLUDED.ends_at
 WHERE EXCLUDED.read_began > c.read_began;

-- name: hint
INSERT INTO read_hint AS h (shop_id, return_id, hint_at) VALUES (%(shop)s, %(return_id)s, clock_timestamp())
ON CONFLICT (shop_id, return_id) DO UPDATE SET hint_at = greatest(h.hint_at, EXCLUDED.hint_at);

-- name: forget
DELETE FROM read_copy
 WHERE (target, shop_id) IN (
     SELECT target, shop_id FROM read_copy WHERE ends_at < clock_timestamp()
     ORDER BY ends_at LIMIT 1000 FOR UPDATE SKIP LOCKED
 );

-- name: forget_hints
DELETE FROM read_hint
 WHERE (shop_id, return_id) IN (
     SELECT shop_id, return_id FROM read_hint WHERE hint_at < clock_timestamp() - interval '121 days'
     LIMIT 1000 FOR UPDATE SKIP LOCKED
 );

-- name: try_lock
SELECT pg_try_advisory_lock(%(room)s, %(key)s) AS taken;

-- name: unlock
SELECT pg_advisory_unlock(%(room)s, %(key)s) AS given;

-- name: seen
INSERT INTO return_home (return_id, shop_id)
SELECT unnest(%(return_ids)s::text[]), %(shop)s
ON CONFLICT DO NOTHING
RETURNING return_id;

-- name: elsewhere
SELECT return_id, array_agg(shop_id ORDER BY shop_id) AS shops FROM return_home
 WHERE return_id = ANY (%(return_ids)s::text[])
 GROUP BY return_id HAVING count(*) > 1;

-- name: homes
SELECT h.shop_id AS shop, c.shop_id IS NOT NULL AS is_chosen
  FROM return_home h
  LEFT JOIN return_home_choice c ON c.return_id = h.return_id AND c.shop_id = h.shop_id
 WHERE h.return_id = %(return_id)s AND h.shop_id = ANY (%(shops)s::text[])
 ORDER BY h.shop_id;

-- name: homes_of
SELECT shop_id AS shop FROM return_home WHERE return_id = %(return_id)s;

-- name: doubles
SELECT h.return_id, array_agg(h.shop_id ORDER BY h.shop_id) AS shops, c.shop_id AS chosen, c.chosen_by
  FROM return_home h
  LEFT JOIN return_home_choice c ON c.return_id = h.return_id
 GROUP BY h.return_id, c.shop_id, c.chosen_by HAVING count(*) > 1
 ORDER BY h.return_id;

-- name: choose_home
INSERT INTO return_home_choice (return_id, shop_id, chosen_by) VALUES (%(return_id)s, %(shop)s, %(by)s)
ON CONFLICT (return_id) DO UPDATE
   SET shop_id = EXCLUDED.shop_id, chosen_by = EXCLUDED.chosen_by, chosen_at = clock_timestamp();

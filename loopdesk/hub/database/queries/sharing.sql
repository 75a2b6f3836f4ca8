-- The feed of what benches share.

-- name: append
WITH taken AS (
    UPDATE shared_feed SET last = last + cardinality(%(keys)s::text[])
    RETURNING last - cardinality(%(keys)s::text[]) AS before
)
INSERT INTO shared_change AS c (kind, key, seq, shop_id, is_gone)
SELECT %(kind)s, one.key, taken.before + one.place, %(shop)s, %(gone)s
  FROM taken, unnest(%(keys)s::text[]) WITH ORDINALITY AS one (key, place)
ON CONFLICT (kind, key) DO UPDATE
   SET seq = EXCLUDED.seq, shop_id = EXCLUDED.shop_id, is_gone = EXCLUDED.is_gone,
       made_at = EXCLUDED.made_at
RETURNING seq;

-- name: extent
SELECT last, dropped, hub_generation() AS generation FROM shared_feed;

-- name: page
SELECT f.last, hub_generation() AS generation, c.seq, c.kind, c.key, c.shop_id AS shop, c.is_gone
  FROM shared_feed f
  LEFT JOIN LATERAL (
           SELECT * FROM shared_change WHERE seq > %(after)s ORDER BY seq LIMIT %(most)s
       ) c ON true
 ORDER BY c.seq;

-- name: take_counter
SELECT last FROM shared_feed FOR UPDATE;

-- name: drop_gone
WITH old AS (
    DELETE FROM shared_change
     WHERE is_gone AND made_at < clock_timestamp() - %(days)s * interval '1 day'
    RETURNING seq
)
UPDATE shared_feed SET dropped = greatest(dropped, (SELECT max(seq) FROM old)) WHERE EXISTS (SELECT FROM old);

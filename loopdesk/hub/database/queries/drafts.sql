-- Drafts of returns that are not settled.

-- name: take_turn
SELECT pg_advisory_xact_lock(hashtext('draft'), hashtext(%(key)s));

-- name: current
SELECT number, generation, content, lineage, ended, bench_id, turn, at, hub_generation() AS now
  FROM (SELECT) AS one
  LEFT JOIN draft ON shop_id = %(shop)s AND return_id = %(return_id)s;

-- name: put
INSERT INTO draft AS d (
    shop_id, return_id, number, generation, order_name, body, content, lineage, ended, bench_id, turn, person, at
) VALUES (
    %(shop)s, %(return_id)s, %(number)s, %(generation)s, %(order_name)s, %(body)s, %(content)s,
    %(lineage)s::text[], %(ended)s, %(bench)s, %(turn)s, %(person)s, %(at)s
)
ON CONFLICT (shop_id, return_id) DO UPDATE
   SET number = EXCLUDED.number, generation = EXCLUDED.generation, order_name = EXCLUDED.order_name,
       body = EXCLUDED.body, content = EXCLUDED.content, lineage = EXCLUDED.lineage, ended = EXCLUDED.ended,
       bench_id = EXCLUDED.bench_id, turn = EXCLUDED.turn, person = EXCLUDED.person, at = EXCLUDED.at,
       put_at = clock_timestamp();

-- name: told
SELECT d.shop_id AS shop, d.return_id, d.number, d.generation, d.order_name, d.body, d.content, d.lineage,
       d.ended, d.bench_id, b.name AS bench, d.turn, d.person, d.at
  FROM unnest(%(keys)s::text[]) AS wanted (key)
  JOIN draft d ON d.shop_id = split_part(wanted.key, ':', 1) AND d.return_id = split_part(wanted.key, ':', 2)
  JOIN bench b ON b.id = d.bench_id;

-- name: drop_ended
DELETE FROM draft
 WHERE ended IS NOT NULL AND put_at < clock_timestamp() - %(days)s * interval '1 day'
RETURNING shop_id AS shop, return_id;

-- Which return is open at which bench.

-- name: shown
SELECT shop_id AS shop, return_id, person, since FROM presence WHERE bench_id = %(bench)s FOR UPDATE;

-- name: show
INSERT INTO presence (bench_id, shop_id, return_id, order_name, person, since)
VALUES (%(bench)s, %(shop)s, %(return_id)s, %(order_name)s, %(person)s, %(since)s)
ON CONFLICT (bench_id) DO UPDATE
   SET shop_id = EXCLUDED.shop_id, return_id = EXCLUDED.return_id, order_name = EXCLUDED.order_name,
       person = EXCLUDED.person, since = EXCLUDED.since, beat = clock_timestamp();

-- name: hide
DELETE FROM presence WHERE bench_id = %(bench)s RETURNING bench_id, shop_id AS shop;

-- name: expire
DELETE FROM presence WHERE beat < clock_timestamp() - %(seconds)s * interval '1 second' RETURNING bench_id, shop_id AS shop;

-- name: told
SELECT p.bench_id, p.shop_id AS shop, b.name AS bench, p.return_id, p.order_name, p.person, p.since
  FROM unnest(%(keys)s::text[]) AS wanted (key)
  JOIN presence p ON p.bench_id = split_part(wanted.key, ':', 1)::uuid AND p.shop_id = split_part(wanted.key, ':', 2)
  JOIN bench b ON b.id = p.bench_id;

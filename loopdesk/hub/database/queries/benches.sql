-- Benches: who asks, who may join.

-- name: by_token
SELECT bench.id, bench.name, bench.revoked_at IS NOT NULL AS revoked, site.id AS site,
       CASE WHEN bench.every_shop THEN (SELECT coalesce(array_agg(id ORDER BY id), '{}') FROM shop)
            ELSE (SELECT coalesce(array_agg(shop_id ORDER BY shop_id), '{}')
                  FROM bench_shop WHERE bench_id = bench.id) END AS shops
FROM bench CROSS JOIN site
WHERE bench.token_hash = %(token_hash)s;

-- name: all
SELECT bench.id, bench.name, bench.every_shop, bench.added_at, bench.joined_at, bench.revoked_at,
       (SELECT coalesce(array_agg(shop_id ORDER BY shop_id), '{}') FROM bench_shop
        WHERE bench_id = bench.id) AS shops
FROM bench ORDER BY revoked_at NULLS FIRST, name;

-- name: by_name
SELECT id FROM bench WHERE name = %(name)s AND revoked_at IS NULL FOR UPDATE;

-- name: add
INSERT INTO bench (name, every_shop) VALUES (%(name)s, %(every_shop)s)
ON CONFLICT (name) WHERE revoked_at IS NULL DO NOTHING RETURNING id;

-- name: allow
INSERT INTO bench_shop (bench_id, shop_id) SELECT %(bench_id)s, id FROM shop WHERE id = %(shop_id)s
RETURNING shop_id;

-- name: revoke
UPDATE bench SET revoked_at = clock_timestamp() WHERE name = %(name)s AND revoked_at IS NULL RETURNING id;

-- name: end_codes
UPDATE join_code SET ends_at = clock_timestamp()
WHERE bench_id = %(bench_id)s AND used_at IS NULL AND ends_at > clock_timestamp();

-- name: new_code
INSERT INTO join_code (hash, bench_id, ends_at)
VALUES (%(hash)s, %(bench_id)s, clock_timestamp() + make_interval(mins => %(minutes)s));

-- name: use_code
UPDATE join_code SET used_at = clock_timestamp()
FROM bench
WHERE join_code.hash = %(hash)s AND used_at IS NULL AND ends_at > clock_timestamp()
  AND bench.id = join_code.bench_id AND bench.revoked_at IS NULL
RETURNING join_code.bench_id;

-- name: code
SELECT used_at, ends_at FROM join_code WHERE hash = %(hash)s;

-- name: joined
UPDATE bench SET token_hash = %(token_hash)s, joined_at = clock_timestamp() WHERE id = %(bench_id)s;

-- name: trusts
UPDATE bench SET trusts = %(trusts)s WHERE id = %(bench_id)s AND trusts IS DISTINCT FROM %(trusts)s;

-- name: not_trusting
SELECT name FROM bench
WHERE joined_at IS NOT NULL AND revoked_at IS NULL AND trusts IS DISTINCT FROM %(trusts)s ORDER BY name;

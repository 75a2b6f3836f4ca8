-- Benches: who asks, who may join.

-- name: by_token
SELECT bench.id, bench.name, bench.revoked_at IS NOT NULL AS revoked, site.id AS site,
       CASE WHEN bench.every_shop THEN (SELECT coalesce(array_agg(id ORDER BY id), '{}') FROM shop)
            ELSE (SELECT coalesce(array_agg(shop_id ORDER BY shop_id), '{}')
                  FROM bench_shop WHERE bench_id = bench.id) END AS shops
FROM bench CROSS JOIN site
WHERE bench.token_hash = %(token_hash)s;

-- The first fill of a bench, all in one snapshot.

-- name: snapshot
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY;

-- name: extents
SELECT feed.shop_id AS shop, feed.last, (SELECT hub_generation()) AS generation,
       (SELECT count(*) FROM return_copy c WHERE c.shop_id = feed.shop_id) AS rows
  FROM feed WHERE feed.shop_id = ANY (%(shops)s::text[]);

-- name: all
SELECT shop_id AS shop, return_id, body, is_details, details, mark, fetched_at, codes, parcels
  FROM told_return WHERE shop_id = ANY (%(shops)s::text[]);

-- The feed of changes.

-- name: append
WITH taken AS (
    UPDATE feed SET last = last + cardinality(%(return_ids)s::text[]) WHERE shop_id = %(shop)s
    RETURNING last - cardinality(%(return_ids)s::text[]) AS before
)
INSERT INTO change (shop_id, seq, return_id)
SELECT %(shop)s, taken.before + one.place, one.return_id
  FROM taken, unnest(%(return_ids)s::text[]) WITH ORDINALITY AS one (return_id, place)
RETURNING seq;

-- name: feeds
SELECT shop_id AS shop, last, dropped, hub_generation() AS generation
  FROM feed WHERE shop_id = ANY (%(shops)s::text[]);

-- name: page
SELECT made.shop_id AS shop, made.seq, made.return_id, told.body, told.is_details, told.details,
       told.mark, told.fetched_at, told.codes, told.parcels, (SELECT hub_generation()) AS generation
  FROM unnest(%(shops)s::text[], %(after)s::bigint[]) AS wanted (shop, after)
 CROSS JOIN LATERAL (
           SELECT * FROM change WHERE change.shop_id = wanted.shop AND change.seq > wanted.after
            ORDER BY change.seq LIMIT %(most)s
       ) made
  LEFT JOIN told_return told ON told.shop_id = made.shop_id AND told.return_id = made.return_id
 ORDER BY made.shop_id, made.seq;

-- How many changes are there in stretches of the feeds, where each number should be.
-- name: number_within
SELECT wanted.shop, count(change.seq) AS number
  FROM unnest(%(shops)s::text[], %(after)s::bigint[], %(upto)s::bigint[]) AS wanted (shop, after, upto)
  LEFT JOIN change ON change.shop_id = wanted.shop AND change.seq > wanted.after AND change.seq <= wanted.upto
 GROUP BY wanted.shop;

-- name: drop_old
WITH old AS (
    SELECT feed.shop_id, (
               SELECT max(seq) FROM change
                WHERE change.shop_id = feed.shop_id
                  AND made_at < clock_timestamp() - %(days)s * interval '1 day'
           ) AS upto
      FROM feed FOR UPDATE SKIP LOCKED
), marked AS (
    UPDATE feed SET dropped = old.upto FROM old
     WHERE feed.shop_id = old.shop_id AND old.upto > feed.dropped
    RETURNING feed.shop_id, feed.dropped
)
DELETE FROM change USING marked WHERE change.shop_id = marked.shop_id AND change.seq <= marked.dropped;

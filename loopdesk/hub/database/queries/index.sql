-- What the hub knows of the returns of a shop. Every write is for the term of the shop's leader.

-- name: known
SELECT return_id, body, is_details, details, details_at, has_details, updated_at, fetched_at
  FROM return_copy WHERE shop_id = %(shop)s AND return_id = ANY (%(return_ids)s::text[])
 ORDER BY return_id FOR UPDATE;

-- name: get
SELECT body, is_details, details, details_at, updated_at, fetched_at
  FROM return_copy WHERE shop_id = %(shop)s AND return_id = %(return_id)s;

-- name: put
INSERT INTO return_copy (shop_id, return_id, body, is_details, details, details_at, has_details, mark,
                         updated_at, fetched_at)
VALUES (%(shop)s, %(return_id)s, %(body)s, %(is_details)s, %(details)s, %(details_at)s, %(has_details)s,
        %(mark)s, %(updated_at)s, %(fetched_at)s)
ON CONFLICT (shop_id, return_id) DO UPDATE
   SET body = EXCLUDED.body, is_details = EXCLUDED.is_details, details = EXCLUDED.details,
       details_at = EXCLUDED.details_at, has_details = EXCLUDED.has_details, mark = EXCLUDED.mark,
       updated_at = EXCLUDED.updated_at, fetched_at = EXCLUDED.fetched_at;

-- name: count
SELECT count(*) AS n FROM return_copy WHERE shop_id = %(shop)s;

-- name: add_lines
INSERT INTO return_line (shop_id, line_item_id, return_id)
SELECT %(shop)s, line.line_item_id, line.return_id
  FROM unnest(%(line_item_ids)s::text[], %(return_ids)s::text[]) AS line (line_item_id, return_id)
 ORDER BY 2, 3
ON CONFLICT DO NOTHING;

-- name: owners
SELECT line_item_id, return_id FROM return_line
 WHERE shop_id = %(shop)s AND line_item_id = ANY (%(line_item_ids)s::text[])
 ORDER BY line_item_id, return_id;

-- name: add_codes
INSERT INTO return_code (shop_id, return_id, code, kind)
SELECT %(shop)s, given.return_id, given.code, given.kind
  FROM unnest(%(return_ids)s::text[], %(codes)s::text[], %(kinds)s::text[]) AS given (return_id, code, kind)
 ORDER BY 2, 3, 4
ON CONFLICT DO NOTHING
RETURNING return_id;

-- name: drop_parcels
DELETE FROM return_parcel
 WHERE shop_id = %(shop)s AND return_id = %(return_id)s
   AND NOT tracking_number = ANY (%(tracking_numbers)s::text[]);

-- name: put_parcel
INSERT INTO return_parcel AS known (shop_id, return_id, tracking_number, carrier, label, label_at, delivered_at)
VALUES (%(shop)s, %(return_id)s, %(tracking_number)s, %(carrier)s, %(label)s, %(label_at)s, %(delivered_at)s)
ON CONFLICT (shop_id, return_id, tracking_number) DO UPDATE
   SET carrier = EXCLUDED.carrier,
       label = CASE WHEN known.label_at > EXCLUDED.label_at THEN known.label ELSE EXCLUDED.label END,
       label_at = greatest(known.label_at, EXCLUDED.label_at),
       delivered_at = coalesce(known.delivered_at, EXCLUDED.delivered_at);

-- name: announce
INSERT INTO return_parcel AS known (shop_id, return_id, tracking_number, carrier, label, label_at, delivered_at)
VALUES (%(shop)s, %(return_id)s, %(tracking_number)s, %(carrier)s, %(label)s, %(label_at)s, %(delivered_at)s)
ON CONFLICT (shop_id, return_id, tracking_number) DO UPDATE
   SET label = CASE WHEN known.label_at > EXCLUDED.label_at THEN known.label ELSE EXCLUDED.label END,
       label_at = greatest(known.label_at, EXCLUDED.label_at),
       delivered_at = coalesce(EXCLUDED.delivered_at, known.delivered_at)
 WHERE (known.label, known.label_at, known.delivered_at) IS DISTINCT FROM
       (EXCLUDED.label, EXCLUDED.label_at, coalesce(EXCLUDED.delivered_at, known.delivered_at))
RETURNING return_id;

-- What a bench finishes, or has finished, is not looked at ahead of it any more.
-- name: to_fetch
SELECT c.return_id, c.updated_at
  FROM return_parcel p JOIN return_copy c USING (shop_id, return_id)
 WHERE p.shop_id = %(shop)s AND p.label_at >= %(since)s AND p.label = ANY (%(labels)s::text[])
   AND NOT c.is_details
   AND (NOT c.has_details
        OR c.details_at IS DISTINCT FROM c.updated_at AND p.label IN ('out_for_delivery', 'delivered'))
   AND NOT EXISTS (SELECT FROM return_claim claim
                    WHERE (claim.shop_id, claim.return_id) = (c.shop_id, c.return_id)
                      AND (claim.ended_as IS NULL OR claim.ended_as = 'effect'))
 GROUP BY c.return_id, c.updated_at
 ORDER BY min(CASE p.label WHEN 'out_for_delivery' THEN 0 WHEN 'delivered' THEN 1 ELSE 2 END),
       max(p.label_at) DESC
 LIMIT %(most)s;

-- name: forget
DELETE FROM return_parcel WHERE shop_id = %(shop)s AND label_at < %(before)s;

-- name: mark
INSERT INTO index_mark (shop_id, name, value) VALUES (%(shop)s, %(name)s, %(value)s)
ON CONFLICT (shop_id, name) DO UPDATE SET value = EXCLUDED.value;

-- name: marked
SELECT value FROM index_mark WHERE shop_id = %(shop)s AND name = %(name)s;

-- name: synced
SELECT feed.shop_id AS shop, feed.last, known.value AS synced_at
  FROM feed LEFT JOIN index_mark known ON known.shop_id = feed.shop_id AND known.name = 'synced_until'
 WHERE feed.shop_id = ANY (%(shops)s::text[])
 ORDER BY feed.shop_id;

-- name: alone
SELECT pg_advisory_xact_lock(2, lead_key(%(shop)s));

-- name: with_parcel
SELECT return_id FROM return_parcel WHERE shop_id = %(shop)s AND tracking_number = %(tracking_number)s
 ORDER BY return_id;

-- Webhooks: taken in, applied, counted, ended.

-- name: shop
SELECT EXISTS (SELECT FROM shop WHERE id = %(shop_id)s) AS there;

-- name: secrets
SELECT sealed FROM webhook_secret
WHERE shop_id = %(shop_id)s AND topic = %(topic)s AND ended_at IS NULL
ORDER BY id DESC;

-- name: secrets_shown
SELECT topic, trigger FROM webhook_secret
WHERE shop_id = %(shop_id)s AND ended_at IS NULL
GROUP BY topic, trigger ORDER BY topic, trigger;

-- name: add_secret
INSERT INTO webhook_secret (shop_id, topic, trigger, sealed)
VALUES (%(shop_id)s, %(topic)s, %(trigger)s, %(sealed)s);

-- name: end_secrets
UPDATE webhook_secret SET ended_at = clock_timestamp()
WHERE shop_id = %(shop_id)s AND topic = %(topic)s AND trigger = %(trigger)s AND ended_at IS NULL
  AND id NOT IN (
      SELECT id FROM webhook_secret
      WHERE shop_id = %(shop_id)s AND topic = %(topic)s AND trigger = %(trigger)s AND ended_at IS NULL
      ORDER BY id DESC LIMIT %(kept)s
  );

-- name: take_in
WITH fresh AS (
    INSERT INTO webhook (shop_id, topic, trigger, subject, body_hash, return_id, sealed)
    VALUES (%(shop_id)s, %(topic)s, %(trigger)s, %(subject)s, %(body_hash)s, %(return_id)s, %(sealed)s)
    ON CONFLICT DO NOTHING
    RETURNING id
), again AS (
    INSERT INTO webhook_repeat (webhook_id)
    SELECT id FROM webhook
    WHERE shop_id = %(shop_id)s AND topic = %(topic)s AND trigger = %(trigger)s AND subject = %(subject)s
      AND body_hash = %(body_hash)s AND NOT EXISTS (SELECT FROM fresh)
)
SELECT EXISTS (SELECT FROM fresh) AS is_fresh;

-- name: due
SELECT id, shop_id, topic, return_id, sealed, body_hash, arrived_at FROM webhook
WHERE applied_at IS NULL AND (next_try_at IS NULL OR next_try_at <= clock_timestamp())
ORDER BY id
LIMIT %(most)s
FOR NO KEY UPDATE SKIP LOCKED;

-- name: repeats
WITH taken AS (
    DELETE FROM webhook_repeat WHERE id IN (
        SELECT id FROM webhook_repeat ORDER BY id LIMIT %(most)s FOR UPDATE SKIP LOCKED
    )
    RETURNING webhook_id
)
SELECT DISTINCT shop_id, return_id FROM webhook WHERE id IN (SELECT webhook_id FROM taken) AND return_id <> '';

-- name: applied
UPDATE webhook SET applied_at = clock_timestamp(), next_try_at = NULL, trouble = %(trouble)s WHERE id = ANY (%(ids)s);

-- name: put_off
UPDATE webhook
SET tries = tries + 1, trouble = %(trouble)s,
    next_try_at = clock_timestamp() + least(600, power(2, least(tries, 10))) * interval '1 second'
WHERE id = %(id)s;

-- name: write_labels
INSERT INTO webhook_label AS known (shop_id, tracking_number, return_id, carrier, status, updated_at)
SELECT * FROM unnest(
    %(shops)s::text[], %(numbers)s::text[], %(returns)s::text[], %(carriers)s::text[], %(statuses)s::text[],
    %(times)s::timestamptz[]
)
ON CONFLICT (shop_id, tracking_number, return_id) DO UPDATE
SET carrier = EXCLUDED.carrier, status = EXCLUDED.status, updated_at = EXCLUDED.updated_at,
    told_at = EXCLUDED.told_at
WHERE known.updated_at IS NULL OR EXCLUDED.updated_at >= known.updated_at;

-- name: write_failures
INSERT INTO webhook_failure (webhook_id, shop_id, return_id, state, message, source, told_at)
SELECT webhook.id, shop_id, return_id, n.state, n.message, n.source, arrived_at
FROM unnest(%(webhooks)s::bigint[], %(states)s::text[], %(messages)s::text[], %(sources)s::text[])
    AS n (id, state, message, source)
JOIN webhook USING (id)
ORDER BY webhook.id
ON CONFLICT (webhook_id) DO NOTHING;

-- name: count
INSERT INTO webhook_tally AS known (shop_id, topic, ending, hour, number, last_at)
SELECT shop_id, topic, ending, date_trunc('hour', clock_timestamp()), number, clock_timestamp()
FROM unnest(%(shops)s::text[], %(topics)s::text[], %(endings)s::text[], %(numbers)s::bigint[])
    AS n (shop_id, topic, ending, number)
ORDER BY shop_id, topic, ending
ON CONFLICT (shop_id, topic, ending, hour) DO UPDATE
SET number = known.number + EXCLUDED.number, last_at = EXCLUDED.last_at;

-- name: tallies
SELECT shop_id, topic, ending, sum(number)::bigint AS number, max(last_at) AS last_at
FROM webhook_tally WHERE hour >= clock_timestamp() - interval '25 hours'
GROUP BY shop_id, topic, ending ORDER BY shop_id, topic, ending;

-- name: backlog
SELECT count(*) AS number, coalesce(extract(epoch FROM clock_timestamp() - min(arrived_at)), 0)::float8 AS oldest,
       count(*) FILTER (WHERE trouble IS NOT NULL) AS stuck
FROM webhook WHERE applied_at IS NULL;

-- name: arrivals
SELECT shop.id AS shop_id,
       EXISTS (SELECT FROM webhook_secret AS secret WHERE secret.shop_id = shop.id AND ended_at IS NULL) AS expects,
       last.at AS last_at,
       (SELECT min(ended_at) FROM action
        WHERE action.shop_id = shop.id AND proof = 'accepted' AND return_id <> ''
          AND kind IN ('process', 'remove', 'cancel', 'close', 'flag')
          AND ended_at > coalesce(last.at, clock_timestamp() - interval '14 days')) AS changed_at,
       clock_timestamp() AS now
FROM shop
LEFT JOIN LATERAL (SELECT max(arrived_at) AS at FROM webhook WHERE webhook.shop_id = shop.id) AS last ON true
ORDER BY shop.id;

-- name: end_old
WITH webhooks AS (
    DELETE FROM webhook WHERE id IN (
        SELECT id FROM webhook WHERE arrived_at < clock_timestamp() - interval '14 days' LIMIT %(most)s
    ) RETURNING applied_at
), failures AS (
    DELETE FROM webhook_failure WHERE told_at < clock_timestamp() - interval '120 days'
), labels AS (
    DELETE FROM webhook_label WHERE told_at < clock_timestamp() - interval '120 days'
), tallies AS (
    DELETE FROM webhook_tally WHERE hour < clock_timestamp() - interval '90 days'
)
SELECT count(*) AS number, count(*) FILTER (WHERE applied_at IS NULL) AS unapplied FROM webhooks;

-- name: failures_for
SELECT failure.id, failure.shop_id, failure.return_id, last.entry_id, failure.state, failure.message,
       failure.source, failure.told_at
FROM webhook_failure AS failure
JOIN LATERAL (
    SELECT bench_id, entry_id FROM action
    WHERE action.shop_id = failure.shop_id AND action.return_id = failure.return_id
      AND kind IN ('process', 'remove') AND stage IN ('answered', 'unknown') AND proof IS DISTINCT FROM 'refused'
      AND sent_at <= failure.told_at
    ORDER BY sent_at DESC LIMIT 1
) AS last ON last.bench_id = %(bench_id)s
WHERE failure.id > %(after)s
ORDER BY failure.id
LIMIT %(most)s;

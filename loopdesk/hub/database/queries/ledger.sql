-- The ledger: attempts and claims.

-- One act after the other on an entry, and on a return. Always the entry's lock first.
-- name: lock_entry
SELECT pg_advisory_xact_lock(1281319017, hashtext(%(entry_id)s));

-- name: lock_return
SELECT pg_advisory_xact_lock(1281319018, hashtext(%(shop_id)s || ' ' || %(return_id)s));

-- name: now
SELECT clock_timestamp() AS now, hub_generation() AS generation, known.generation AS noticed, known.since
FROM (VALUES (1)) AS one (row) LEFT JOIN ledger_generation AS known ON true;

-- Another generation than the one that was noticed is that of an older copy, from whichever process sees it first.
-- name: notice
INSERT INTO ledger_generation AS known (generation) VALUES (hub_generation())
ON CONFLICT (single) DO UPDATE SET generation = excluded.generation, since = clock_timestamp()
WHERE known.generation <> excluded.generation;

-- name: attempts
SELECT entry_id, n, bench_id, shop_id, return_id, kind, payload_sha, stage, owner, exchange, person,
       reserved_at, sent_at, ended_at, proof, status, headers, body,
       stage IN ('reserved', 'sending') AND owner_is_alive(owner) AS lives
FROM action WHERE entry_id = %(entry_id)s ORDER BY n;

-- name: claims
SELECT shop_id, return_id, entry_id, bench_id, station, person, kind, taken_at, look_at, looks, stale_at,
       ended_at, ended_as, ended_by
FROM return_claim WHERE shop_id = %(shop_id)s AND return_id = %(return_id)s;

-- name: put_attempt
INSERT INTO action (entry_id, n, bench_id, shop_id, return_id, kind, payload_sha, stage, owner, exchange,
                    person, reserved_at, sent_at, ended_at, proof, status, headers, body)
VALUES (%(entry_id)s, %(n)s, %(bench_id)s, %(shop_id)s, %(return_id)s, %(kind)s, %(payload_sha)s, %(stage)s,
        %(owner)s, %(exchange)s, %(person)s, %(reserved_at)s, %(sent_at)s, %(ended_at)s, %(proof)s,
        %(status)s, %(headers)s, %(body)s)
ON CONFLICT (entry_id, n) DO UPDATE SET
    stage = excluded.stage, owner = excluded.owner, exchange = excluded.exchange,
    sent_at = excluded.sent_at, ended_at = excluded.ended_at, proof = excluded.proof,
    status = excluded.status, headers = excluded.headers, body = excluded.body;

-- A later attempt says as well that an earlier one is not to be sent any more.
-- name: forget_unsent
DELETE FROM action WHERE entry_id = %(entry_id)s AND n < %(n)s AND stage = 'unsent';

-- name: put_claim
INSERT INTO return_claim (shop_id, return_id, entry_id, bench_id, station, person, kind, taken_at, look_at,
                          looks, stale_at, ended_at, ended_as, ended_by)
VALUES (%(shop_id)s, %(return_id)s, %(entry_id)s, %(bench_id)s, %(station)s, %(person)s, %(kind)s,
        %(taken_at)s, %(look_at)s, %(looks)s, %(stale_at)s, %(ended_at)s, %(ended_as)s, %(ended_by)s)
ON CONFLICT (shop_id, return_id, entry_id) DO UPDATE SET
    station = excluded.station, person = excluded.person, kind = excluded.kind,
    taken_at = excluded.taken_at, look_at = excluded.look_at, looks = excluded.looks,
    stale_at = excluded.stale_at, ended_at = excluded.ended_at, ended_as = excluded.ended_as,
    ended_by = excluded.ended_by;

-- What a process that is gone, or lost its lock for a moment, had under way; and what this one had.
-- name: under_way
SELECT entry_id, n, owner, exchange FROM action
WHERE stage IN ('reserved', 'sending') AND (owner = %(owner)s OR NOT owner_is_alive(owner))
ORDER BY entry_id, n;

-- The returns whose turn it is, each for one process: whoever takes them looks within half a minute.
-- name: take_looks
UPDATE return_claim AS claim SET look_at = clock_timestamp() + interval '30 seconds'
FROM (SELECT shop_id, return_id, entry_id FROM return_claim
      WHERE ended_at IS NULL AND look_at <= clock_timestamp()
      ORDER BY look_at LIMIT %(most)s FOR UPDATE SKIP LOCKED) AS due
WHERE (claim.shop_id, claim.return_id, claim.entry_id) = (due.shop_id, due.return_id, due.entry_id)
RETURNING claim.shop_id, claim.return_id, claim.entry_id, claim.bench_id;

-- name: open_claims
SELECT return_id, entry_id, bench_id FROM return_claim
WHERE shop_id = %(shop_id)s AND return_id = ANY (%(return_ids)s::text[]) AND ended_at IS NULL;

-- Something changed about a return: whoever claimed it may have come through. Who decides about it right now
-- is not waited for.
-- name: look_soon
UPDATE return_claim AS claim SET look_at = clock_timestamp()
FROM (SELECT entry_id FROM return_claim
      WHERE shop_id = %(shop_id)s AND return_id = %(return_id)s AND ended_at IS NULL
        AND look_at > clock_timestamp()
      FOR UPDATE SKIP LOCKED) AS due
WHERE claim.shop_id = %(shop_id)s AND claim.return_id = %(return_id)s AND claim.entry_id = due.entry_id;

-- name: of_revoked
SELECT claim.shop_id, claim.return_id, claim.entry_id
FROM return_claim AS claim JOIN bench ON bench.id = claim.bench_id
WHERE claim.ended_at IS NULL AND claim.stale_at IS NULL AND bench.revoked_at IS NOT NULL;

-- name: all_open
SELECT shop_id, return_id, entry_id, station, person, kind, taken_at, stale_at
FROM return_claim WHERE ended_at IS NULL ORDER BY taken_at;

-- name: counts
SELECT count(*) FILTER (WHERE stale_at IS NULL) AS open, count(*) FILTER (WHERE stale_at IS NOT NULL) AS stale
FROM return_claim WHERE ended_at IS NULL;

-- What has been kept for long enough. Rows that somebody works on are left for the next time.
-- name: end_words
WITH ended AS (
    UPDATE action SET headers = NULL, body = NULL
    WHERE (entry_id, n) IN (
        SELECT entry_id, n FROM action
        WHERE body IS NOT NULL AND ended_at < clock_timestamp() - %(days)s * interval '1 day'
        ORDER BY ended_at LIMIT %(most)s FOR UPDATE SKIP LOCKED
    ) RETURNING 1
)
SELECT count(*) AS number FROM ended;

-- name: end_attempts
WITH ended AS (
    DELETE FROM action
    WHERE (entry_id, n) IN (
        SELECT entry_id, n FROM action
        WHERE ended_at < clock_timestamp() - %(days)s * interval '1 day'
          AND (stage = 'unsent' OR (stage = 'answered' AND proof <> 'unclear'))
          AND NOT EXISTS (SELECT FROM return_claim AS claim
                          WHERE (claim.shop_id, claim.return_id) = (action.shop_id, action.return_id)
                            AND claim.ended_at IS NULL)
        ORDER BY ended_at LIMIT %(most)s FOR UPDATE SKIP LOCKED
    ) RETURNING 1
)
SELECT count(*) AS number FROM ended;

-- name: end_claims
WITH ended AS (
    DELETE FROM return_claim
    WHERE (shop_id, return_id, entry_id) IN (
        SELECT shop_id, return_id, entry_id FROM return_claim
        WHERE ended_at < clock_timestamp() - %(days)s * interval '1 day'
        ORDER BY ended_at LIMIT %(most)s FOR UPDATE SKIP LOCKED
    ) RETURNING 1
)
SELECT count(*) AS number FROM ended;

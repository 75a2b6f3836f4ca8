-- The request budget of shops: migration 0003 has the function that deals.

-- name: turn
SELECT granted, look_in, was_known FROM budget_turn(
    %(shop)s, %(owner)s, %(numbers)s::bigint[], %(benches)s::uuid[], %(klasses)s::smallint[],
    %(patience)s::double precision[], %(given_up)s::bigint[]
);

-- name: throttled
SELECT budget_throttled(%(shop)s, %(retry_after)s);

-- name: set_pace
INSERT INTO budget_bucket (shop_id, per_second, burst, slow_seconds, tokens, counted_at)
VALUES (%(shop)s, %(per_second)s, %(burst)s, %(slow_seconds)s, %(burst)s / 2, clock_timestamp())
ON CONFLICT (shop_id) DO UPDATE
   SET per_second = EXCLUDED.per_second, burst = EXCLUDED.burst, slow_seconds = EXCLUDED.slow_seconds;

-- name: state
SELECT b.shop_id AS shop, b.per_second, b.burst, budget_tokens(b, clock_timestamp()) AS tokens,
       clock_timestamp() < b.slow_until AS is_slow,
       (SELECT count(*) FROM budget_wish w WHERE w.shop_id = b.shop_id AND w.granted_at IS NULL) AS waiting
  FROM budget_bucket b
 ORDER BY b.shop_id;

-- name: forget_silent
WITH gone AS (
    DELETE FROM budget_asker WHERE heard_at < clock_timestamp() - interval '10 minutes' RETURNING owner
)
DELETE FROM budget_wish USING gone WHERE budget_wish.owner = gone.owner;

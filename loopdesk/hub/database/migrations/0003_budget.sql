-- The request budget: one bucket a shop, wishes as rows, and the one function that deals.
-- The rules, in words and as a plain function, are those of hub/budget/dealing.py; a test compares the two.

CREATE TABLE budget_class (
    klass smallint PRIMARY KEY,
    floor double precision NOT NULL,
    weight double precision NOT NULL
);
INSERT INTO budget_class (klass, floor, weight) VALUES (0, 0, 1), (1, 1, 8), (2, 2, 4), (3, 4, 4), (4, 12, 1);

CREATE TABLE budget_bucket (
    shop_id text PRIMARY KEY REFERENCES shop ON DELETE CASCADE,
    per_second double precision NOT NULL DEFAULT 4 CHECK (per_second > 0),
    burst double precision NOT NULL DEFAULT 30 CHECK (burst >= 1),
    slow_seconds double precision NOT NULL DEFAULT 60 CHECK (slow_seconds >= 0),
    tokens double precision NOT NULL,
    counted_at timestamptz NOT NULL,
    slow_until timestamptz NOT NULL DEFAULT 'epoch',
    reached double precision NOT NULL DEFAULT 0
) WITH (fillfactor = 50);

CREATE TABLE budget_class_pass (
    shop_id text NOT NULL REFERENCES budget_bucket ON DELETE CASCADE,
    klass smallint NOT NULL REFERENCES budget_class,
    pass double precision NOT NULL DEFAULT 0,
    benches_reached double precision NOT NULL DEFAULT 0,
    PRIMARY KEY (shop_id, klass)
) WITH (fillfactor = 50);

CREATE TABLE budget_bench_pass (
    shop_id text NOT NULL REFERENCES budget_bucket ON DELETE CASCADE,
    klass smallint NOT NULL,
    bench_id uuid NOT NULL,
    pass double precision NOT NULL,
    PRIMARY KEY (shop_id, klass, bench_id)
) WITH (fillfactor = 50);

-- What waits. Lost in a crash of PostgreSQL, and then wished for again: what the bucket gave stays given.
CREATE UNLOGGED TABLE budget_wish (
    owner bigint NOT NULL,
    number bigint NOT NULL,
    shop_id text NOT NULL,
    bench_id uuid NOT NULL,
    klass smallint NOT NULL,
    asked_at timestamptz NOT NULL,
    until timestamptz NOT NULL,
    granted_at timestamptz,
    PRIMARY KEY (owner, number)
);
CREATE INDEX budget_wish_waiting ON budget_wish (shop_id, klass) WHERE granted_at IS NULL;

-- Which processes still ask. What a silent one wished for is dealt to nobody.
CREATE UNLOGGED TABLE budget_asker (
    owner bigint PRIMARY KEY,
    heard_at timestamptz NOT NULL
);

CREATE FUNCTION budget_tokens(bucket budget_bucket, at timestamptz) RETURNS double precision
LANGUAGE sql IMMUTABLE AS $$
    SELECT least(bucket.burst, bucket.tokens + bucket.per_second * (
        greatest(0, extract(epoch FROM at - bucket.counted_at)::double precision)
        - least(
            greatest(0, extract(epoch FROM at - bucket.counted_at)::double precision),
            greatest(0, extract(epoch FROM bucket.slow_until - bucket.counted_at)::double precision)
        ) / 2
    ))
$$;

-- Grants what the tokens allow, and says in how many seconds another look is worth it: NULL if nobody waits,
-- a hundredth if another process deals at this moment.
CREATE FUNCTION budget_deal(the_shop text, asker bigint, at timestamptz DEFAULT NULL)
RETURNS double precision LANGUAGE plpgsql AS $$
DECLARE
    bucket budget_bucket;
    now_at timestamptz;
    was_put_back boolean;
    claim record;
    wish record;
    is_able boolean;
    short double precision;
    given integer := 0;
    others bigint[] := '{}';
    other bigint;
BEGIN
    SELECT * INTO bucket FROM budget_bucket WHERE shop_id = the_shop FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN 0.01;
    END IF;
    now_at := coalesce(at, clock_timestamp());
    was_put_back := now_at < bucket.counted_at;
    bucket.tokens := budget_tokens(bucket, now_at);
    bucket.counted_at := now_at;
    bucket.slow_until := least(bucket.slow_until, now_at + bucket.slow_seconds * interval '1 second');
    LOOP
        is_able := false;
        short := NULL;
        FOR claim IN
            SELECT w.klass, c.weight, w.is_late,
                   greatest(coalesce(p.pass, 0), bucket.reached) AS start,
                   coalesce(p.benches_reached, 0) AS benches_reached,
                   1 + CASE WHEN w.is_late THEN least(c.floor, 4) ELSE c.floor END * bucket.burst / 30
                       - bucket.tokens AS short
              FROM (
                    SELECT klass, min(asked_at) <= now_at - interval '3 seconds' AS is_late
                      FROM budget_wish JOIN budget_asker a USING (owner)
                     WHERE shop_id = the_shop AND granted_at IS NULL AND until > now_at
                       AND a.heard_at > now_at - interval '5 seconds'
                     GROUP BY klass
                   ) w
              JOIN budget_class c USING (klass)
              LEFT JOIN budget_class_pass p ON p.shop_id = the_shop AND p.klass = w.klass
             ORDER BY w.klass <> 0, start, w.klass
        LOOP
            short := least(short, claim.short);
            is_able := claim.short <= 0;
            EXIT WHEN is_able OR claim.is_late;
        END LOOP;
        EXIT WHEN NOT is_able;
        SELECT w.owner, w.number, w.bench_id,
               greatest(coalesce(b.pass, 0), claim.benches_reached) AS start
          INTO wish
          FROM budget_wish w
          JOIN budget_asker a USING (owner)
          LEFT JOIN budget_bench_pass b
                 ON b.shop_id = the_shop AND b.klass = w.klass AND b.bench_id = w.bench_id
         WHERE w.shop_id = the_shop AND w.klass = claim.klass AND w.granted_at IS NULL
           AND w.until > now_at AND a.heard_at > now_at - interval '5 seconds'
         ORDER BY start, w.asked_at, w.number, w.owner
         LIMIT 1
           FOR UPDATE OF w SKIP LOCKED;
        EXIT WHEN NOT FOUND;
        UPDATE budget_wish SET granted_at = now_at WHERE owner = wish.owner AND number = wish.number;
        bucket.tokens := bucket.tokens - 1;
        given := given + 1;
        IF claim.klass <> 0 THEN
            bucket.reached := claim.start;
        END IF;
        INSERT INTO budget_class_pass AS p (shop_id, klass, pass, benches_reached)
        VALUES (
            the_shop, claim.klass,
            CASE WHEN claim.klass = 0 THEN 0 ELSE claim.start + 1 / claim.weight END, wish.start
        )
        ON CONFLICT (shop_id, klass) DO UPDATE
           SET pass = EXCLUDED.pass, benches_reached = EXCLUDED.benches_reached;
        INSERT INTO budget_bench_pass AS b (shop_id, klass, bench_id, pass)
        VALUES (the_shop, claim.klass, wish.bench_id, wish.start + 1)
        ON CONFLICT (shop_id, klass, bench_id) DO UPDATE SET pass = EXCLUDED.pass;
        IF wish.owner <> asker AND NOT wish.owner = ANY (others) THEN
            others := others || wish.owner;
        END IF;
    END LOOP;
    IF given > 0 OR was_put_back THEN
        UPDATE budget_bucket
           SET tokens = bucket.tokens, counted_at = now_at, slow_until = bucket.slow_until,
               reached = bucket.reached
         WHERE shop_id = the_shop;
    END IF;
    FOREACH other IN ARRAY others LOOP
        PERFORM pg_notify('loopdesk_budget', other::text);
    END LOOP;
    IF short IS NULL THEN
        RETURN NULL;
    END IF;
    RETURN greatest(0, short / (
        CASE WHEN now_at < bucket.slow_until THEN bucket.per_second / 2 ELSE bucket.per_second END
    ));
END
$$;

-- One turn of a process: takes back what nobody waits for any more, adds what is new, deals, and returns the
-- numbers that were granted to it. The first row has no number. It says when to look again, and whether this
-- process was known: if not, its earlier wishes are lost.
CREATE FUNCTION budget_turn(
    the_shop text, asker bigint, numbers bigint[], benches uuid[], klasses smallint[],
    patience double precision[], given_up bigint[]
)
RETURNS TABLE (granted bigint, look_in double precision, was_known boolean) LANGUAGE plpgsql AS $$
DECLARE
    now_at timestamptz := clock_timestamp();
    next_look double precision;
    knows_asker boolean := EXISTS (SELECT FROM budget_asker WHERE owner = asker);
BEGIN
    INSERT INTO budget_asker AS a (owner, heard_at) VALUES (asker, now_at)
    ON CONFLICT (owner) DO UPDATE SET heard_at = now_at WHERE a.heard_at < now_at - interval '1 second';
    DELETE FROM budget_wish WHERE owner = asker AND number = ANY (given_up);
    INSERT INTO budget_wish (owner, number, shop_id, bench_id, klass, asked_at, until)
    SELECT asker, n.number, the_shop, n.bench_id, n.klass, now_at, now_at + n.patience * interval '1 second'
      FROM unnest(numbers, benches, klasses, patience) AS n (number, bench_id, klass, patience)
    ON CONFLICT (owner, number) DO NOTHING;
    IF NOT EXISTS (SELECT FROM budget_bucket WHERE shop_id = the_shop) THEN
        INSERT INTO budget_bucket (shop_id, tokens, counted_at) VALUES (the_shop, 15, now_at)
        ON CONFLICT (shop_id) DO NOTHING;
    END IF;
    next_look := budget_deal(the_shop, asker);
    RETURN QUERY SELECT NULL::bigint, next_look, knows_asker;
    RETURN QUERY
    DELETE FROM budget_wish AS w
     WHERE w.owner = asker AND w.shop_id = the_shop AND w.granted_at IS NOT NULL
    RETURNING w.number, next_look, knows_asker;
END
$$;

-- Loop answered 429: an empty bucket at half its rate, for all; closed for as long as Loop said.
CREATE FUNCTION budget_throttled(the_shop text, retry_after double precision, at timestamptz DEFAULT NULL)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    bucket budget_bucket;
    now_at timestamptz;
BEGIN
    SELECT * INTO bucket FROM budget_bucket WHERE shop_id = the_shop FOR UPDATE;
    now_at := coalesce(at, clock_timestamp());
    UPDATE budget_bucket
       SET tokens = least(
               budget_tokens(bucket, now_at),
               -(bucket.per_second / 2 * greatest(0, least(retry_after, bucket.slow_seconds)))
           ),
           counted_at = now_at,
           slow_until = now_at + bucket.slow_seconds * interval '1 second'
     WHERE shop_id = the_shop;
END
$$;

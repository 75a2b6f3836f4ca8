-- The ledger: what became of every action that a bench asked for, and who finishes which return.

-- One row an attempt. Whoever changes one holds the locks of its entry and of its return.
CREATE TABLE action (
    entry_id text NOT NULL CHECK (entry_id ~ '^[0-9a-f]{32}$'),
    n integer NOT NULL CHECK (n >= 1),
    bench_id uuid NOT NULL REFERENCES bench,
    shop_id text REFERENCES shop,
    return_id text NOT NULL DEFAULT '',
    kind text,
    payload_sha text NOT NULL DEFAULT '',
    stage text NOT NULL CHECK (stage IN ('reserved', 'sending', 'answered', 'unsent', 'unknown')),
    owner bigint NOT NULL DEFAULT 0,
    exchange text NOT NULL DEFAULT '',
    person text NOT NULL DEFAULT '',
    reserved_at timestamptz,
    sent_at timestamptz,
    ended_at timestamptz,
    proof text CHECK (proof IN ('accepted', 'refused', 'unclear')),
    status integer,
    headers jsonb,
    body bytea,
    PRIMARY KEY (entry_id, n),
    -- Only a tombstone, the row of a request that was asked about and never came, knows nothing of it.
    CHECK (stage = 'unsent' OR (shop_id IS NOT NULL AND kind IS NOT NULL AND payload_sha <> '')),
    CHECK ((stage = 'answered') = (status IS NOT NULL AND headers IS NOT NULL AND body IS NOT NULL
                                   AND proof IS NOT NULL)),
    CHECK (stage NOT IN ('sending', 'answered', 'unknown') OR sent_at IS NOT NULL)
);
CREATE INDEX action_under_way ON action (owner) WHERE stage IN ('reserved', 'sending');
CREATE INDEX action_of_return ON action (shop_id, return_id) WHERE return_id <> '';

CREATE FUNCTION action_move_is_legal(source text, target text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT (source, target) IN (
        ('reserved', 'sending'), ('reserved', 'unsent'),
        ('sending', 'answered'), ('sending', 'unknown'), ('sending', 'unsent'),
        ('unknown', 'answered'), ('unknown', 'unsent')
    )
$$;

CREATE FUNCTION action_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT action_move_is_legal(OLD.stage, NEW.stage) THEN
        RAISE EXCEPTION 'an attempt does not move from % to %', OLD.stage, NEW.stage;
    END IF;
    IF (OLD.bench_id, OLD.shop_id, OLD.return_id, OLD.kind, OLD.payload_sha)
       IS DISTINCT FROM (NEW.bench_id, NEW.shop_id, NEW.return_id, NEW.kind, NEW.payload_sha) THEN
        RAISE EXCEPTION 'what an attempt asks for does not change';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER action_moves BEFORE UPDATE ON action FOR EACH ROW EXECUTE FUNCTION action_moves();

-- Who finishes a return, or has finished it. One claim of a return is open at most.
CREATE TABLE return_claim (
    shop_id text NOT NULL REFERENCES shop,
    return_id text NOT NULL CHECK (return_id <> ''),
    entry_id text NOT NULL,
    bench_id uuid NOT NULL REFERENCES bench,
    station text NOT NULL,
    person text NOT NULL,
    kind text NOT NULL,
    taken_at timestamptz NOT NULL,
    look_at timestamptz NOT NULL,
    looks integer NOT NULL DEFAULT 0,
    stale_at timestamptz,
    ended_at timestamptz,
    ended_as text CHECK (ended_as IN ('unsent', 'refused', 'effect', 'moot', 'taken_over')),
    ended_by text NOT NULL DEFAULT '',
    PRIMARY KEY (shop_id, return_id, entry_id),
    CHECK ((ended_at IS NULL) = (ended_as IS NULL)),
    CHECK ((ended_as = 'taken_over') = (ended_by <> ''))
);
CREATE UNIQUE INDEX return_claim_open ON return_claim (shop_id, return_id) WHERE ended_at IS NULL;
CREATE INDEX return_claim_due ON return_claim (look_at) WHERE ended_at IS NULL;

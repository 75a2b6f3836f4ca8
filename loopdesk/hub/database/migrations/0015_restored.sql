-- Since when the ledger is of its generation: of what was sent before, it may know nothing, and Loop may still be
-- at work at it. No row until a process has noticed of which generation it is; no time if that is the first one.
CREATE TABLE ledger_generation (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    generation text NOT NULL,
    since timestamptz
);

-- As in 0001, and it is noticed at once.
CREATE OR REPLACE FUNCTION hub_restored() RETURNS void LANGUAGE sql VOLATILE AS $$
    UPDATE site SET restored = gen_random_uuid();
    INSERT INTO ledger_generation (generation, since) VALUES (hub_generation(), clock_timestamp())
    ON CONFLICT (single) DO UPDATE SET generation = excluded.generation, since = excluded.since;
$$;

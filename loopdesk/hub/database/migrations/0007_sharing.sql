-- What benches share: the feed of its changes, drafts, and which return is open where.

-- One counter for the site, taken as the shops' are: by the last statement of a transaction, after theirs.
CREATE TABLE shared_feed (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    last bigint NOT NULL DEFAULT 0,
    dropped bigint NOT NULL DEFAULT 0
);
COMMENT ON COLUMN shared_feed.dropped IS 'up to here, what is gone is told no more';
INSERT INTO shared_feed DEFAULT VALUES;

-- The newest change of each key only: a bench that begins is told each once. Numbers rise in the order of
-- the commits; those of changes that a newer one replaced are missing.
CREATE TABLE shared_change (
    kind text NOT NULL,
    key text NOT NULL,
    seq bigint NOT NULL UNIQUE,
    shop_id text REFERENCES shop,
    is_gone boolean NOT NULL,
    made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (kind, key)
);
COMMENT ON COLUMN shared_change.shop_id IS 'whose benches are told; NULL for all';
CREATE INDEX shared_change_gone ON shared_change (made_at) WHERE is_gone;

-- What is entered for a return and not settled, as the bench that wrote it last has it; or how that ended.
-- A revision is a number in the generation in which it was put: there, a smaller one came before.
CREATE TABLE draft (
    shop_id text NOT NULL REFERENCES shop,
    return_id text NOT NULL,
    number bigint NOT NULL,
    generation text NOT NULL,
    order_name text NOT NULL,
    body text,
    content text NOT NULL,
    lineage text[] NOT NULL,
    ended text CHECK (ended IN ('settled', 'discarded')),
    bench_id uuid NOT NULL REFERENCES bench,
    turn bigint NOT NULL,
    person text NOT NULL,
    at timestamptz NOT NULL,
    put_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (shop_id, return_id),
    CHECK ((body IS NULL) = (ended IS NOT NULL))
);
COMMENT ON COLUMN draft.content IS 'a hash of what is entered, by which equal ones are known';
COMMENT ON COLUMN draft.lineage IS 'the contents that it came from, newest first';
COMMENT ON COLUMN draft.turn IS 'the bench''s own count of its puts: an older one that comes late changes nothing';
COMMENT ON COLUMN draft.at IS 'when it was entered or ended, by the bench''s clock, which follows Loop''s';
CREATE INDEX draft_ended ON draft (put_at) WHERE ended IS NOT NULL;

-- The return that is open at a bench. A bench that says nothing for a while has none.
CREATE TABLE presence (
    bench_id uuid PRIMARY KEY REFERENCES bench ON DELETE CASCADE,
    shop_id text NOT NULL REFERENCES shop,
    return_id text NOT NULL,
    order_name text NOT NULL,
    person text NOT NULL,
    since timestamptz NOT NULL,
    beat timestamptz NOT NULL DEFAULT clock_timestamp()
);

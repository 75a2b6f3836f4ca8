-- The site, its shops with their sealed keys of Loop, and its benches.

-- The one site of this database. Its generation changes whenever an older copy may have come back.
CREATE TABLE site (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    name text NOT NULL,
    restored uuid NOT NULL DEFAULT gen_random_uuid(),
    made_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- What an answer's sender may rely on: an entry of the ledger that it was told of is still there. A dump that
-- was loaded has other tables, a promoted standby or a restored base backup another timeline, another server
-- another identifier; and ``loopdesk hub restore`` writes ``restored`` anew.
CREATE FUNCTION hub_generation() RETURNS text LANGUAGE sql STABLE AS $$
    SELECT encode(substr(sha256(convert_to(concat_ws(' ',
        (SELECT system_identifier FROM pg_control_system()),
        left(pg_walfile_name(pg_current_wal_lsn()), 8),
        (SELECT oid FROM pg_database WHERE datname = current_database()),
        'site'::regclass::oid,
        (SELECT restored FROM site)
    ), 'UTF8')), 1, 12), 'hex')
$$;

-- Called once an older copy was loaded: whatever it says may have gone on elsewhere since. Later migrations
-- make more of it.
CREATE FUNCTION hub_restored() RETURNS void LANGUAGE sql VOLATILE AS $$
    UPDATE site SET restored = gen_random_uuid();
$$;

-- Whether the process of that number holds its session's advisory lock, in this database.
CREATE FUNCTION owner_is_alive(owner bigint) RETURNS boolean LANGUAGE sql VOLATILE AS $$
    SELECT EXISTS (
        SELECT FROM pg_locks
        WHERE locktype = 'advisory' AND objsubid = 1 AND granted
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
          AND classid::bigint = (owner >> 32) AND objid::bigint = (owner & 4294967295)
    )
$$;

CREATE TABLE shop (
    id text PRIMARY KEY CHECK (id ~ '^[a-z0-9][a-z0-9-]{0,39}$'),
    name text NOT NULL,
    colour text NOT NULL CHECK (colour ~ '^#[0-9a-f]{6}$'),
    added_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- A key of Loop, sealed: the nonce and AES-GCM's text, bound to the shop and to this row's number. The newest
-- one that has not ended is in use. The fingerprint tells which key it is without opening it.
CREATE TABLE shop_key (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    shop_id text NOT NULL REFERENCES shop,
    fingerprint text NOT NULL,
    sealed bytea,
    sealed_by bytea,
    added_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at timestamptz
);
CREATE UNIQUE INDEX shop_key_in_use ON shop_key (shop_id) WHERE ended_at IS NULL;

-- A bench, from its join code on. Of its token only the hash is here.
CREATE TABLE bench (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
    every_shop boolean NOT NULL DEFAULT true,
    token_hash bytea UNIQUE CHECK (length(token_hash) = 32),
    added_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    joined_at timestamptz,
    revoked_at timestamptz
);
CREATE UNIQUE INDEX bench_name ON bench (name) WHERE revoked_at IS NULL;

-- The shops of a bench that may not use every shop.
CREATE TABLE bench_shop (
    bench_id uuid NOT NULL REFERENCES bench ON DELETE CASCADE,
    shop_id text NOT NULL REFERENCES shop,
    PRIMARY KEY (bench_id, shop_id)
);

-- A code by which a bench joins once.
CREATE TABLE join_code (
    hash bytea PRIMARY KEY CHECK (length(hash) = 32),
    bench_id uuid NOT NULL REFERENCES bench ON DELETE CASCADE,
    made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ends_at timestamptz NOT NULL,
    used_at timestamptz
);

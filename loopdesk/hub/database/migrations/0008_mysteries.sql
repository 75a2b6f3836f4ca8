-- Mystery parcels of all benches.

-- The letters before a bench's own numbers, one series for each store that ever numbered parcels here. Their
-- counter jumps where an older copy of this database may have come back.
CREATE TABLE mystery_series (
    token text PRIMARY KEY CHECK (length(token) BETWEEN 16 AND 64),
    series text NOT NULL UNIQUE,
    bench_id uuid NOT NULL REFERENCES bench ON DELETE CASCADE,
    made_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON COLUMN mystery_series.token IS 'drawn by the bench''s store, anew when an older copy of it came back';

CREATE TABLE mystery_counter (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    last integer NOT NULL DEFAULT 0,
    generation text NOT NULL DEFAULT ''
);
INSERT INTO mystery_counter DEFAULT VALUES;

-- Revisions are microseconds of this server's clock and never fall, not even over a restored copy.
CREATE TABLE mystery (
    uid text PRIMARY KEY CHECK (uid ~ '^[0-9a-f]{32}$'),
    series text NOT NULL,
    number integer NOT NULL CHECK (number > 0),
    code text NOT NULL,
    found_at timestamptz NOT NULL,
    operator text NOT NULL,
    station text NOT NULL,
    words text NOT NULL,
    shelf text NOT NULL,
    photo text NOT NULL,
    photo_at text NOT NULL,
    written_rev bigint NOT NULL,
    return_id text NOT NULL,
    is_closed boolean NOT NULL,
    ended_by text NOT NULL,
    ended_at_station text NOT NULL,
    standing_rev bigint NOT NULL,
    UNIQUE (series, number)
);
COMMENT ON COLUMN mystery.photo IS 'a name: the picture itself stays at the bench of photo_at';

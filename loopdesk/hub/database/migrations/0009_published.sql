-- What IT gives to the benches: vocabularies of a shop or of the site, and the site's settings. Every version
-- stays, and the newest is in force; one without a text takes back what was given before it.
CREATE TABLE published (
    kind text NOT NULL CHECK (kind IN ('vocabulary', 'settings')),
    scope text NOT NULL CHECK (kind = 'vocabulary' OR scope = '*'),
    version integer NOT NULL CHECK (version > 0),
    text text,
    given_by text NOT NULL CHECK (length(given_by) BETWEEN 1 AND 60),
    given_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (kind, scope, version)
);
COMMENT ON COLUMN published.scope IS 'a shop''s id, or * for the site';

-- What each bench said it works by, as of its last word.
CREATE TABLE bench_use (
    bench_id uuid NOT NULL REFERENCES bench ON DELETE CASCADE,
    kind text NOT NULL CHECK (kind IN ('vocabulary', 'settings')),
    scope text NOT NULL,
    version integer NOT NULL,
    mark text NOT NULL,
    is_own boolean NOT NULL,
    refused integer NOT NULL,
    refused_at text NOT NULL,
    told_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (bench_id, kind, scope)
);
COMMENT ON COLUMN bench_use.version IS '0 where nothing of the hub is in use';
COMMENT ON COLUMN bench_use.is_own IS 'the bench has a vocabulary file of its own, which goes before';
COMMENT ON COLUMN bench_use.refused IS 'the newer version that it cannot read; 0 for none';
COMMENT ON COLUMN bench_use.refused_at IS 'where in it: line and key';

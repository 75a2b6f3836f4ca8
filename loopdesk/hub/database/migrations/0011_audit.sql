-- The audit logs of all benches, as they were written there.

-- One unbroken chain of rows of one bench. A bench whose store is new, was put back to an older copy, or was
-- tampered with begins another one; the chains before it stay. The rows up to ``purged_seq`` are gone because
-- of their age; the chain is verified from there on.
CREATE TABLE audit_run (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    bench_id uuid NOT NULL REFERENCES bench,
    store text NOT NULL,
    cause text NOT NULL,
    parent bigint REFERENCES audit_run,
    from_seq bigint NOT NULL,
    from_sha bytea NOT NULL,
    last_seq bigint NOT NULL,
    last_sha bytea NOT NULL,
    purged_seq bigint NOT NULL,
    purged_sha bytea NOT NULL,
    began_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON COLUMN audit_run.store IS 'the id of the bench''s database file; a new file has another one';
COMMENT ON COLUMN audit_run.cause IS 'first, replaced, forked, gap or refused';
COMMENT ON COLUMN audit_run.parent IS 'the run that holds the row after which this one begins';
CREATE INDEX audit_run_of_bench ON audit_run (bench_id, store, id);

-- A row: the very line that is hashed, so that the chain can be verified anywhere.
CREATE TABLE audit_row (
    run_id bigint NOT NULL REFERENCES audit_run,
    seq bigint NOT NULL,
    sha bytea NOT NULL,
    line text NOT NULL,
    arrived_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (run_id, seq)
);

-- A row that did not follow the one before it, beside the chain that it is not part of. Its line is forgotten
-- when it is as old as rows are kept.
CREATE TABLE audit_fault (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    bench_id uuid NOT NULL REFERENCES bench,
    store text NOT NULL,
    after_seq bigint NOT NULL,
    seq bigint NOT NULL,
    sha bytea NOT NULL,
    why text NOT NULL CHECK (why IN ('changed', 'missing', 'reordered')),
    line text,
    found_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (bench_id, store, after_seq, seq, sha)
);

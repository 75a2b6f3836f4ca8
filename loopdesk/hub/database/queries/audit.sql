-- The audit logs of benches.

-- name: lock
SELECT id FROM bench WHERE id = %(bench_id)s FOR NO KEY UPDATE;

-- name: runs
SELECT id, store, from_seq, from_sha, last_seq, last_sha FROM audit_run
WHERE bench_id = %(bench_id)s ORDER BY id;

-- name: held
SELECT audit_row.run_id, audit_row.seq, audit_row.sha
FROM audit_row JOIN audit_run ON audit_run.id = audit_row.run_id
WHERE bench_id = %(bench_id)s AND store = %(store)s AND seq BETWEEN %(first)s AND %(last)s;

-- name: begin
INSERT INTO audit_run
    (bench_id, store, cause, parent, from_seq, from_sha, last_seq, last_sha, purged_seq, purged_sha)
VALUES (%(bench_id)s, %(store)s, %(cause)s, %(parent)s,
        %(seq)s, %(sha)s, %(seq)s, %(sha)s, %(seq)s, %(sha)s)
RETURNING id;

-- name: add
WITH added AS (
    INSERT INTO audit_row (run_id, seq, sha, line)
    SELECT %(run_id)s, one.seq, one.sha, one.line
      FROM unnest(%(seqs)s::bigint[], %(shas)s::bytea[], %(lines)s::text[]) AS one (seq, sha, line)
)
UPDATE audit_run SET last_seq = %(last_seq)s, last_sha = %(last_sha)s, last_at = clock_timestamp()
WHERE id = %(run_id)s;

-- name: refuse
INSERT INTO audit_fault (bench_id, store, after_seq, seq, sha, why, line)
VALUES (%(bench_id)s, %(store)s, %(after_seq)s, %(seq)s, %(sha)s, %(why)s, %(line)s)
ON CONFLICT (bench_id, store, after_seq, seq, sha) DO NOTHING;

-- name: was_refused
SELECT FROM audit_fault
WHERE bench_id = %(bench_id)s AND store = %(store)s AND seq = %(seq)s AND sha = %(sha)s LIMIT 1;

-- name: snapshot
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY;

-- name: all_runs
SELECT bench.name AS bench, audit_run.id, store, cause, from_seq, from_sha, last_seq, last_sha,
       purged_seq, purged_sha, began_at, last_at
FROM audit_run JOIN bench ON bench.id = audit_run.bench_id
WHERE %(bench)s::text IS NULL OR bench.name = %(bench)s
ORDER BY bench.name, audit_run.id;

-- name: faults
SELECT bench.name AS bench, after_seq, seq, why, found_at, line IS NOT NULL AS recent
FROM audit_fault JOIN bench ON bench.id = audit_fault.bench_id
WHERE %(bench)s::text IS NULL OR bench.name = %(bench)s
ORDER BY bench.name, audit_fault.id;

-- name: page
SELECT seq, sha, line FROM audit_row
WHERE run_id = %(run_id)s AND seq > %(after)s ORDER BY seq LIMIT %(most)s;

-- name: purge_rows
WITH old AS (
    SELECT audit_run.id, found.seq, found.sha
      FROM audit_run
     CROSS JOIN LATERAL (
               SELECT seq, sha FROM audit_row
                WHERE run_id = audit_run.id AND arrived_at < clock_timestamp() - %(days)s * interval '1 day'
                  AND seq <= audit_run.purged_seq + %(most)s
                ORDER BY seq DESC LIMIT 1
           ) found
       FOR UPDATE OF audit_run SKIP LOCKED
), moved AS (
    UPDATE audit_run SET purged_seq = old.seq, purged_sha = old.sha FROM old WHERE audit_run.id = old.id
    RETURNING audit_run.id, audit_run.purged_seq
), gone AS (
    DELETE FROM audit_row USING moved
    WHERE audit_row.run_id = moved.id AND audit_row.seq <= moved.purged_seq
    RETURNING 1
)
SELECT count(*) AS n FROM gone HAVING count(*) > 0;

-- name: purge_faults
UPDATE audit_fault SET line = NULL
WHERE line IS NOT NULL AND found_at < clock_timestamp() - %(days)s * interval '1 day';

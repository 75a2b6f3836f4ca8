-- Migrations that were run.

-- name: lock
SELECT pg_advisory_xact_lock(hashtext('loopdesk hub migrations'));

-- name: table
CREATE TABLE IF NOT EXISTS migration (
    version integer PRIMARY KEY,
    name text NOT NULL,
    sha256 bytea NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- name: backend
SELECT pg_backend_pid() AS pid;

-- name: there
SELECT to_regclass('migration') IS NOT NULL AS there;

-- name: done
SELECT version, name, sha256 FROM migration ORDER BY version;

-- name: add
INSERT INTO migration (version, name, sha256) VALUES (%(version)s, %(name)s, %(sha256)s);

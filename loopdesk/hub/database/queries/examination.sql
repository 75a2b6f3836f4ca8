-- What the doctor looks at.

-- name: clock
SELECT clock_timestamp() AS now;

-- name: safety
SELECT current_setting('fsync') AS fsync,
       current_setting('full_page_writes') AS full_page_writes,
       (SELECT count(*) FROM pg_stat_replication) AS standbys,
       current_setting('synchronous_standby_names') <> '' AS synchronous;

-- name: room
SELECT current_setting('max_connections')::int
         - current_setting('superuser_reserved_connections')::int AS most,
       (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')::int AS used;

-- name: place
SELECT current_setting('data_directory') AS place;

-- name: processes
SELECT count(*)::int AS n FROM pg_stat_activity
WHERE datname = current_database() AND application_name = 'loopdesk hub' AND pid <> pg_backend_pid();

-- name: restored
SELECT hub_restored();

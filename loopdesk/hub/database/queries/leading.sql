-- Who reads a shop from Loop. The lock is the session's of the process's own connection.

-- name: try_lock
SELECT CASE WHEN EXISTS (
           SELECT FROM pg_locks
            WHERE locktype = 'advisory' AND objsubid = 2 AND granted AND pid = pg_backend_pid()
              AND classid = 1 AND objid::bigint = (lead_key(%(shop)s)::bigint & 4294967295)
       ) THEN true ELSE pg_try_advisory_lock(1, lead_key(%(shop)s)) END AS held;

-- name: unlock
SELECT pg_advisory_unlock(1, lead_key(%(shop)s)) AS was_held;

-- name: take
WITH before AS (SELECT shop_id FROM lead WHERE shop_id = %(shop)s FOR UPDATE)
UPDATE lead SET term = term + 1, owner = %(owner)s, beat = clock_timestamp()
  FROM before WHERE lead.shop_id = before.shop_id
RETURNING lead.term;

-- name: beat
UPDATE lead SET beat = clock_timestamp()
 WHERE shop_id = %(shop)s AND term = %(term)s AND owner = %(owner)s
RETURNING term;

-- name: mine
SELECT term FROM lead WHERE shop_id = %(shop)s AND term = %(term)s AND owner = %(owner)s FOR KEY SHARE;

-- name: end_silent
SELECT pg_terminate_backend(locks.pid) AS ended
  FROM pg_locks locks JOIN lead ON lead.shop_id = %(shop)s
 WHERE locks.locktype = 'advisory' AND locks.objsubid = 2 AND locks.granted AND locks.classid = 1
   AND locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
   AND locks.objid::bigint = (lead_key(%(shop)s)::bigint & 4294967295)
   AND lead.beat < clock_timestamp() - %(seconds)s * interval '1 second';

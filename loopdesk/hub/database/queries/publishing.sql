-- What IT gives to the benches.

-- name: lock
SELECT pg_advisory_xact_lock(hashtext('published ' || %(kind)s), hashtext(%(scope)s));

-- name: is_shop
SELECT 1 FROM shop WHERE id = %(scope)s;

-- name: add
INSERT INTO published (kind, scope, version, text, given_by)
SELECT %(kind)s, %(scope)s, coalesce(max(version), 0) + 1, %(text)s, %(given_by)s
  FROM published WHERE kind = %(kind)s AND scope = %(scope)s
RETURNING version;

-- name: versions
SELECT version, text, given_by, given_at FROM published
 WHERE kind = %(kind)s AND scope = %(scope)s ORDER BY version DESC;

-- name: told
SELECT DISTINCT ON (scope) scope, version, text, given_by, given_at FROM published
 WHERE kind = %(kind)s AND scope = ANY (%(scopes)s::text[]) ORDER BY scope, version DESC;

-- name: lock_bench
SELECT id FROM bench WHERE id = %(bench)s FOR NO KEY UPDATE;

-- name: end_uses
DELETE FROM bench_use WHERE bench_id = %(bench)s;

-- name: add_uses
INSERT INTO bench_use (bench_id, kind, scope, version, mark, is_own, refused, refused_at)
SELECT %(bench)s, one.*
  FROM unnest(%(kinds)s::text[], %(scopes)s::text[], %(versions)s::int[], %(marks)s::text[],
              %(are_own)s::boolean[], %(refused)s::int[], %(refused_at)s::text[]) AS one;

-- name: uses
SELECT bench_id, kind, scope, version, mark, is_own, refused, refused_at FROM bench_use
 ORDER BY bench_id, kind DESC, scope;

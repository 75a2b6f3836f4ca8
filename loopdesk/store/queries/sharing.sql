-- name: on
INSERT INTO share_site (single) VALUES (1) ON CONFLICT DO NOTHING RETURNING 1;

-- name: off
DELETE FROM share_site RETURNING 1;

-- name: forget_marks
DELETE FROM share_mark;

-- name: site
SELECT generation, position, turn, bench_id FROM share_site;

-- name: mark
INSERT OR REPLACE INTO share_mark (kind, key) SELECT ?, ? WHERE EXISTS (SELECT 1 FROM share_site);

-- name: pending
SELECT version, kind, key FROM share_mark WHERE NOT held ORDER BY version LIMIT ?;

-- name: said
DELETE FROM share_mark WHERE version = ?;

-- name: hold
UPDATE share_mark SET held = 1 WHERE version = ?;

-- name: unmark
DELETE FROM share_mark WHERE kind = ? AND key = ?;

-- name: took
UPDATE share_site SET position = ?1 WHERE position < ?1 RETURNING 1;

-- name: begin_anew
UPDATE share_site SET position = 0;

-- name: hear
UPDATE share_site SET generation = ?1 WHERE generation <> ?1 RETURNING 1;

-- name: next_turn
UPDATE share_site SET turn = turn + 1 RETURNING turn;

-- name: raise_turn
UPDATE share_site SET turn = ?1 WHERE turn < ?1;

-- name: learn_self
UPDATE share_site SET bench_id = ?1 WHERE bench_id <> ?1;

-- name: everything_draft
-- What there is of each kind to be said, when everything is to be said.
SELECT return_id FROM draft;

-- name: everything_mystery
SELECT 'series' UNION ALL SELECT uid FROM site_mystery;

-- name: everything_use
SELECT 'all';

-- name: forget_draft
-- What of each kind was told, to be forgotten when all of it is told again.
UPDATE shared_draft
SET revision = '', order_name = '', bench = '', bench_id = '', person = '', at = '', body = NULL, content = '',
    lineage = '[]', ended = '';

-- name: forget_people
-- The list of people comes whole: until then the one that is here counts. Without a hub it goes.
DELETE FROM people_list WHERE source = 'hub' AND NOT EXISTS (SELECT 1 FROM share_site);

-- name: forget_presence
DELETE FROM shared_presence;

-- name: get
SELECT base, base_content, said, revision, order_name, bench, bench_id, person, at, body, content, lineage, ended
FROM shared_draft WHERE return_id = ?;

-- name: tell
INSERT INTO shared_draft (
  return_id, revision, order_name, bench, bench_id, person, at, body, content, lineage, ended
) VALUES (
  :return_id, :revision, :order_name, :bench, :bench_id, :person, :at, :body, :content, :lineage, :ended
)
ON CONFLICT (return_id) DO UPDATE
SET revision = excluded.revision, order_name = excluded.order_name, bench = excluded.bench,
    bench_id = excluded.bench_id, person = excluded.person, at = excluded.at, body = excluded.body,
    content = excluded.content, lineage = excluded.lineage, ended = excluded.ended;

-- name: stand_on
INSERT INTO shared_draft (return_id, base, base_content) VALUES (:return_id, :base, :content)
ON CONFLICT (return_id) DO UPDATE SET base = excluded.base, base_content = excluded.base_content;

-- name: remember
INSERT INTO shared_draft (return_id, said) VALUES (:return_id, :said)
ON CONFLICT (return_id) DO UPDATE SET said = excluded.said;

-- name: forget
DELETE FROM shared_draft WHERE return_id = ?;

-- name: latest
SELECT s.return_id, s.base, s.base_content, s.said, s.revision, s.order_name, s.bench, s.bench_id, s.person, s.at,
       s.body, s.content, s.lineage, s.ended, d.body
FROM shared_draft AS s LEFT JOIN draft AS d ON d.return_id = s.return_id
WHERE s.body IS NOT NULL
  AND (s.revision <> s.base OR (NOT d.parked AND s.bench_id <> (SELECT bench_id FROM share_site)))
ORDER BY s.at DESC LIMIT ?;

-- name: last_settlement
SELECT s.decided_at, s.operator, s.order_name
FROM entry AS e JOIN settlement AS s ON s.number = e.settlement
WHERE e.return_id = ? AND e.stage <> 'withdrawn'
ORDER BY e.seq DESC LIMIT 1;

-- name: settled_untold
SELECT 1 FROM share_mark AS m
WHERE m.kind = ?1 AND m.key = ?2
  AND EXISTS (SELECT 1 FROM entry AS e WHERE e.return_id = m.key AND e.stage <> 'withdrawn');

-- name: order_name
SELECT order_name FROM return WHERE return_id = ?;

-- name: presence_of
SELECT bench, return_id, order_name, person, since FROM shared_presence
WHERE return_id = ? AND bench_id <> (SELECT bench_id FROM share_site)
ORDER BY since;

-- name: open_elsewhere
SELECT bench, return_id, order_name, person, since FROM shared_presence
WHERE bench_id <> (SELECT bench_id FROM share_site)
ORDER BY since;

-- name: present
INSERT INTO shared_presence (key, bench_id, bench, return_id, order_name, person, since)
VALUES (:key, :bench_id, :bench, :return_id, :order_name, :person, :since)
ON CONFLICT (key) DO UPDATE
SET bench_id = excluded.bench_id, bench = excluded.bench, return_id = excluded.return_id,
    order_name = excluded.order_name, person = excluded.person, since = excluded.since;

-- name: absent
DELETE FROM shared_presence WHERE key = ?;

-- name: open_by
SELECT return_id FROM shared_presence
WHERE key = ? AND bench_id <> (SELECT bench_id FROM share_site);

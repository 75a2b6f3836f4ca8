-- name: counts
SELECT standing, count(*) FROM (
  SELECT CASE WHEN max(stage = 'parked') THEN 'parked' WHEN max(stage = 'held') THEN 'held'
              WHEN max(stage = 'ready') THEN 'ready' ELSE 'sent' END AS standing
  FROM entry WHERE stage NOT IN ('done', 'superseded', 'withdrawn') GROUP BY return_id)
GROUP BY standing;

-- name: unfinished
SELECT return_id FROM (
  SELECT return_id, min(seq) AS first_seq,
    min(CASE stage WHEN 'parked' THEN moved_at END) AS parked_at,
    CASE WHEN max(stage = 'parked') THEN 'parked' WHEN max(stage = 'held') THEN 'held'
         WHEN max(stage = 'ready') THEN 'ready' ELSE 'sent' END AS standing
  FROM entry WHERE stage NOT IN ('done', 'superseded', 'withdrawn') GROUP BY return_id)
WHERE :standing IS NULL OR standing = :standing
ORDER BY standing <> 'parked', parked_at, standing <> 'held', first_seq
LIMIT :most OFFSET :skip;

-- name: ended
SELECT return_id FROM settlement AS s
WHERE NOT EXISTS (SELECT 1 FROM entry AS u INDEXED BY entry_unfinished
                  WHERE u.return_id = s.return_id AND u.stage NOT IN ('done', 'superseded', 'withdrawn'))
ORDER BY number DESC;

-- name: settled
SELECT settlement_id, return_id, order_name, kind, operator, station, decided_at, draft
FROM settlement AS s
WHERE EXISTS (SELECT 1 FROM entry AS e WHERE e.settlement = s.number AND e.stage <> 'withdrawn')
ORDER BY number DESC;

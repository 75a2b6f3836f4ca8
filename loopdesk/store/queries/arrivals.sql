-- name: known
SELECT return_id, tracking_number, label, label_at, delivered_at, seen_at FROM arrival
WHERE return_id IN (SELECT value FROM json_each(:ids));

-- name: forget
DELETE FROM arrival WHERE return_id IN (SELECT value FROM json_each(:ids));

-- name: add
INSERT OR REPLACE INTO arrival (return_id, tracking_number, carrier, label, label_at, delivered_at, seen_at)
VALUES (?, ?, ?, ?, ?, ?, ?);

-- name: announce
INSERT INTO arrival (return_id, tracking_number, carrier, label, label_at, delivered_at)
VALUES (:return_id, :tracking_number, :carrier, :label, :label_at, :delivered_at)
ON CONFLICT (return_id, tracking_number) DO UPDATE SET
  label = CASE WHEN excluded.label_at >= label_at THEN excluded.label ELSE label END,
  label_at = max(label_at, excluded.label_at),
  delivered_at = coalesce(excluded.delivered_at, delivered_at);

-- name: owners
SELECT wanted.value, l.return_id FROM json_each(:lines) AS wanted JOIN line AS l ON l.line_item_id = wanted.value;

-- name: saw
UPDATE arrival SET seen_at = :at
WHERE return_id = :return_id AND seen_at IS NULL
  AND (tracking_number = :number COLLATE NOCASE
       OR (SELECT count(*) FROM arrival WHERE return_id = :return_id) = 1);

-- name: arrivals
SELECT * FROM (
  SELECT a.return_id, r.order_name, r.state, a.carrier, a.tracking_number, a.label, a.label_at, a.delivered_at,
    a.seen_at, (a.seen_at IS NOT NULL
      OR (SELECT count(*) FROM arrival AS b WHERE b.return_id = a.return_id) = 1
        AND (EXISTS (SELECT 1 FROM entry AS e WHERE e.return_id = a.return_id)
             OR EXISTS (SELECT 1 FROM draft AS d WHERE d.return_id = a.return_id))) AS is_seen
  FROM arrival AS a JOIN return AS r ON r.return_id = a.return_id
  WHERE a.label_at >= :since AND a.label IN (SELECT value FROM json_each(:labels))
    AND (:carriers IS NULL OR a.carrier IN (SELECT value FROM json_each(:carriers))))
WHERE NOT (:unseen AND is_seen)
ORDER BY label_at DESC, return_id DESC, tracking_number
LIMIT :most;

-- name: counts
SELECT carrier, label, is_seen, count(*)
FROM (
  SELECT a.carrier, a.label, (a.seen_at IS NOT NULL
      OR (SELECT count(*) FROM arrival AS b WHERE b.return_id = a.return_id) = 1
        AND (EXISTS (SELECT 1 FROM entry AS e WHERE e.return_id = a.return_id)
             OR EXISTS (SELECT 1 FROM draft AS d WHERE d.return_id = a.return_id))) AS is_seen
  FROM arrival AS a
  WHERE a.label_at >= :since)
GROUP BY carrier, label, is_seen ORDER BY count(*) DESC, carrier, label, is_seen;

-- name: to_fetch
SELECT r.return_id, coalesce(r.updated_at, '')
FROM arrival AS a JOIN return AS r ON r.return_id = a.return_id
WHERE a.label_at >= :since AND a.seen_at IS NULL AND a.label IN (SELECT value FROM json_each(:labels))
  AND NOT r.is_details
  AND (NOT r.has_details OR (r.details_at IS NOT r.updated_at AND a.label IN ('out_for_delivery', 'delivered')))
  AND NOT EXISTS (SELECT 1 FROM entry AS e WHERE e.return_id = a.return_id)
  AND NOT EXISTS (SELECT 1 FROM draft AS d WHERE d.return_id = a.return_id)
GROUP BY r.return_id
ORDER BY min(CASE a.label WHEN 'out_for_delivery' THEN 0 WHEN 'delivered' THEN 1 ELSE 2 END),
  max(a.label_at) DESC
LIMIT :most;

-- name: forget_old
DELETE FROM arrival WHERE label_at < :before;

-- name: begin
INSERT INTO label_print (subject, content, name, by_itself, began_at, stage)
SELECT :subject, :content, :name, :by_itself, :began_at, 'begun'
WHERE NOT :by_itself
  OR NOT EXISTS (SELECT 1 FROM label_print WHERE subject = :subject AND stage <> 'failed')
ON CONFLICT DO NOTHING
RETURNING number;

-- name: end
UPDATE label_print SET stage = :stage WHERE number = :number AND stage = 'begun';

-- name: doubt
UPDATE label_print SET stage = 'doubted' WHERE stage = 'begun';

-- name: unsure
SELECT p.number, p.subject, p.content, p.name, p.by_itself, p.began_at, p.stage FROM label_print AS p
WHERE p.stage = 'doubted'
  AND NOT EXISTS (
    SELECT 1 FROM label_print AS later
    WHERE later.subject = p.subject AND later.number > p.number AND later.stage = 'sent')
ORDER BY p.number;

-- name: latest
SELECT subject, content, max(number) FROM label_print
WHERE subject >= :first AND subject < :beyond AND stage <> 'failed'
GROUP BY subject;

-- name: purge
DELETE FROM label_print
WHERE number IN (SELECT number FROM label_print WHERE began_at < ? AND stage <> 'begun' LIMIT 100);

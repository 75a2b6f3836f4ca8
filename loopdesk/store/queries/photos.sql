-- name: add_photo
INSERT INTO photo (link, name, file, kept_at) VALUES (:link, :name, :photo, :at)
ON CONFLICT (link) DO UPDATE SET lost_at = NULL;

-- name: add_link
INSERT INTO grade_link (entry_id, n, link) VALUES (:entry_id, :n, :link);

-- name: waiting
SELECT p.link, p.name, p.file, p.tries FROM photo AS p
WHERE p.stored_at IS NULL AND p.lost_at IS NULL
  AND EXISTS (
    SELECT 1 FROM grade_link AS g JOIN entry AS e ON e.entry_id = g.entry_id
    WHERE g.link = p.link AND e.stage <> 'withdrawn')
ORDER BY p.tries, p.kept_at, p.link LIMIT :most;

-- name: begin
UPDATE photo SET tries = tries + 1 WHERE link = :link;

-- name: stored
UPDATE photo SET stored_at = :at WHERE link = :link AND stored_at IS NULL RETURNING link;

-- name: lost
UPDATE photo SET lost_at = :at WHERE link = :link AND stored_at IS NULL RETURNING link;

-- name: missing
SELECT count(DISTINCT p.link)
FROM settlement AS s
JOIN entry AS e ON e.settlement = s.number
JOIN grade_link AS g ON g.entry_id = e.entry_id
JOIN photo AS p ON p.link = g.link
WHERE s.settlement_id = ? AND e.stage = 'held' AND p.stored_at IS NULL AND p.lost_at IS NULL;

-- name: linked_in
SELECT e.entry_id, e.payload
FROM settlement AS s JOIN entry AS e ON e.settlement = s.number
WHERE s.settlement_id = ? AND e.stage = 'held'
  AND EXISTS (SELECT 1 FROM grade_link AS g WHERE g.entry_id = e.entry_id)
ORDER BY e.seq;

-- name: links_of
SELECT g.link, p.stored_at IS NOT NULL FROM grade_link AS g JOIN photo AS p ON p.link = g.link
WHERE g.entry_id = ? ORDER BY g.n;

-- name: write_images
UPDATE entry SET payload = :payload, payload_sha = :sha WHERE entry_id = :entry_id;

-- name: owe
UPDATE grade_link SET owed = :owed WHERE entry_id = :entry_id;

-- name: owed_now
SELECT k.* FROM kept AS k
WHERE k.entry_id IN (SELECT entry_id FROM grade_link WHERE owed)
  AND (k.stage = 'withdrawn' OR NOT EXISTS (
    SELECT 1 FROM grade_link AS g JOIN photo AS p ON p.link = g.link
    WHERE g.entry_id = k.entry_id AND p.stored_at IS NULL AND p.lost_at IS NULL))
ORDER BY k.seq;

-- name: add_repeat
INSERT INTO entry (entry_id, settlement, return_id, kind, target, payload, payload_sha, marker, stage, moved_at)
SELECT :entry_id, settlement, return_id, kind, target, :payload, :sha, '', 'held', :at
FROM entry WHERE entry_id = :repeats;

-- name: release_repeat
UPDATE entry SET stage = 'ready' WHERE entry_id = ?;

-- name: copy_links
INSERT INTO grade_link (entry_id, n, link) SELECT :entry_id, n, link FROM grade_link WHERE entry_id = :repeats;

-- name: elsewhere
SELECT p.link, p.name FROM photo AS p
WHERE p.stored_at IS NULL AND p.lost_at IS NULL AND p.link <> :url || '/' || p.name;

-- name: move
UPDATE OR IGNORE photo SET link = :to, tries = 0 WHERE link = :link;

-- name: name_instead
UPDATE grade_link SET link = :to WHERE link = :link;

-- name: counts
SELECT
  (SELECT count(*) FROM photo AS p WHERE p.stored_at IS NULL AND p.lost_at IS NULL AND EXISTS (
    SELECT 1 FROM grade_link AS g JOIN entry AS e ON e.entry_id = g.entry_id
    WHERE g.link = p.link AND e.stage <> 'withdrawn')),
  (SELECT count(DISTINCT entry_id) FROM grade_link WHERE owed),
  (SELECT count(*) FROM photo WHERE lost_at IS NOT NULL AND stored_at IS NULL),
  (SELECT min(kept_at) FROM photo AS p WHERE p.stored_at IS NULL AND p.lost_at IS NULL AND EXISTS (
    SELECT 1 FROM grade_link AS g JOIN entry AS e ON e.entry_id = g.entry_id
    WHERE g.link = p.link AND e.stage <> 'withdrawn'));

-- name: named_in
SELECT DISTINCT g.link FROM entry AS e JOIN grade_link AS g ON g.entry_id = e.entry_id WHERE e.settlement = ?;

-- name: was_begun
SELECT 1
FROM entry AS e
JOIN grade_link AS g ON g.entry_id = e.entry_id
JOIN photo AS p ON p.link = g.link
WHERE e.return_id = ? AND p.file = ? AND (p.tries > 0 OR p.stored_at IS NOT NULL) LIMIT 1;

-- name: newest_stored
SELECT link FROM photo WHERE stored_at IS NOT NULL ORDER BY stored_at DESC LIMIT 1;

-- name: delete_unnamed
DELETE FROM photo WHERE link = ? AND NOT EXISTS (SELECT 1 FROM grade_link AS g WHERE g.link = photo.link);

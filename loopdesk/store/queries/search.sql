-- name: add_words
INSERT INTO word (rowid, text) VALUES (?, ?);

-- name: delete_words
DELETE FROM word WHERE rowid = ?;

-- name: set_place
UPDATE return SET place = m.column1 FROM (VALUES (?, ?)) AS m WHERE number = m.column2;

-- name: matching
SELECT rowid & 4294967295 FROM word WHERE word MATCH :match ORDER BY rowid DESC LIMIT :most;

-- name: newest
SELECT rowid & 4294967295, text FROM word ORDER BY rowid DESC LIMIT :most;

-- name: latest
SELECT rowid & 4294967295 FROM word ORDER BY rowid DESC LIMIT :most;

-- name: exact
SELECT r.number
FROM json_each(:codes) AS wanted
JOIN code AS c ON c.code = wanted.value
JOIN return AS r ON r.return_id = c.return_id
GROUP BY r.number
ORDER BY max(r.updated_at) DESC, r.number DESC
LIMIT :most;

-- name: exact_words
SELECT DISTINCT r.number, w.text
FROM json_each(:codes) AS wanted
JOIN code AS c ON c.code = wanted.value
JOIN return AS r ON r.return_id = c.return_id
JOIN word AS w ON w.rowid = coalesce(r.place, r.number)
LIMIT :most;

-- name: noted
SELECT r.number
FROM noted AS n
JOIN settlement AS s ON s.number = n.rowid
JOIN return AS r ON r.return_id = s.return_id
WHERE n.text MATCH :match
ORDER BY n.rowid DESC LIMIT :most;

-- name: drafts
SELECT r.number, d.body FROM draft AS d JOIN return AS r ON r.return_id = d.return_id;

-- name: ages
SELECT r.number, r.updated_at FROM json_each(:numbers) AS wanted JOIN return AS r ON r.number = wanted.value;

-- name: rows
SELECT r.body, r.is_details, r.details, r.details_at, r.updated_at, r.fetched_at, r.shop
FROM json_each(:numbers) AS wanted JOIN return AS r ON r.number = wanted.value
ORDER BY wanted.key;

-- name: progress
SELECT
  moved - moved_from + 1,
  moved_upto - moved_from + 1,
  EXISTS (SELECT 1 FROM settlement WHERE number > tally.noted)
FROM tally;

-- name: unmoved
SELECT r.number, w.text, r.updated_at
FROM tally AS t
CROSS JOIN return AS r ON r.number > t.moved AND r.number <= t.moved_upto
LEFT JOIN word AS w ON w.rowid = r.number
ORDER BY r.number LIMIT :most;

-- name: set_moved
UPDATE tally SET moved = coalesce(:number, moved_upto);

-- name: unnoted
SELECT s.number, s.order_name, s.draft FROM tally AS t CROSS JOIN settlement AS s ON s.number > t.noted
ORDER BY s.number LIMIT :most;

-- name: add_noted
INSERT INTO noted (rowid, text) VALUES (:number, :text);

-- name: set_noted
UPDATE tally SET noted = :number;

-- name: delete_noted
DELETE FROM noted WHERE rowid = ?;

-- name: note_removed
UPDATE tally SET removed = 1;

-- name: must_merge
SELECT removed AND merged_on < :day FROM tally;

-- name: set_merged
UPDATE tally SET removed = 0, merged_on = :day;

-- name: merge_words
INSERT INTO word (word, rank) VALUES ('merge', :pages);

-- name: merge_noted
INSERT INTO noted (noted, rank) VALUES ('merge', :pages);

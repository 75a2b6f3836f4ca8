-- name: lists
SELECT source, heard_at FROM people_list;

-- name: of_list
SELECT person_id, name, role, changed_at, email, language, badge, pin FROM person
WHERE source = :source ORDER BY name COLLATE NOCASE, person_id;

-- name: remove
DELETE FROM people_list WHERE source = :source;

-- name: begin
INSERT INTO people_list (source, heard_at) VALUES (:source, :heard_at);

-- name: add
INSERT INTO person (source, person_id, name, role, changed_at, email, language, badge, pin)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: heard
UPDATE people_list SET heard_at = max(heard_at, :heard_at) WHERE source = :source;

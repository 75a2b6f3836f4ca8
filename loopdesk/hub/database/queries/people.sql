-- The people of the site.

-- name: lock
LOCK TABLE person IN SHARE ROW EXCLUSIVE MODE;

-- name: all
SELECT id::text AS id, name, role, email, language, badge, active, changed_at FROM person
ORDER BY active DESC, name_key, id;

-- name: active
SELECT id::text AS id, name, role, email, language, badge, pin, changed_at FROM person
WHERE active ORDER BY name_key, id;

-- name: free
UPDATE person SET name_key = id::text, badge = NULL WHERE id = ANY (%(ids)s::uuid[]);

-- name: change
UPDATE person
SET name = %(name)s, name_key = %(name_key)s, role = %(role)s, email = %(email)s, language = %(language)s,
    badge = %(badge)s, pin = CASE WHEN %(active)s THEN pin ELSE '' END, active = %(active)s,
    changed_at = clock_timestamp()
WHERE id = %(id)s::uuid;

-- name: add
INSERT INTO person (name, name_key, role, email, language, badge)
VALUES (%(name)s, %(name_key)s, %(role)s, %(email)s, %(language)s, %(badge)s);

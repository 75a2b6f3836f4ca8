-- The site.

-- name: read
SELECT id, name FROM site;

-- name: make
INSERT INTO site (name) VALUES (%(name)s) ON CONFLICT DO NOTHING RETURNING id;

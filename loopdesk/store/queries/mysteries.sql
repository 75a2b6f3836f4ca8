-- name: open_with
SELECT * FROM mystery WHERE code = :code AND code <> '' AND linked_return_id = '' AND NOT closed;

-- name: add
INSERT INTO mystery (code, found_at, operator, station, words, shelf, photo, linked_return_id, linked_by, closed)
VALUES (:code, :found_at, :operator, :station, :words, :shelf, :photo, :linked_return_id, :linked_by, :closed)
RETURNING *;

-- name: get
SELECT * FROM mystery WHERE number = ?;

-- name: open
SELECT * FROM mystery WHERE linked_return_id = '' AND NOT closed ORDER BY number;

-- name: all
SELECT * FROM mystery ORDER BY number DESC LIMIT ?;

-- name: change
UPDATE mystery SET code = :code, found_at = :found_at, operator = :operator, station = :station,
  words = :words, shelf = :shelf, photo = :photo, linked_return_id = :linked_return_id,
  linked_by = :linked_by, closed = :closed
WHERE number = :number
RETURNING number;

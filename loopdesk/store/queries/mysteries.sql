-- name: open_with
SELECT mystery.*, site.series, site.in_series, site.photo_at, site.ended_station
FROM mystery LEFT JOIN site_mystery AS site USING (number)
WHERE code = :code AND code <> '' AND linked_return_id = '' AND NOT closed ORDER BY number DESC;

-- name: add
INSERT INTO mystery (code, found_at, operator, station, words, shelf, photo, linked_return_id, linked_by, closed)
VALUES (:code, :found_at, :operator, :station, :words, :shelf, :photo, :linked_return_id, :linked_by, :closed)
RETURNING number;

-- name: get
SELECT mystery.*, site.series, site.in_series, site.photo_at, site.ended_station
FROM mystery LEFT JOIN site_mystery AS site USING (number) WHERE number = ?;

-- name: open
SELECT mystery.*, site.series, site.in_series, site.photo_at, site.ended_station
FROM mystery LEFT JOIN site_mystery AS site USING (number)
WHERE linked_return_id = '' AND NOT closed ORDER BY found_at, number;

-- name: all
SELECT mystery.*, site.series, site.in_series, site.photo_at, site.ended_station
FROM mystery LEFT JOIN site_mystery AS site USING (number) ORDER BY found_at DESC, number DESC LIMIT ?;

-- name: change
UPDATE mystery SET code = :code, found_at = :found_at, operator = :operator, station = :station,
  words = :words, shelf = :shelf, photo = :photo, linked_return_id = :linked_return_id,
  linked_by = :linked_by, closed = :closed
WHERE number = :number
RETURNING number;

-- name: note_photo
UPDATE site_mystery SET photo_at = '' WHERE number = :number;

-- name: note_end
UPDATE site_mystery SET ended_by = :ended_by, ended_station = :ended_station WHERE number = :number;

-- name: uid
SELECT uid FROM site_mystery WHERE number = :number;

-- name: of_uid
-- Among those of the site, as what follows.
SELECT number FROM site_mystery WHERE uid = :uid;

-- name: of_site
SELECT uid, series, in_series, photo_at, ended_by, ended_station, base FROM site_mystery WHERE number = :number;

-- name: next_foreign
SELECT min(0, coalesce(min(number), 0)) - 1 FROM mystery;

-- name: add_foreign
INSERT INTO mystery (number, code, found_at, operator, station, words, shelf, photo, linked_return_id, linked_by,
                     closed)
VALUES (:number, :code, :found_at, :operator, :station, :words, :shelf, :photo, :linked_return_id, :linked_by,
        :closed);

-- name: put_site
INSERT INTO site_mystery (number, uid, series, in_series, photo_at, ended_by, ended_station, base)
VALUES (:number, :uid, :series, :in_series, :photo_at, :ended_by, :ended_station, :base)
ON CONFLICT (number) DO UPDATE SET series = excluded.series, in_series = excluded.in_series,
  photo_at = excluded.photo_at, ended_by = excluded.ended_by, ended_station = excluded.ended_station,
  base = excluded.base;

-- name: pass_number
UPDATE sqlite_sequence SET seq = max(seq, :in_series)
WHERE name = 'mystery' AND :series <> '' AND :series = (SELECT series FROM mystery_series);

-- name: series
SELECT token, series FROM mystery_series;

-- name: learn_series
UPDATE mystery_series SET series = :series;

-- name: letter_own
UPDATE site_mystery SET series = :series WHERE number > 0 AND series = '';

-- name: number_again
UPDATE site_mystery SET series = :series, in_series = number WHERE uid = :uid AND number > 0 RETURNING number;

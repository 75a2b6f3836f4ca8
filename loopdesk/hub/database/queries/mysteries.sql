-- Mystery parcels of all benches.

-- name: take_turn
SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS stamp, hub_generation() AS generation,
       counter.last, counter.generation AS counted_in
  FROM mystery_counter counter FOR UPDATE;

-- name: series_of
SELECT token, series FROM mystery_series WHERE token = %(token)s OR series = %(series)s;

-- name: count
UPDATE mystery_counter SET last = %(last)s, generation = %(generation)s;

-- name: is_given
SELECT EXISTS (SELECT FROM mystery_series WHERE series = %(series)s)
    OR EXISTS (SELECT FROM mystery WHERE series = %(series)s) AS given;

-- name: give_series
INSERT INTO mystery_series (token, series, bench_id) VALUES (%(token)s, %(series)s, %(bench)s);

-- name: current
SELECT * FROM mystery WHERE uid = %(uid)s;

-- name: holder
SELECT uid FROM mystery WHERE series = %(series)s AND number = %(number)s;

-- name: put
INSERT INTO mystery (uid, series, number, code, found_at, operator, station, words, shelf, photo, photo_at,
                     written_rev, return_id, is_closed, ended_by, ended_at_station, standing_rev)
VALUES (%(uid)s, %(series)s, %(number)s, %(code)s, %(found_at)s, %(operator)s, %(station)s, %(words)s,
        %(shelf)s, %(photo)s, %(photo_at)s, %(written_rev)s, %(return_id)s, %(is_closed)s, %(ended_by)s,
        %(ended_at_station)s, %(standing_rev)s)
ON CONFLICT (uid) DO UPDATE
   SET words = EXCLUDED.words, shelf = EXCLUDED.shelf, photo = EXCLUDED.photo, photo_at = EXCLUDED.photo_at,
       written_rev = EXCLUDED.written_rev, return_id = EXCLUDED.return_id, is_closed = EXCLUDED.is_closed,
       ended_by = EXCLUDED.ended_by, ended_at_station = EXCLUDED.ended_at_station,
       standing_rev = EXCLUDED.standing_rev
RETURNING *;

-- name: told
SELECT * FROM mystery WHERE uid = ANY (%(uids)s::text[]);

-- name: settlement
SELECT number, settlement_id, return_id, order_name, kind, draft, seen, operator, station, key_fingerprint,
  hold_seconds, decided_at
FROM settlement ORDER BY number;

-- name: settlement_backwards
SELECT number, settlement_id, return_id, order_name, kind, draft, seen, operator, station, key_fingerprint,
  hold_seconds, decided_at
FROM settlement ORDER BY number DESC;

-- name: entry
SELECT seq, entry_id, settlement, return_id, kind, target, payload, payload_sha, marker, stage, reason, seen,
  found, tries, unresolved, last_error, moved_at
FROM entry NOT INDEXED ORDER BY seq;

-- name: entry_backwards
SELECT seq, entry_id, settlement, return_id, kind, target, payload, payload_sha, marker, stage, reason, seen,
  found, tries, unresolved, last_error, moved_at
FROM entry NOT INDEXED ORDER BY seq DESC;

-- name: attempt
SELECT entry_id, n, before, evidence, http_status, code, began_at, ended_at FROM attempt ORDER BY entry_id, n;

-- name: attempt_backwards
SELECT entry_id, n, before, evidence, http_status, code, began_at, ended_at FROM attempt
ORDER BY entry_id DESC, n DESC;

-- name: hub_attempt
SELECT entry_id, n, asked_as FROM hub_attempt ORDER BY entry_id, n;

-- name: hub_attempt_backwards
SELECT entry_id, n, asked_as FROM hub_attempt ORDER BY entry_id DESC, n DESC;

-- name: draft
SELECT return_id, body, parked, updated_at FROM draft ORDER BY return_id;

-- name: draft_backwards
SELECT return_id, body, parked, updated_at FROM draft ORDER BY return_id DESC;

-- name: mystery
SELECT number, code, found_at, operator, station, words, shelf, photo, linked_return_id, linked_by, closed
FROM mystery NOT INDEXED ORDER BY number;

-- name: mystery_backwards
SELECT number, code, found_at, operator, station, words, shelf, photo, linked_return_id, linked_by, closed
FROM mystery NOT INDEXED ORDER BY number DESC;

-- name: site_mystery
SELECT number, uid, series, in_series, photo_at, ended_by, ended_station, base
FROM site_mystery NOT INDEXED ORDER BY number;

-- name: site_mystery_backwards
SELECT number, uid, series, in_series, photo_at, ended_by, ended_station, base
FROM site_mystery NOT INDEXED ORDER BY number DESC;

-- name: label_print
SELECT number, subject, content, name, by_itself, began_at, stage FROM label_print NOT INDEXED ORDER BY number;

-- name: label_print_backwards
SELECT number, subject, content, name, by_itself, began_at, stage FROM label_print NOT INDEXED
ORDER BY number DESC;

-- name: photo
SELECT link, name, file, kept_at, tries, stored_at, lost_at FROM photo ORDER BY link;

-- name: photo_backwards
SELECT link, name, file, kept_at, tries, stored_at, lost_at FROM photo ORDER BY link DESC;

-- name: grade_link
SELECT entry_id, n, link, owed FROM grade_link ORDER BY entry_id, n;

-- name: grade_link_backwards
SELECT entry_id, n, link, owed FROM grade_link ORDER BY entry_id DESC, n DESC;

-- name: put_settlement
INSERT INTO settlement VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: put_entry
INSERT INTO entry (seq, entry_id, settlement, return_id, kind, target, payload, payload_sha, marker,
                             stage, reason, seen, found, tries, unresolved, last_error, moved_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: put_attempt
INSERT INTO attempt VALUES (?, ?, ?, ?, ?, ?, ?, ?);

-- name: put_hub_attempt
INSERT INTO hub_attempt VALUES (?, ?, ?);

-- name: put_draft
INSERT INTO draft VALUES (?, ?, ?, ?);

-- name: put_mystery
INSERT INTO mystery VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: put_site_mystery
INSERT OR REPLACE INTO site_mystery VALUES (?, ?, ?, ?, ?, ?, ?, ?);

-- name: put_label_print
INSERT INTO label_print VALUES (?, ?, ?, ?, ?, ?, ?);

-- name: put_photo
INSERT INTO photo VALUES (?, ?, ?, ?, ?, ?, ?);

-- name: put_grade_link
INSERT INTO grade_link VALUES (?, ?, ?, ?);

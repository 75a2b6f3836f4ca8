-- name: add_settlement
INSERT INTO settlement (settlement_id, return_id, order_name, kind, draft, seen, operator, station,
                        key_fingerprint, hold_seconds, decided_at)
VALUES (:settlement_id, :return_id, :order_name, :kind, :draft, :seen, :operator, :station,
        :key_fingerprint, :hold_seconds, :decided_at)
RETURNING number;

-- name: add_entry
INSERT INTO entry (entry_id, settlement, return_id, kind, target, payload, payload_sha, marker, stage, seen,
                   due_at, moved_at)
VALUES (:entry_id, :settlement, :return_id, :kind, :target, :payload, :payload_sha, :marker, 'held', :seen,
        :due_at, :moved_at)
RETURNING seq;

-- name: lane
SELECT * FROM kept WHERE return_id = ? ORDER BY seq;

-- name: of_settlement
SELECT * FROM kept WHERE settlement_id = ? ORDER BY seq;

-- name: by_id
SELECT * FROM kept WHERE entry_id = ?;

-- name: unfinished
SELECT k.*
FROM entry AS u INDEXED BY entry_unfinished CROSS JOIN kept AS k ON k.seq = u.seq
WHERE u.stage NOT IN ('done', 'superseded', 'withdrawn')
ORDER BY k.settlement DESC, k.seq LIMIT ?;

-- name: count_unfinished
SELECT count(*) FROM entry WHERE stage NOT IN ('done', 'superseded', 'withdrawn');

-- name: finished
SELECT k.* FROM settlement AS s CROSS JOIN kept AS k ON k.settlement = s.number
WHERE k.stage IN ('done', 'superseded', 'withdrawn')
ORDER BY s.number DESC, k.seq LIMIT ?;

-- name: in_stage
SELECT * FROM kept WHERE stage = :stage ORDER BY settlement DESC, seq LIMIT :most;

-- name: held
SELECT settlement_id, return_id, order_name, kind, hold_seconds FROM settlement
WHERE number IN (SELECT settlement FROM entry WHERE stage = 'held')
ORDER BY number;

-- name: release
UPDATE entry SET stage = 'ready', due_at = NULL
WHERE stage = 'held' AND settlement = (SELECT number FROM settlement WHERE settlement_id = ?)
RETURNING seq;

-- name: draft_of
SELECT draft FROM settlement WHERE settlement_id = ?;

-- name: drafts_of
SELECT draft FROM settlement
WHERE number IN (SELECT settlement FROM entry WHERE return_id = ? AND stage <> 'withdrawn')
ORDER BY number;

-- name: unsent
SELECT s.settlement_id, s.return_id, s.order_name, s.kind, s.hold_seconds,
       EXISTS (SELECT 1 FROM entry AS h WHERE h.settlement = s.number AND h.stage = 'held')
FROM settlement AS s
WHERE s.number IN (SELECT settlement FROM entry WHERE stage IN ('held', 'ready'))
  AND (:settlement_id IS NULL OR s.settlement_id = :settlement_id)
  AND NOT EXISTS (
    SELECT 1 FROM entry AS e
    WHERE e.settlement = s.number
      AND NOT (
        e.stage = 'held'
        OR (e.stage = 'ready' AND e.tries = 0 AND e.unresolved = 0
            AND NOT EXISTS (SELECT 1 FROM attempt AS a
                            WHERE a.entry_id = e.entry_id AND a.evidence NOT IN ('not_sent', 'key')))))
ORDER BY s.number;

-- name: withdraw
UPDATE entry SET stage = 'withdrawn', due_at = NULL, moved_at = :at
WHERE settlement = (SELECT number FROM settlement WHERE settlement_id = :settlement_id)
RETURNING entry_id;

-- name: lanes
SELECT return_id, min(seq) AS first_seq FROM entry
WHERE stage IN (SELECT value FROM json_each(:stages))
GROUP BY return_id ORDER BY first_seq LIMIT :most;

-- name: waived
SELECT w.entry_id FROM waiver AS w JOIN entry AS e ON e.entry_id = w.entry_id
WHERE e.return_id = ? AND e.stage = 'parked';

-- name: waive
INSERT INTO waiver (entry_id, waived_by, waived_at) VALUES (:entry_id, :by, :at)
ON CONFLICT (entry_id) DO UPDATE SET waived_by = excluded.waived_by, waived_at = excluded.waived_at;

-- name: lane_is_sending
SELECT count(*) FROM entry WHERE stage = 'sending' AND return_id = ?;

-- name: claim
UPDATE entry SET stage = 'sending', batch = :batch, reason = NULL, due_at = NULL, moved_at = :at
WHERE entry_id = :entry_id AND stage = 'ready'
RETURNING seq;

-- name: add_attempt
INSERT INTO attempt (entry_id, n, before, began_at)
VALUES (:entry_id, (SELECT coalesce(max(n), 0) + 1 FROM attempt WHERE entry_id = :entry_id), :before, :at)
RETURNING n;

-- name: ask_as
INSERT INTO hub_attempt (entry_id, n, asked_as) VALUES (?, ?, ?);

-- name: close_attempt
UPDATE attempt SET evidence = :evidence, http_status = :http_status, code = :code, ended_at = :at
WHERE entry_id = :entry_id AND ended_at IS NULL;

-- name: move
UPDATE entry SET stage = :target, reason = :reason, last_error = :error, found = :found,
  tries = tries + :counts,
  unresolved = CASE WHEN :unresolved < 0 THEN 0 ELSE unresolved + :unresolved END,
  batch = NULL, due_at = NULL, moved_at = :at
WHERE entry_id = :entry_id AND stage = :source
RETURNING return_id, kind, (SELECT station FROM settlement WHERE number = settlement);

-- name: remark
UPDATE entry SET last_error = :error WHERE entry_id = :entry_id AND stage = :stage RETURNING seq;

-- name: cut_off
SELECT * FROM kept WHERE stage = 'sending' ORDER BY seq;

-- name: maybe_sent_since
SELECT * FROM kept WHERE stage IN ('held', 'ready', 'settling') ORDER BY seq;

-- name: doubt
UPDATE entry SET stage = 'uncertain', unresolved = unresolved + 1, reason = NULL, due_at = NULL,
  last_error = :error, moved_at = :at
WHERE entry_id = :entry_id;

-- name: attempts
SELECT entry_id, n, before, evidence, http_status, code, began_at, ended_at, coalesce(asked_as, '')
FROM attempt LEFT JOIN hub_attempt USING (entry_id, n) WHERE entry_id = ? ORDER BY n;

-- name: counts
SELECT
  count(*) FILTER (WHERE kept),
  count(*) FILTER (WHERE sent AND NOT parked),
  count(*) FILTER (WHERE parked),
  min(parked_at)
FROM (
  SELECT
    max(stage IN ('held', 'ready')) AS kept,
    max(stage IN ('sending', 'uncertain', 'settling')) AS sent,
    max(stage = 'parked') AS parked,
    min(CASE stage WHEN 'parked' THEN moved_at END) AS parked_at
  FROM entry WHERE stage NOT IN ('done', 'superseded', 'withdrawn')
  GROUP BY return_id);

-- name: payload
SELECT e.payload, e.payload_sha, s.return_id FROM entry e JOIN settlement s ON s.number = e.settlement
WHERE e.entry_id = ?;

-- name: key_fingerprints
SELECT DISTINCT s.key_fingerprint FROM settlement AS s
WHERE s.number IN (
  SELECT settlement FROM entry WHERE stage NOT IN ('done', 'superseded', 'withdrawn')
  UNION ALL
  SELECT e.settlement FROM grade_link AS g JOIN entry AS e ON e.entry_id = g.entry_id
  WHERE g.owed AND e.stage <> 'withdrawn');

-- name: position
SELECT store_id, audit_from, audit_sha, seq, sha, anew FROM store, audit_upload;

-- name: move
UPDATE audit_upload SET seq = :seq, sha = :sha, anew = :anew;

-- name: has
SELECT EXISTS (SELECT 1 FROM audit WHERE seq = :seq AND sha = :sha)
  OR EXISTS (SELECT 1 FROM store WHERE audit_from = :seq AND audit_sha = :sha);

-- name: refuse
INSERT OR REPLACE INTO audit_refused (seq, why, at) VALUES (:seq, :why, :at);

-- name: refusals
SELECT seq, why, at FROM audit_refused WHERE seq > (SELECT audit_from FROM store) ORDER BY seq;

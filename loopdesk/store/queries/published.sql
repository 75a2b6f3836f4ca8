-- name: all
SELECT kind, scope, version, mark, text, given_by, given_at, refused, refused_at, wrong FROM published
ORDER BY kind DESC, scope;

-- name: put
INSERT OR REPLACE INTO published
  (kind, scope, version, mark, text, given_by, given_at, refused, refused_at, wrong)
VALUES (:kind, :scope, :version, :mark, :text, :given_by, :given_at, :refused, :refused_at, :wrong);

-- name: drop
DELETE FROM published WHERE kind = :kind AND scope = :scope;

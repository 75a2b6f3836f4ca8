-- name: of_return
SELECT json_extract(detail, '$.tracking'), at, operator, station FROM audit
WHERE return_id = :return_id AND return_id <> '' AND event = 'parcel_seen' ORDER BY seq;

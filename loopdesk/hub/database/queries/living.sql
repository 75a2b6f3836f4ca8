-- Which processes live, and what they tell each other.

-- name: take
SELECT pg_advisory_lock(%(owner)s);

-- name: release
SELECT pg_advisory_unlock_all();

-- name: beat
SELECT hub_generation() AS generation;

-- name: is_alive
SELECT owner_is_alive(%(owner)s) AS alive;

-- name: notify
SELECT pg_notify(%(channel)s, %(payload)s);

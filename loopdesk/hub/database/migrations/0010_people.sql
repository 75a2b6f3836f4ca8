-- The people of the site. Whoever goes stays without what opened the station, for their name is in audit logs.
CREATE TABLE person (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 40),
    name_key text NOT NULL,
    role text NOT NULL CHECK (role IN ('operator', 'lead', 'it')),
    email text NOT NULL DEFAULT '',
    language text NOT NULL DEFAULT '',
    badge bytea CHECK (length(badge) = 32),
    pin text NOT NULL DEFAULT '',
    active boolean NOT NULL DEFAULT true,
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CHECK (active OR (badge IS NULL AND pin = ''))
);
COMMENT ON COLUMN person.badge IS 'HMAC-SHA256 of the badge, by a key that is derived from the encryption key';
COMMENT ON COLUMN person.pin IS 'as argon2 writes it';
COMMENT ON COLUMN person.name_key IS 'the name without regard to case, by which two are the same';
CREATE UNIQUE INDEX person_name ON person (name_key) WHERE active;
CREATE UNIQUE INDEX person_badge ON person (badge) WHERE active;

-- Told from the beginning, also while it is empty: a bench then knows that the hub's list counts.
WITH taken AS (UPDATE shared_feed SET last = last + 1 RETURNING last)
INSERT INTO shared_change (kind, key, seq, is_gone) SELECT 'people', 'site', last, false FROM taken;

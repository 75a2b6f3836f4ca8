-- What Loop answered to reads, kept as it came, and what makes it old.

CREATE TABLE read_copy (
    target text NOT NULL,
    shop_id text NOT NULL REFERENCES shop ON DELETE CASCADE,
    kind text NOT NULL,
    return_id text,
    status smallint NOT NULL,
    media text NOT NULL,
    body bytea NOT NULL,
    read_began timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    PRIMARY KEY (target, shop_id)
);
CREATE INDEX read_copy_end ON read_copy (ends_at);

-- When something last said that a return changed: a webhook, or the end of an action of our own.
CREATE TABLE read_hint (
    shop_id text NOT NULL REFERENCES shop ON DELETE CASCADE,
    return_id text NOT NULL,
    hint_at timestamptz NOT NULL,
    PRIMARY KEY (shop_id, return_id)
);
CREATE INDEX read_hint_newest ON read_hint (shop_id, hint_at);

-- In which shop a return was seen. Loop's numbers are taken for unique over shops; one that is not is chosen
-- for by a person, or refused.
CREATE TABLE return_home (
    return_id text NOT NULL,
    shop_id text NOT NULL REFERENCES shop ON DELETE CASCADE,
    seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (return_id, shop_id)
);

CREATE TABLE return_home_choice (
    return_id text PRIMARY KEY,
    shop_id text NOT NULL REFERENCES shop ON DELETE CASCADE,
    chosen_by text NOT NULL,
    chosen_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

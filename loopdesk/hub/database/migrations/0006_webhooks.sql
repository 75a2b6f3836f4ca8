-- What Loop told by webhooks, what came of it, and the secrets that prove it.

-- A secret of a webhook, sealed like Loop's keys. Each webhook at Loop has one of its own, so a topic has one for
-- each trigger, and for the time of a change two of them.
CREATE TABLE webhook_secret (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    shop_id text NOT NULL REFERENCES shop ON DELETE CASCADE,
    topic text NOT NULL,
    trigger text NOT NULL DEFAULT '',
    sealed bytea NOT NULL,
    added_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at timestamptz
);
CREATE INDEX webhook_secret_in_use ON webhook_secret (shop_id, topic) WHERE ended_at IS NULL;

-- One webhook with a good signature. The row is the truth, whatever wakes whom: it is applied once, and is due
-- until it was. Loop numbers nothing, so two are the same if all that they say is. The body is sealed, since it
-- has the shopper's name and address, and ends with the row.
CREATE TABLE webhook (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    shop_id text NOT NULL REFERENCES shop ON DELETE CASCADE,
    topic text NOT NULL,
    trigger text NOT NULL,
    subject text NOT NULL,
    body_hash bytea NOT NULL CHECK (length(body_hash) = 32),
    return_id text NOT NULL,
    sealed bytea NOT NULL,
    arrived_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    applied_at timestamptz,
    tries integer NOT NULL DEFAULT 0,
    next_try_at timestamptz,
    trouble text,
    UNIQUE (shop_id, topic, trigger, subject, body_hash)
);
CREATE INDEX webhook_due ON webhook (id) WHERE applied_at IS NULL;
CREATE INDEX webhook_arrived ON webhook (shop_id, arrived_at);
CREATE INDEX webhook_age ON webhook (arrived_at);

-- The same webhook again. It is a row of its own, so that whoever brings it never waits for the one who applies the
-- first; then it renews the hint, since a return that is closed again has the same body as before.
CREATE TABLE webhook_repeat (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    webhook_id bigint NOT NULL,
    arrived_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- The newest that a webhook said of a label, by the label's own time.
CREATE TABLE webhook_label (
    shop_id text NOT NULL REFERENCES shop ON DELETE CASCADE,
    tracking_number text NOT NULL,
    return_id text NOT NULL,
    carrier text NOT NULL,
    status text NOT NULL,
    updated_at timestamptz,
    told_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (shop_id, tracking_number, return_id)
);
CREATE INDEX webhook_label_age ON webhook_label (told_at);

-- A processing that Loop accepted and could not do. Nothing that can be read shows it.
CREATE TABLE webhook_failure (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    webhook_id bigint NOT NULL UNIQUE,
    shop_id text NOT NULL REFERENCES shop ON DELETE CASCADE,
    return_id text NOT NULL,
    state text NOT NULL,
    message text NOT NULL,
    source text NOT NULL,
    told_at timestamptz NOT NULL
);
CREATE INDEX webhook_failure_return ON webhook_failure (shop_id, return_id);
CREATE INDEX webhook_failure_age ON webhook_failure (told_at);

-- Since when a shop's returns have changed by our own actions: webhooks must follow.
CREATE INDEX action_accepted ON action (shop_id, ended_at) WHERE proof = 'accepted' AND return_id <> '';

-- How many requests came to an end in which way, by the hour. Shop and topic are '' if there is no such.
CREATE TABLE webhook_tally (
    shop_id text NOT NULL,
    topic text NOT NULL,
    ending text NOT NULL,
    hour timestamptz NOT NULL,
    number bigint NOT NULL,
    last_at timestamptz NOT NULL,
    PRIMARY KEY (shop_id, topic, ending, hour)
);

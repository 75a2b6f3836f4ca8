-- The index: what the hub knows of each shop's returns, the feed of its changes, and who reads it from Loop.

-- The newest answer about a return, and beside it the newest details, which a list answer does not replace.
-- Bodies are UTF-8 as Loop's JSON came. The mark tells whether a bench holds the same two bodies.
CREATE TABLE return_copy (
    shop_id text NOT NULL REFERENCES shop,
    return_id text NOT NULL,
    body bytea NOT NULL,
    is_details boolean NOT NULL,
    details bytea,
    details_at timestamptz,
    has_details boolean NOT NULL,
    mark text NOT NULL,
    updated_at timestamptz,
    fetched_at timestamptz NOT NULL,
    PRIMARY KEY (shop_id, return_id)
);

-- Codes of parcels that no answer about the return holds: those of boxes and of the advance notice.
CREATE TABLE return_code (
    shop_id text NOT NULL REFERENCES shop,
    return_id text NOT NULL,
    code text NOT NULL,
    kind text NOT NULL,
    PRIMARY KEY (shop_id, return_id, code, kind)
);

CREATE TABLE return_line (
    shop_id text NOT NULL REFERENCES shop,
    line_item_id text NOT NULL,
    return_id text NOT NULL,
    PRIMARY KEY (shop_id, line_item_id, return_id)
);

-- Parcels on their way to the dock: those of the newest answer, and what the advance notice said of them.
CREATE TABLE return_parcel (
    shop_id text NOT NULL REFERENCES shop,
    return_id text NOT NULL,
    tracking_number text NOT NULL,
    carrier text NOT NULL,
    label text NOT NULL,
    label_at timestamptz NOT NULL,
    delivered_at timestamptz,
    PRIMARY KEY (shop_id, return_id, tracking_number)
);
CREATE INDEX return_parcel_by_age ON return_parcel (shop_id, label_at);

-- How far the reading of Loop's lists has come, by name.
CREATE TABLE index_mark (
    shop_id text NOT NULL REFERENCES shop,
    name text NOT NULL,
    value text NOT NULL,
    PRIMARY KEY (shop_id, name)
);

-- One counter a shop. Whoever changes something takes its numbers as the last statement of the transaction,
-- so that numbers become visible in their order and without a gap.
CREATE TABLE feed (
    shop_id text PRIMARY KEY REFERENCES shop,
    last bigint NOT NULL DEFAULT 0,
    dropped bigint NOT NULL DEFAULT 0
);
COMMENT ON COLUMN feed.dropped IS 'the last change that is kept no more';

CREATE TABLE change (
    shop_id text NOT NULL REFERENCES feed,
    seq bigint NOT NULL,
    return_id text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (shop_id, seq)
);

-- Who reads a shop from Loop. Its term rises with every leader, and every write of one is for its own term.
CREATE TABLE lead (
    shop_id text PRIMARY KEY REFERENCES shop,
    term bigint NOT NULL DEFAULT 0,
    owner bigint,
    beat timestamptz
);

CREATE FUNCTION index_of_new_shop() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO feed (shop_id) VALUES (NEW.id);
    INSERT INTO lead (shop_id) VALUES (NEW.id);
    RETURN NEW;
END
$$;
CREATE TRIGGER shop_index AFTER INSERT ON shop FOR EACH ROW EXECUTE FUNCTION index_of_new_shop();
INSERT INTO feed (shop_id) SELECT id FROM shop;
INSERT INTO lead (shop_id) SELECT id FROM shop;

-- The session lock of a shop's leader. Two numbers, so that it is no process's own.
CREATE FUNCTION lead_key(shop text) RETURNS integer LANGUAGE sql IMMUTABLE AS $$ SELECT hashtext(shop) $$;

-- Everything that a bench is told about a return.
CREATE VIEW told_return AS
SELECT c.shop_id, c.return_id, c.body, c.is_details, c.details, c.mark, c.fetched_at,
       (SELECT json_agg(json_build_array(k.code, k.kind) ORDER BY k.code, k.kind) FROM return_code k
         WHERE k.shop_id = c.shop_id AND k.return_id = c.return_id) AS codes,
       (SELECT json_agg(json_build_array(p.tracking_number, p.carrier, p.label, p.label_at, p.delivered_at)
                        ORDER BY p.tracking_number) FROM return_parcel p
         WHERE p.shop_id = c.shop_id AND p.return_id = c.return_id) AS parcels
  FROM return_copy c;

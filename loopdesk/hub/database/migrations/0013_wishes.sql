-- Returns of which somebody said that they changed, and that the index has not read since; the shop's leader reads
-- them. The one whose id is '' stands for the boxes of Happy Returns.
CREATE TABLE index_wish (
    shop_id text NOT NULL REFERENCES shop ON DELETE CASCADE,
    return_id text NOT NULL,
    hinted_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    PRIMARY KEY (shop_id, return_id)
);
CREATE INDEX index_wish_due ON index_wish (shop_id, due_at);

-- What of the ledger is kept for how long. An answer's words go first; what the attempt was, and what its
-- answer proved, stays, so that nobody takes its key for a new one.

ALTER TABLE action DROP CONSTRAINT action_check1;
ALTER TABLE action ADD CONSTRAINT action_answer CHECK (
    CASE WHEN stage = 'answered' THEN status IS NOT NULL AND proof IS NOT NULL ELSE status IS NULL END
    AND (headers IS NULL) = (body IS NULL)
    AND (body IS NULL OR stage = 'answered')
);

CREATE INDEX action_worded ON action (ended_at) WHERE body IS NOT NULL;
CREATE INDEX action_ended ON action (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX return_claim_ended ON return_claim (ended_at) WHERE ended_at IS NOT NULL;

CREATE OR REPLACE FUNCTION action_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT action_move_is_legal(OLD.stage, NEW.stage)
       AND NOT (OLD.stage = 'answered' AND NEW.stage = 'answered' AND NEW.body IS NULL
                AND (OLD.status, OLD.proof, OLD.sent_at, OLD.ended_at)
                    IS NOT DISTINCT FROM (NEW.status, NEW.proof, NEW.sent_at, NEW.ended_at)) THEN
        RAISE EXCEPTION 'an attempt does not move from % to %', OLD.stage, NEW.stage;
    END IF;
    IF (OLD.bench_id, OLD.shop_id, OLD.return_id, OLD.kind, OLD.payload_sha)
       IS DISTINCT FROM (NEW.bench_id, NEW.shop_id, NEW.return_id, NEW.kind, NEW.payload_sha) THEN
        RAISE EXCEPTION 'what an attempt asks for does not change';
    END IF;
    RETURN NEW;
END
$$;

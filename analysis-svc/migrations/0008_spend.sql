-- The daily spend cap: what the calls of a day (UTC) may have cost, reserved before they are made.
--
-- A call is born with its estimate on it; the day holds the sum. When the call ends the estimate
-- gives way to the cost. A call whose end nobody saw may have been billed, so its estimate stands.
-- Without a cap nothing is reserved, and this table stays empty.
CREATE TABLE analysis.spend (
    day date PRIMARY KEY,
    micro_usd bigint NOT NULL
);
ALTER TABLE analysis.attempts ADD COLUMN reserved_micro_usd bigint NOT NULL DEFAULT 0;

CREATE FUNCTION analysis.attempt_stands(a analysis.attempts) RETURNS bigint
    LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN a.class IN ('released', 'unsent') THEN 0
                WHEN a.class IS NULL OR a.class IN ('lost', 'timeout')
                THEN greatest(a.reserved_micro_usd, a.cost_micro_usd)
                ELSE a.cost_micro_usd END $$;

CREATE FUNCTION analysis.attempt_settle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE analysis.spend
    SET micro_usd = micro_usd + analysis.attempt_stands(NEW) - analysis.attempt_stands(OLD)
    WHERE day = (OLD.started_at AT TIME ZONE 'UTC')::date;
    RETURN NULL;
END $$;
CREATE TRIGGER attempt_settled AFTER UPDATE ON analysis.attempts
    FOR EACH ROW WHEN (OLD.reserved_micro_usd > 0
                       AND (OLD.class IS DISTINCT FROM NEW.class
                            OR OLD.cost_micro_usd <> NEW.cost_micro_usd))
    EXECUTE FUNCTION analysis.attempt_settle();

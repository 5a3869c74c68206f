-- What people say about a reading: approved, rejected, corrected. Corrections survive further runs.

-- rev: upload-svc counts the times it sent a picture; an older message that comes late changes nothing.
-- moved: the picture changed its set only; its stored answer serves again, whatever model gave it.
ALTER TABLE analysis.images
    ADD COLUMN rev int NOT NULL DEFAULT 0,
    ADD COLUMN moved boolean NOT NULL DEFAULT false,
    ADD COLUMN review text CHECK (review IN ('approve', 'reject'));

-- Every review, in order; nothing is ever taken out of it but by deleting the picture.
CREATE TABLE analysis.reviews (
    review_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    snapshot_id bigint NOT NULL,
    batch_id uuid NOT NULL,
    action text NOT NULL CHECK (action IN ('approve', 'edit', 'reject')),
    reviewer text NOT NULL,
    note text NOT NULL DEFAULT '',
    run int NOT NULL, -- that the person had before them
    at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX reviews_snapshot ON analysis.reviews (snapshot_id, review_id);

-- The newest of a (row key, field) within a set holds; text NULL withdraws the ones before it.
CREATE TABLE analysis.edits (
    edit_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    review_id bigint NOT NULL REFERENCES analysis.reviews ON DELETE CASCADE,
    snapshot_id bigint NOT NULL,
    row_key text NOT NULL,
    field text NOT NULL,
    text text -- as a person typed it
);
CREATE INDEX edits_snapshot ON analysis.edits (snapshot_id, row_key, field, edit_id DESC);
CREATE INDEX edits_review ON analysis.edits (review_id);

-- Column: who changed it and when.
ALTER TABLE analysis.leaderboard_rows ADD COLUMN edited jsonb NOT NULL DEFAULT '{}';
CREATE FUNCTION analysis.cell_edits(line jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE AS $$
    SELECT COALESCE(jsonb_object_agg(c.key, c.value -> 'edited')
                    FILTER (WHERE c.value ? 'edited'), '{}')
    FROM jsonb_each(COALESCE(line -> 'cells', '{}')) AS c $$;

-- The word for people outside: an approved reading is a state of its own to them.
CREATE FUNCTION analysis.image_word(state analysis.image_state, review text) RETURNS text
    LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN state = 'extracted' AND review = 'approve' THEN 'validated'
                ELSE state::text END $$;

CREATE OR REPLACE FUNCTION analysis.image_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO analysis.event_log (snapshot_id, state, data)
    VALUES (NEW.snapshot_id, analysis.image_word(NEW.state, NEW.review),
            jsonb_strip_nulls(jsonb_build_object('uuid', NEW.uuid, 'set_id', NEW.set_id,
                'run', NEW.run, 'confidence', NEW.confidence, 'fail_code', NEW.fail_code,
                'fail_note', NEW.fail_note, 'review', NEW.review)));
    PERFORM pg_notify('analysis_events', '');
    RETURN NULL;
END $$;
DROP TRIGGER image_moved ON analysis.images;
CREATE TRIGGER image_moved AFTER UPDATE ON analysis.images
    FOR EACH ROW WHEN (OLD.state <> NEW.state OR OLD.run <> NEW.run
                       OR OLD.review IS DISTINCT FROM NEW.review)
    EXECUTE FUNCTION analysis.image_event();

CREATE OR REPLACE VIEW analysis.snapshot_status AS
SELECT snapshot_id, uuid, batch_id, set_id, analysis.image_word(state, review) AS state, confidence,
       fail_code, fail_note, attempts, cost_micro_usd, accepted_at, updated_at, processed_at
FROM analysis.images;

CREATE OR REPLACE VIEW analysis.leaderboard AS
SELECT r.sheet_id, s.set_id, s.campaign_id, s.platform_source, s.snapshot_date, r.row_no, r.row_key,
       r.rank, r.display_name, r.handle, r.total_snaps, r.snaps_24h, r.snaps_7d,
       r.mindshare_percent, r.mindshare_change, r.followers, r.smart_followers, r.status, r.badge,
       r.confidence, r.doubtful, r.sources, r.notes, r.edited
FROM analysis.leaderboard_rows r JOIN analysis.sheets s USING (sheet_id);

-- The newest first; edits as they were typed, null for one that was withdrawn.
CREATE VIEW analysis.snapshot_reviews AS
SELECT r.snapshot_id, r.review_id, r.batch_id, r.action, r.reviewer, r.note, r.run, r.at,
       COALESCE((SELECT jsonb_agg(jsonb_build_object('rowKey', e.row_key, 'field', e.field,
                                                     'value', e.text) ORDER BY e.edit_id)
                 FROM analysis.edits e WHERE e.review_id = r.review_id), '[]') AS edits
FROM analysis.reviews r;

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'upload_svc') THEN
        GRANT SELECT ON analysis.snapshot_reviews TO upload_svc;
    END IF;
END $$;

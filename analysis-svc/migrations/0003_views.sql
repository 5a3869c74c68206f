-- What upload-svc may see (proto/README.md): these views, and nothing else of this schema.

CREATE VIEW analysis.snapshot_status AS
SELECT snapshot_id, uuid, batch_id, set_id, state::text AS state, confidence, fail_code, fail_note,
       attempts, cost_micro_usd, accepted_at, updated_at, processed_at
FROM analysis.images;

CREATE VIEW analysis.snapshot_result AS
SELECT snapshot_id, extractor, version, run, provider, model, confidence, document, created_at
FROM analysis.extractions WHERE current;

-- One line per picture and call. The cost is the picture's share; tokens are the whole call's.
CREATE VIEW analysis.snapshot_attempts AS
SELECT l.snapshot_id, a.attempt_id, a.provider, COALESCE(a.answered_by, a.model) AS model,
       a.transport, a.class, a.http_status, a.request_id, a.input_tokens, a.output_tokens,
       (a.cost_micro_usd + a.image_count - 1) / a.image_count AS cost_micro_usd,
       a.started_at, a.finished_at, a.message
FROM analysis.attempt_images l JOIN analysis.attempts a USING (attempt_id);

CREATE VIEW analysis.sheet AS
SELECT sheet_id, set_id, extractor, platform_source, snapshot_date, campaign_id, campaign_title,
       handle, confidence, document, snapshot_ids, updated_at
FROM analysis.sheets WHERE document IS NOT NULL;

CREATE VIEW analysis.leaderboard AS
SELECT r.sheet_id, s.set_id, s.campaign_id, s.platform_source, s.snapshot_date, r.row_no, r.row_key,
       r.rank, r.display_name, r.handle, r.total_snaps, r.snaps_24h, r.snaps_7d,
       r.mindshare_percent, r.mindshare_change, r.followers, r.smart_followers, r.status, r.badge,
       r.confidence, r.doubtful, r.sources, r.notes
FROM analysis.leaderboard_rows r JOIN analysis.sheets s USING (sheet_id);

CREATE VIEW analysis.profile AS
SELECT p.sheet_id, s.set_id, s.platform_source, s.snapshot_date, p.handle, p.display_name,
       p.confidence, p.doubtful, p.document
FROM analysis.yapper_profiles p JOIN analysis.sheets s USING (sheet_id);

CREATE VIEW analysis.events AS
SELECT xid, seq, snapshot_id, state, data, at FROM analysis.event_log;

-- In a test's own cluster the other service's role may be absent.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'upload_svc') THEN
        GRANT USAGE ON SCHEMA analysis TO upload_svc;
        GRANT SELECT ON analysis.snapshot_status, analysis.snapshot_result,
              analysis.snapshot_attempts, analysis.sheet, analysis.leaderboard, analysis.profile,
              analysis.events TO upload_svc;
    END IF;
END $$;

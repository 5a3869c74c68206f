-- A sheet's rows are read once for all that is kept of them, and the plans of these statements are
-- made once a session: planning them anew took longer than running them.

CREATE OR REPLACE FUNCTION analysis.board_pair(sheet bigint, before bigint, OUT movers jsonb,
                                               OUT entrants jsonb)
    LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    movers := '[]';
    entrants := '[]';
    IF sheet IS NULL OR before IS NULL THEN
        RETURN;
    END IF;
    WITH j AS MATERIALIZED (SELECT n.row_no, n.rank, n.display_name, n.handle, n.campaign_id,
                                   b.row_key IS NULL AS came, b.rank AS was
            FROM (SELECT * FROM analysis.leaderboard WHERE sheet_id = sheet) AS n LEFT JOIN
                 (SELECT row_key, rank FROM analysis.leaderboard WHERE sheet_id = before) AS b
                 USING (row_key)),
    m AS (SELECT * FROM j WHERE rank <> was ORDER BY abs(was - rank) DESC, rank, row_no LIMIT 10)
    SELECT (SELECT jsonb_agg(jsonb_build_object('handle', handle, 'displayName', display_name,
                'campaignId', campaign_id, 'rank', rank, 'rankBefore', was, 'change', was - rank)
                ORDER BY abs(was - rank) DESC, rank, row_no) FROM m),
           (SELECT jsonb_agg(jsonb_build_object('handle', handle, 'displayName', display_name,
                'campaignId', campaign_id, 'rank', rank) ORDER BY rank, row_no) FROM j WHERE came)
    INTO movers, entrants;
    movers := COALESCE(movers, '[]');
    entrants := COALESCE(entrants, '[]');
END $$;

CREATE OR REPLACE FUNCTION analysis.board_write(id bigint) RETURNS void
    LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    s record;
    was bigint;
    after bigint;
BEGIN
    DELETE FROM analysis.board_bests WHERE sheet_id = id;
    DELETE FROM analysis.boards WHERE sheet_id = id;
    SELECT platform_source, campaign_id, campaign_title, snapshot_date, document IS NOT NULL AS read
    INTO s FROM analysis.sheets WHERE sheet_id = id;
    was := analysis.board_before(s.platform_source, s.campaign_id, s.snapshot_date);
    WITH r AS MATERIALIZED (SELECT row_no, row_key, rank, display_name, handle, total_snaps,
            snaps_24h, snaps_7d, mindshare_percent, mindshare_change, followers, smart_followers
            FROM analysis.leaderboard_rows WHERE sheet_id = id),
    best AS (INSERT INTO analysis.board_bests (sheet_id, metric, amounts, row_nos)
        SELECT id, m.metric, b.amounts, b.row_nos
        FROM (VALUES (1, 'total_snaps'), (2, 'snaps_24h'), (3, 'snaps_7d'), (4, 'mindshare_percent'),
                     (5, 'mindshare_change'), (6, 'followers'), (7, 'smart_followers')) AS m (no, metric),
             LATERAL (SELECT array_agg(t.amount) AS amounts, array_agg(t.row_no) AS row_nos
                FROM (SELECT row_no, amount FROM (SELECT row_no, CASE m.no WHEN 1 THEN total_snaps
                          WHEN 2 THEN snaps_24h WHEN 3 THEN snaps_7d WHEN 4 THEN mindshare_percent
                          WHEN 5 THEN mindshare_change WHEN 6 THEN followers ELSE smart_followers
                          END AS amount FROM r) AS c WHERE amount IS NOT NULL
                      ORDER BY amount DESC, row_no LIMIT 200) AS t) AS b
        WHERE b.amounts IS NOT NULL)
    INSERT INTO analysis.boards (sheet_id, row_count, total_snaps, mindshare_percent, people, top,
                                 before_id, before_revision, movers, entrants)
    SELECT id, l.n, l.total_snaps, l.mindshare_percent, l.people,
           COALESCE((SELECT jsonb_agg(jsonb_build_object('rank', t.rank, 'handle', t.handle,
                'displayName', t.display_name, 'campaignId', s.campaign_id, 'campaignTitle',
                s.campaign_title, 'totalSnaps', t.total_snaps, 'mindsharePercent',
                t.mindshare_percent) ORDER BY t.rank, t.row_no)
             FROM (SELECT * FROM r WHERE rank IS NOT NULL ORDER BY rank, row_no LIMIT 10) AS t),
             '[]'),
           was, (SELECT COALESCE(max(revision), 0) FROM analysis.boards WHERE sheet_id = was),
           p.movers, p.entrants
    FROM (SELECT count(*) AS n, sum(total_snaps) AS total_snaps,
                 sum(mindshare_percent) AS mindshare_percent,
                 array_agg(hashtextextended(row_key, 0)) AS people FROM r) AS l,
         analysis.board_pair(id, CASE WHEN l.n > 0 THEN was END) AS p
    WHERE l.n > 0;
    IF NOT FOUND AND s.read THEN
        RETURN; -- its rows are about to be written again
    END IF;
    after := analysis.board_after(s.platform_source, s.campaign_id, s.snapshot_date);
    IF after IS NULL THEN
        RETURN;
    END IF;
    was := analysis.board_before(s.platform_source, s.campaign_id,
                                 (SELECT snapshot_date FROM analysis.sheets WHERE sheet_id = after));
    UPDATE analysis.boards b SET before_id = was, movers = p.movers, entrants = p.entrants,
        before_revision = (SELECT COALESCE(max(o.revision), 0) FROM analysis.boards o
                           WHERE o.sheet_id = was)
    FROM (SELECT sheet_id FROM analysis.sheets WHERE sheet_id = after
          FOR NO KEY UPDATE SKIP LOCKED) AS free, analysis.board_pair(after, was) AS p
    WHERE b.sheet_id = free.sheet_id;
END $$;
ALTER FUNCTION analysis.board_before SET plan_cache_mode = force_generic_plan;
ALTER FUNCTION analysis.board_after SET plan_cache_mode = force_generic_plan;

-- Of a cell of a document's row (proto/README.md): a value of the wrong kind is no value.
CREATE FUNCTION analysis.cell_number(cell jsonb) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN jsonb_typeof(cell -> 'value') = 'number' THEN (cell ->> 'value')::float8 END $$;
CREATE FUNCTION analysis.cell_whole(cell jsonb) RETURNS int LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN abs(analysis.cell_number(cell)) < 2147483647
                THEN round(analysis.cell_number(cell))::int END $$;
CREATE FUNCTION analysis.cell_text(cell jsonb) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN jsonb_typeof(cell -> 'value') IN ('string', 'number')
                THEN cell ->> 'value' END $$;

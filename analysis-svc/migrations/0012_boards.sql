-- What is asked of many leaderboards at once is kept beside each of them, by triggers, in the
-- transaction that writes its rows: sums, people, the best of each metric, and who moved or came
-- since the sheet before. A query over days then reads a row a sheet instead of hundreds.
--
-- A sheet's own sums are always those of its rows. What compares two sheets names the sheet that it
-- was compared with and that one's revision: where another sheet has taken its place since, or its
-- rows changed unseen (two transactions at once), the view computes it anew. So no order of
-- commits can make it wrong, and nobody waits for a lock to keep it right.

CREATE SEQUENCE analysis.board_revision AS bigint;
CREATE TABLE analysis.boards (
    sheet_id bigint PRIMARY KEY REFERENCES analysis.sheets ON DELETE CASCADE,
    revision bigint NOT NULL DEFAULT nextval('analysis.board_revision'), -- another for other rows
    row_count int NOT NULL,
    total_snaps float8,
    mindshare_percent float8,
    people bigint[] NOT NULL, -- a hash of each row's key: counted over many sheets, never shown
    top jsonb NOT NULL,     -- the first ten
    before_id bigint,       -- what it was compared with; NULL: there was no day before it
    before_revision bigint, -- 0: a sheet without rows
    movers jsonb NOT NULL,  -- the ten that moved most
    entrants jsonb NOT NULL
);

-- A sheet's 200 best of a metric (a column of leaderboard_rows), best first.
CREATE TABLE analysis.board_bests (
    sheet_id bigint REFERENCES analysis.sheets ON DELETE CASCADE,
    metric text,
    amounts float8[] NOT NULL,
    row_nos int[] NOT NULL,
    PRIMARY KEY (sheet_id, metric)
);
-- Hundreds of these are read at once: no second look-up for each, and nothing to unpack.
ALTER TABLE analysis.board_bests ALTER amounts SET STORAGE PLAIN, ALTER row_nos SET STORAGE PLAIN;
ALTER TABLE analysis.boards ALTER people SET STORAGE MAIN;

CREATE INDEX sheets_of_campaign ON analysis.sheets (platform_source, campaign_id, snapshot_date)
    WHERE extractor = 'leaderboard';

-- A campaign's day is its newest sheet. These two: the sheet of the last day before, and of the
-- first after. They and board_pair read the views, for upload-svc calls them by way of a view.
CREATE FUNCTION analysis.board_before(platform text, campaign bigint, day date) RETURNS bigint
    LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF campaign IS NULL THEN
        RETURN (SELECT s.sheet_id FROM analysis.sheet s WHERE s.extractor = 'leaderboard'
            AND s.platform_source = platform AND s.campaign_id IS NULL AND s.snapshot_date < day
            ORDER BY s.snapshot_date DESC, s.updated_at DESC, s.sheet_id DESC LIMIT 1);
    END IF;
    RETURN (SELECT s.sheet_id FROM analysis.sheet s WHERE s.extractor = 'leaderboard'
        AND s.platform_source = platform AND s.campaign_id = campaign AND s.snapshot_date < day
        ORDER BY s.snapshot_date DESC, s.updated_at DESC, s.sheet_id DESC LIMIT 1);
END $$;
CREATE FUNCTION analysis.board_after(platform text, campaign bigint, day date) RETURNS bigint
    LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF campaign IS NULL THEN
        RETURN (SELECT s.sheet_id FROM analysis.sheet s WHERE s.extractor = 'leaderboard'
            AND s.platform_source = platform AND s.campaign_id IS NULL AND s.snapshot_date > day
            ORDER BY s.snapshot_date, s.updated_at DESC, s.sheet_id DESC LIMIT 1);
    END IF;
    RETURN (SELECT s.sheet_id FROM analysis.sheet s WHERE s.extractor = 'leaderboard'
        AND s.platform_source = platform AND s.campaign_id = campaign AND s.snapshot_date > day
        ORDER BY s.snapshot_date, s.updated_at DESC, s.sheet_id DESC LIMIT 1);
END $$;

-- Who moved and who came between two sheets; nobody, where there is none before.
CREATE FUNCTION analysis.board_pair(sheet bigint, before bigint, OUT movers jsonb, OUT entrants jsonb)
    LANGUAGE plpgsql STABLE AS $$
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

-- Makes all that is kept of a sheet anew, and the comparison of the day after it. Who writes here
-- holds the sheet; the day after is left alone while another holds it, so nobody ever waits here
-- for anybody: the view sees that it is old.
CREATE FUNCTION analysis.board_write(id bigint) RETURNS void LANGUAGE plpgsql AS $$
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
    INSERT INTO analysis.boards (sheet_id, row_count, total_snaps, mindshare_percent, people, top,
                                 before_id, before_revision, movers, entrants)
    SELECT id, l.n, l.total_snaps, l.mindshare_percent, l.people,
           COALESCE((SELECT jsonb_agg(jsonb_build_object('rank', t.rank, 'handle', t.handle,
                'displayName', t.display_name, 'campaignId', s.campaign_id, 'campaignTitle',
                s.campaign_title, 'totalSnaps', t.total_snaps, 'mindsharePercent',
                t.mindshare_percent) ORDER BY t.rank, t.row_no)
             FROM (SELECT * FROM analysis.leaderboard_rows WHERE sheet_id = id AND rank IS NOT NULL
                   ORDER BY rank, row_no LIMIT 10) AS t), '[]'),
           was, (SELECT COALESCE(max(revision), 0) FROM analysis.boards WHERE sheet_id = was),
           p.movers, p.entrants
    FROM (SELECT count(*) AS n, sum(total_snaps) AS total_snaps,
                 sum(mindshare_percent) AS mindshare_percent, 
                 array_agg(hashtextextended(row_key, 0)) AS people
          FROM analysis.leaderboard_rows WHERE sheet_id = id) AS l,
         analysis.board_pair(id, was) AS p
    WHERE l.n > 0;
    IF NOT FOUND AND s.read THEN
        RETURN; -- its rows are about to be written again
    END IF;
    INSERT INTO analysis.board_bests (sheet_id, metric, amounts, row_nos)
    SELECT id, metric, (array_agg(amount))[:200], (array_agg(row_no))[:200]
    FROM (SELECT m.metric, m.amount, l.row_no
          FROM analysis.leaderboard_rows l,
               LATERAL (VALUES ('total_snaps', l.total_snaps), ('snaps_24h', l.snaps_24h),
                        ('snaps_7d', l.snaps_7d), ('mindshare_percent', l.mindshare_percent),
                        ('mindshare_change', l.mindshare_change), ('followers', l.followers),
                        ('smart_followers', l.smart_followers)) AS m (metric, amount)
          WHERE l.sheet_id = id AND m.amount IS NOT NULL
          ORDER BY m.metric, m.amount DESC, l.row_no) AS best
    GROUP BY metric;
    after := analysis.board_after(s.platform_source, s.campaign_id, s.snapshot_date);
    was := analysis.board_before(s.platform_source, s.campaign_id,
                                 (SELECT snapshot_date FROM analysis.sheets WHERE sheet_id = after));
    UPDATE analysis.boards b SET before_id = was, movers = p.movers, entrants = p.entrants,
        before_revision = (SELECT COALESCE(max(o.revision), 0) FROM analysis.boards o
                           WHERE o.sheet_id = was)
    FROM (SELECT sheet_id FROM analysis.sheets WHERE sheet_id = after
          FOR NO KEY UPDATE SKIP LOCKED) AS free, analysis.board_pair(after, was) AS p
    WHERE b.sheet_id = free.sheet_id;
END $$;

CREATE FUNCTION analysis.board_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM analysis.board_write(t.sheet_id)
    FROM (SELECT DISTINCT sheet_id FROM changed ORDER BY sheet_id) AS t;
    RETURN NULL;
END $$;
CREATE TRIGGER rows_came AFTER INSERT ON analysis.leaderboard_rows
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION analysis.board_follow();
CREATE TRIGGER rows_changed AFTER UPDATE ON analysis.leaderboard_rows
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION analysis.board_follow();
CREATE TRIGGER rows_went AFTER DELETE ON analysis.leaderboard_rows
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION analysis.board_follow();

-- One line per campaign and day.
CREATE VIEW analysis.board AS
SELECT s.sheet_id, s.platform_source, s.campaign_id, s.campaign_title, s.snapshot_date, s.confidence,
       COALESCE(b.row_count, 0) AS row_count, b.total_snaps, b.mindshare_percent,
       COALESCE(b.people, '{}') AS people, COALESCE(b.top, '[]') AS top
FROM (SELECT DISTINCT ON (platform_source, campaign_id, snapshot_date) sheet_id, platform_source,
             campaign_id, campaign_title, snapshot_date, confidence
      FROM analysis.sheets WHERE extractor = 'leaderboard' AND document IS NOT NULL
      ORDER BY platform_source, campaign_id, snapshot_date, updated_at DESC, sheet_id DESC) AS s
LEFT JOIN analysis.boards b USING (sheet_id);

CREATE VIEW analysis.board_best AS
SELECT sheet_id, metric, amounts, row_nos FROM analysis.board_bests;

CREATE VIEW analysis.board_change AS
SELECT s.sheet_id, e.before_id, k.stands,
       CASE WHEN k.stands THEN b.movers ELSE (analysis.board_pair(s.sheet_id, e.before_id)).movers
       END AS movers,
       CASE WHEN k.stands THEN b.entrants
            ELSE (analysis.board_pair(s.sheet_id, e.before_id)).entrants END AS entrants
FROM analysis.sheets s CROSS JOIN LATERAL
     (SELECT CASE WHEN s.campaign_id IS NULL
             THEN (SELECT p.sheet_id FROM analysis.sheets p WHERE p.extractor = 'leaderboard'
                   AND p.document IS NOT NULL AND p.platform_source = s.platform_source
                   AND p.campaign_id IS NULL AND p.snapshot_date < s.snapshot_date
                   ORDER BY p.snapshot_date DESC, p.updated_at DESC, p.sheet_id DESC LIMIT 1)
             ELSE (SELECT p.sheet_id FROM analysis.sheets p WHERE p.extractor = 'leaderboard'
                   AND p.document IS NOT NULL AND p.platform_source = s.platform_source
                   AND p.campaign_id = s.campaign_id AND p.snapshot_date < s.snapshot_date
                   ORDER BY p.snapshot_date DESC, p.updated_at DESC, p.sheet_id DESC LIMIT 1)
             END AS before_id OFFSET 0) AS e -- board_before, without a call for each of hundreds
LEFT JOIN analysis.boards b ON b.sheet_id = s.sheet_id
LEFT JOIN analysis.boards o ON o.sheet_id = e.before_id
CROSS JOIN LATERAL
     (SELECT b.sheet_id IS NOT NULL AND b.before_id IS NOT DISTINCT FROM e.before_id
             AND (e.before_id IS NULL OR b.before_revision = COALESCE(o.revision, 0)) AS stands) AS k;

-- The planner must know that most words are 'extracted': the indexes of them are partial.
CREATE STATISTICS analysis.images_words ON (analysis.image_word(state, review)) FROM analysis.images;

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'upload_svc') THEN
        GRANT SELECT ON analysis.board, analysis.board_best, analysis.board_change TO upload_svc;
    END IF;
END $$;

-- What stands there already.
SELECT analysis.board_write(sheet_id) FROM (SELECT sheet_id FROM analysis.sheets
    WHERE extractor = 'leaderboard' AND document IS NOT NULL ORDER BY snapshot_date, sheet_id) AS s;

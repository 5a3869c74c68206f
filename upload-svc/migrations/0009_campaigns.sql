-- Campaigns of the old back end, mirrored here so that pictures can refer to them.

-- source: the table that keeps it; '': we do.
ALTER TABLE upload.campaigns ADD COLUMN source text NOT NULL DEFAULT '';
DROP INDEX upload.campaigns_title;
CREATE UNIQUE INDEX campaigns_title ON upload.campaigns (lower(title), platform_source)
    WHERE is_active AND source = '';

-- Brings the mirror of a table up to date; gives how many rows changed. A number that one of our own
-- campaigns bears already is passed over. What is gone from the table is archived.
CREATE FUNCTION upload.campaigns_pull(origin text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    n bigint;
    gone bigint;
BEGIN
    IF to_regclass(origin) IS NULL THEN
        RAISE EXCEPTION 'there is no table %', origin USING ERRCODE = 'undefined_table';
    END IF;
    EXECUTE format(
        'INSERT INTO upload.campaigns AS o (id, title, platform_source, description, is_active, source)'
        ' OVERRIDING SYSTEM VALUE'
        ' SELECT c.id::bigint, coalesce(nullif(btrim(c.title), ''''), ''untitled''),'
        '   coalesce(c."platformSource"::text, ''''), coalesce(c.description, ''''),'
        '   coalesce(c."isActive", false), %1$L FROM %2$s c ORDER BY c.id'
        ' ON CONFLICT (id) DO UPDATE SET title = EXCLUDED.title,'
        '   platform_source = EXCLUDED.platform_source, description = EXCLUDED.description,'
        '   is_active = EXCLUDED.is_active, updated_at = now()'
        ' WHERE o.source = %1$L AND (o.title, o.platform_source, o.description, o.is_active)'
        '   IS DISTINCT FROM (EXCLUDED.title, EXCLUDED.platform_source, EXCLUDED.description,'
        '   EXCLUDED.is_active)', origin, to_regclass(origin));
    GET DIAGNOSTICS n = ROW_COUNT;
    EXECUTE format(
        'UPDATE upload.campaigns o SET is_active = false, updated_at = now() WHERE o.source = %L'
        ' AND o.is_active AND NOT EXISTS (SELECT FROM %s c WHERE c.id = o.id)',
        origin, to_regclass(origin));
    GET DIAGNOSTICS gone = ROW_COUNT;
    PERFORM setval(pg_get_serial_sequence('upload.campaigns', 'id'), max(id)) FROM upload.campaigns
    HAVING max(id) IS NOT NULL; -- one of our own never takes a number that is in use
    RETURN n + gone;
END $$;

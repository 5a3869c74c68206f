-- Pictures of the back end before this one, read from its table (upload-svc --adopt).

-- A page of them in the order of their numbers, each as JSON: its columns bear camelCase names, and not
-- every version of it has all of them.
CREATE FUNCTION upload.old_snapshots(origin text, after bigint, most bigint) RETURNS SETOF jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF to_regclass(origin) IS NULL THEN
        RAISE EXCEPTION 'there is no table %', origin USING ERRCODE = 'undefined_table';
    END IF;
    RETURN QUERY EXECUTE format('SELECT to_jsonb(t) FROM %s t WHERE t.id > $1 ORDER BY t.id LIMIT $2',
        to_regclass(origin)) USING after, most;
END $$;

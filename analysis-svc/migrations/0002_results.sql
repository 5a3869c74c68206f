-- What was read: one document per (picture, extractor, version, run), and the rows of the sheets.

CREATE TABLE analysis.extractions (
    snapshot_id bigint NOT NULL REFERENCES analysis.images,
    extractor text NOT NULL,
    version int NOT NULL,
    run int NOT NULL,
    current boolean NOT NULL DEFAULT true,
    state analysis.image_state NOT NULL,
    fail_code text,
    provider text NOT NULL,
    model text NOT NULL,
    sha256 text NOT NULL,
    answer text NOT NULL, -- the model's result for this picture, to be read again without a call
    confidence float8 NOT NULL,
    document jsonb NOT NULL,
    reused boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (snapshot_id, extractor, version, run)
);
CREATE UNIQUE INDEX extractions_current ON analysis.extractions (snapshot_id) WHERE current;
CREATE INDEX extractions_bytes ON analysis.extractions (sha256, extractor, version, model);

CREATE TABLE analysis.leaderboard_rows (
    sheet_id bigint NOT NULL REFERENCES analysis.sheets ON DELETE CASCADE,
    row_no int NOT NULL,
    row_key text NOT NULL,
    rank int,
    display_name text,
    handle text,
    total_snaps float8,
    snaps_24h float8,
    snaps_7d float8,
    mindshare_percent float8,
    mindshare_change float8,
    followers float8,
    smart_followers float8,
    status text,
    badge text,
    confidence float8,
    doubtful text[] NOT NULL DEFAULT '{}',
    sources jsonb NOT NULL DEFAULT '{}', -- column: the pictures it came from
    notes jsonb NOT NULL DEFAULT '[]',
    PRIMARY KEY (sheet_id, row_no)
);
CREATE INDEX leaderboard_rows_handle ON analysis.leaderboard_rows (handle);

CREATE TABLE analysis.yapper_profiles (
    sheet_id bigint PRIMARY KEY REFERENCES analysis.sheets ON DELETE CASCADE,
    handle text,
    display_name text,
    confidence float8,
    doubtful text[] NOT NULL DEFAULT '{}',
    document jsonb NOT NULL
);
CREATE INDEX yapper_profiles_handle ON analysis.yapper_profiles (handle);

-- Cells of a document's row (proto/README.md): a value of the wrong kind is no value.
CREATE FUNCTION analysis.cell_number(line jsonb, name text) RETURNS float8
    LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN jsonb_typeof(line -> 'cells' -> name -> 'value') = 'number'
                THEN (line -> 'cells' -> name ->> 'value')::float8 END $$;
CREATE FUNCTION analysis.cell_whole(line jsonb, name text) RETURNS int
    LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN abs(analysis.cell_number(line, name)) < 2147483647
                THEN round(analysis.cell_number(line, name))::int END $$;
CREATE FUNCTION analysis.cell_text(line jsonb, name text) RETURNS text
    LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE jsonb_typeof(line -> 'cells' -> name -> 'value')
           WHEN 'string' THEN line -> 'cells' -> name ->> 'value'
           WHEN 'number' THEN line -> 'cells' -> name ->> 'value' END $$;
CREATE FUNCTION analysis.texts(list jsonb) RETURNS text[]
    LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN jsonb_typeof(list) = 'array'
                THEN ARRAY(SELECT jsonb_array_elements_text(list)) ELSE '{}' END $$;
CREATE FUNCTION analysis.cell_sources(line jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE AS $$
    SELECT COALESCE(jsonb_object_agg(c.key, c.value -> 'from')
                    FILTER (WHERE c.value ? 'from'), '{}')
    FROM jsonb_each(COALESCE(line -> 'cells', '{}')) AS c $$;

-- Which fields a sheet's rows have: the columns of an export are known without reading every
-- document (of ten million rows that takes longer than anybody waits).
CREATE FUNCTION analysis.document_fields(document jsonb) RETURNS text[]
    LANGUAGE sql IMMUTABLE AS $$
    SELECT ARRAY(SELECT DISTINCT k.name
                 FROM jsonb_array_elements(CASE jsonb_typeof(document -> 'rows')
                                           WHEN 'array' THEN document -> 'rows' END) AS r (line),
                      jsonb_object_keys(CASE jsonb_typeof(r.line -> 'cells')
                                        WHEN 'object' THEN r.line -> 'cells' END) AS k (name)
                 ORDER BY k.name) $$;
ALTER TABLE analysis.sheets ADD COLUMN fields text[] NOT NULL
    GENERATED ALWAYS AS (analysis.document_fields(document)) STORED;

CREATE OR REPLACE VIEW analysis.sheet AS
SELECT sheet_id, set_id, extractor, platform_source, snapshot_date, campaign_id, campaign_title,
       handle, confidence, document, snapshot_ids, updated_at, fields
FROM analysis.sheets WHERE document IS NOT NULL;

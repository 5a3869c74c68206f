-- What storing a call costs Postgres, once more: a picture's document is read back whole or not at
-- all, so it is kept as it was written. Taking it apart was the dearest part of storing it. What
-- lies there already stays where it is.
ALTER TABLE analysis.extractions ADD COLUMN written text, ALTER COLUMN document DROP NOT NULL;
ALTER TABLE analysis.extractions ADD CONSTRAINT extractions_document
    CHECK (written IS NOT NULL OR document IS NOT NULL) NOT VALID;

CREATE OR REPLACE VIEW analysis.snapshot_result AS
SELECT snapshot_id, extractor, version, run, provider, model, confidence,
       COALESCE(document, written::jsonb) AS document, created_at
FROM analysis.extractions WHERE current;

DO $$
BEGIN
    ALTER TABLE analysis.extractions ALTER written SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
    RAISE NOTICE 'this server has no lz4';
END $$;

-- Asked for every sheet that is written: planned once a session, where SQL planned it each time.
CREATE OR REPLACE FUNCTION analysis.document_fields(document jsonb) RETURNS text[]
    LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN ARRAY(SELECT k.name
                 FROM jsonb_array_elements(CASE jsonb_typeof(document -> 'rows')
                                           WHEN 'array' THEN document -> 'rows' END) AS r (line),
                      jsonb_object_keys(CASE jsonb_typeof(r.line -> 'cells')
                                        WHEN 'object' THEN r.line -> 'cells' END) AS k (name)
                 GROUP BY k.name ORDER BY k.name);
END $$;

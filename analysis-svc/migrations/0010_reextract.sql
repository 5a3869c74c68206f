-- A picture that is read again by another version of its extractor keeps what it is until the new
-- run is stored: stood is what it was before. NULL: no such run is on the way.
ALTER TABLE analysis.images ADD COLUMN stood jsonb;

CREATE FUNCTION analysis.image_stood(i analysis.images) RETURNS jsonb
    LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN i.state IN ('extracted', 'doubtful')
                THEN jsonb_build_object('state', i.state, 'confidence', i.confidence,
                                        'review', i.review, 'fail_code', i.fail_code,
                                        'fail_note', i.fail_note, 'processed_at', i.processed_at)
           END $$;

-- How a run ends: one that brought no answer (not kept) leaves what stood before it.
CREATE FUNCTION analysis.image_ends(i analysis.images, state analysis.image_state, kept boolean,
                                    confidence float8, fail text, note text)
    RETURNS TABLE (state analysis.image_state, confidence float8, review text, fail_code text,
                   fail_note text, processed_at timestamptz)
    LANGUAGE sql STABLE AS $$
    SELECT s.state, s.confidence, s.review, s.fail_code, s.fail_note, s.processed_at
    FROM jsonb_to_record((i).stood) AS s(state analysis.image_state, confidence float8, review text,
                                         fail_code text, fail_note text, processed_at timestamptz)
    WHERE (i).stood IS NOT NULL AND NOT $3
    UNION ALL
    SELECT $2, $4, (i).review, $5, $6, now() WHERE (i).stood IS NULL OR $3 $$;

-- Results by platform and day (intelligence, top by metric), and the few pictures that are not
-- through among the many that are.
CREATE INDEX sheets_of_day ON analysis.sheets (extractor, platform_source, snapshot_date);
CREATE INDEX sheets_by_date ON analysis.sheets (extractor, snapshot_date);
CREATE INDEX images_word ON analysis.images (analysis.image_word(state, review), snapshot_id DESC)
    WHERE analysis.image_word(state, review) <> 'extracted';
CREATE INDEX images_failed ON analysis.images (snapshot_id)
    WHERE analysis.image_word(state, review) = 'failed';

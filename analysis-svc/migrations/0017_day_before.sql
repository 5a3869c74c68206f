-- The days of one campaign or person, in order: is a figure plausible after the day before?
CREATE INDEX sheets_in_line ON analysis.sheets
    (extractor, platform_source, timeframe, COALESCE(campaign_id, 0), handle, snapshot_date);

-- Since when a sheet lacks results that came: it is merged when its set is through, or after a pause.
ALTER TABLE analysis.sheets ADD COLUMN dirty_at timestamptz;
UPDATE analysis.sheets SET dirty_at = now() WHERE dirty;
DROP INDEX analysis.sheets_dirty;
CREATE INDEX sheets_dirty ON analysis.sheets (dirty_at) WHERE dirty;

-- Calls whose end nobody has told yet; the reaper looks for those whose worker died. As many rows as calls are out.
CREATE INDEX attempts_open ON analysis.attempts (started_at) WHERE finished_at IS NULL;

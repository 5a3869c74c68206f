-- Jobs that go through a provider's Batch API: held until they are gathered, away until they are answered.
-- (Alone in its file: a value of an enum can only be used once it is committed.)
ALTER TYPE analysis.job_state ADD VALUE 'held' AFTER 'deferred';
ALTER TYPE analysis.job_state ADD VALUE 'away' AFTER 'leased';

-- Fair and flat: ready jobs in the order of a virtual finish time, deferred ones apart.
--
-- Self-clocked fair queueing (Golestani 1994): the clock of a priority is the highest finish that
-- was claimed in it; a batch counts on from the clock, in pictures. So batches that wait together
-- are served in turn, a small one soon, and a job that comes back from a wait stands before all
-- that came after it.
CREATE TABLE analysis.queue_clock (
    priority int PRIMARY KEY,
    at bigint NOT NULL DEFAULT 0
);
INSERT INTO analysis.queue_clock (priority, at)
SELECT priority, COALESCE(min(finish) FILTER (WHERE state = 'ready'), max(finish))
FROM analysis.jobs GROUP BY priority;

ALTER TABLE analysis.jobs ADD COLUMN waits_for text; -- why it is deferred: analysis-svc/wait.def
UPDATE analysis.jobs SET state = 'deferred', waits_for = 'retry'
WHERE state = 'ready' AND due_at > now();

DROP INDEX analysis.jobs_due, analysis.jobs_finish, analysis.jobs_deadline;
CREATE INDEX jobs_deferred ON analysis.jobs (due_at) WHERE state = 'deferred';
CREATE INDEX jobs_deadline ON analysis.jobs (deadline_at)
    WHERE state IN ('ready', 'deferred', 'leased');

-- Every claim leaves dead entries at the head of jobs_ready: they are to be swept while few.
ALTER TABLE analysis.jobs SET (autovacuum_vacuum_scale_factor = 0.01,
                               autovacuum_vacuum_threshold = 2000,
                               autovacuum_analyze_scale_factor = 0.05);

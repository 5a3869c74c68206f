-- A state of its own for jobs that wait for a time, so that looking for work never walks over them.
-- (Alone in its file: a value of an enum can only be used once it is committed.)
ALTER TYPE analysis.job_state ADD VALUE 'deferred' AFTER 'ready';

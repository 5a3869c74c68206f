-- What a set has packed into no batch yet. Its condition is not platform_snapshots_unpacked's: of two
-- indexes that fit a query equally, Postgres takes any while it knows nothing of a young table, and
-- keeps to it.
DROP INDEX upload.platform_snapshots_unsent;
CREATE INDEX platform_snapshots_unsent ON upload.platform_snapshots (set_id, id)
    WHERE batch_id IS NULL;

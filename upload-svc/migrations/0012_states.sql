-- Each state's pictures by an index in the order of their numbers (SQL_IS_… in queries.def), and a
-- platform's pictures of a day.
CREATE INDEX platform_snapshots_gone ON upload.platform_snapshots (id) WHERE deleted_at IS NOT NULL;
CREATE INDEX platform_snapshots_unpacked ON upload.platform_snapshots (id)
    WHERE batch_id IS NULL AND failed_at IS NULL AND deleted_at IS NULL;
CREATE INDEX outbox_sent ON upload.outbox (ended_at) WHERE state = 'sent';
CREATE INDEX platform_snapshots_platform_day ON upload.platform_snapshots (platform_source, uploaded_at);

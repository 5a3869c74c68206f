-- What is asked of a million pictures is found by an index (make bench-queries).

-- What waits or has failed, among the many that are through: see SQL_MAYBE_WAITING.
CREATE INDEX platform_snapshots_failed ON upload.platform_snapshots (id) WHERE failed_at IS NOT NULL;
CREATE INDEX outbox_unsent ON upload.outbox (batch_id) WHERE state <> 'sent';

-- History's filters, newest first.
CREATE INDEX platform_snapshots_platform ON upload.platform_snapshots (platform_source, id DESC);
CREATE INDEX platform_snapshots_type ON upload.platform_snapshots (snapshot_type, id DESC);
CREATE INDEX platform_snapshots_uploaded ON upload.platform_snapshots (uploaded_at);

-- Retention: pictures that are still in S3, the oldest first.
CREATE INDEX platform_snapshots_kept ON upload.platform_snapshots (uploaded_at)
    WHERE object_gone_at IS NULL;

-- When a picture goes while its rows stay.

-- object_gone_at: the retention time was over; the bytes are no longer in S3.
ALTER TABLE upload.platform_snapshots ADD COLUMN object_gone_at timestamptz;
CREATE INDEX platform_snapshots_deleted ON upload.platform_snapshots (deleted_at)
    WHERE deleted_at IS NOT NULL;

-- Was a picture of that number there once?
CREATE INDEX event_log_deleted ON upload.event_log (snapshot_id) WHERE state = 'deleted';

-- The same request twice has the effect of one, and a picture may be stored twice on demand.

-- One row per Idempotency-Key and who sent it. status NULL: still running, as long as owner's
-- heartbeat is young. The answer is written in the transaction that records the pictures.
CREATE TABLE upload.idempotency (
    who text NOT NULL,
    key text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    owner uuid NOT NULL,              -- one attempt; whoever takes over draws another
    created_at timestamptz NOT NULL DEFAULT now(),
    heartbeat_at timestamptz NOT NULL DEFAULT now(),
    fingerprint text CHECK (fingerprint ~ '^[0-9a-f]{64}$'),
    status int,
    body text,                        -- byte for byte as it was answered
    PRIMARY KEY (who, key),
    CHECK ((status IS NULL) = (fingerprint IS NULL) AND (status IS NULL) = (body IS NULL))
);
CREATE INDEX idempotency_old ON upload.idempotency (created_at);

-- forced: 0, or a number of its own for what was stored by ?force=true although it was there.
CREATE SEQUENCE upload.forced AS bigint;
ALTER TABLE upload.platform_snapshots ADD COLUMN forced bigint NOT NULL DEFAULT 0;
DROP INDEX upload.platform_snapshots_same;
CREATE UNIQUE INDEX platform_snapshots_same ON upload.platform_snapshots
    (sha256, platform_source, snapshot_type, snapshot_date,
     coalesce(campaign_id, 0), coalesce(yapper_twitter_handle, ''), forced)
    WHERE live AND failed_at IS NULL AND deleted_at IS NULL;

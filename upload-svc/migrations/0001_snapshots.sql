-- What came in: files on their way (arrivals), pictures, their sets and campaigns.

-- Drawn once, so that several deployments and the old system can share a bucket.
CREATE TABLE upload.deployment (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    name text NOT NULL CHECK (name ~ '^[0-9a-f]{8}$'),
    born_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO upload.deployment (name) VALUES (left(gen_random_uuid()::text, 8));

CREATE TABLE upload.campaigns (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    title text NOT NULL CHECK (title <> ''),
    platform_source text NOT NULL,
    description text NOT NULL DEFAULT '',
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX campaigns_title ON upload.campaigns (lower(title), platform_source)
    WHERE is_active;

-- Pictures that belong together. waiting: some of them stand in no batch yet.
CREATE TABLE upload.sets (
    id uuid PRIMARY KEY,
    platform_source text NOT NULL,
    snapshot_type text NOT NULL,
    snapshot_timeframe text NOT NULL,
    snapshot_date date NOT NULL,
    campaign_id bigint REFERENCES upload.campaigns,
    yapper_twitter_handle text,
    deadline_s bigint NOT NULL,
    closes_at timestamptz NOT NULL,
    waiting boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX sets_due ON upload.sets (closes_at) WHERE waiting;

-- A file between its first byte and the end of its form. Never shown to anybody.
CREATE TABLE upload.arrivals (
    uuid uuid PRIMARY KEY,
    s3_key text NOT NULL,
    s3_upload_id text,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'dead')),
    born_at timestamptz NOT NULL DEFAULT now(),
    heartbeat_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX arrivals_stale ON upload.arrivals (heartbeat_at);

CREATE TABLE upload.platform_snapshots (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    uuid uuid NOT NULL UNIQUE,
    set_id uuid NOT NULL REFERENCES upload.sets,
    batch_id uuid,                      -- the last that carried it; NULL: none yet
    original_file_name text NOT NULL,   -- data for people, never part of a key
    s3_key text NOT NULL UNIQUE,
    content_type text NOT NULL,
    bytes bigint NOT NULL,
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    etag text NOT NULL,
    width int NOT NULL,
    height int NOT NULL,
    platform_source text NOT NULL,
    snapshot_type text NOT NULL,
    snapshot_timeframe text NOT NULL,
    snapshot_date date NOT NULL,
    campaign_id bigint REFERENCES upload.campaigns,
    yapper_twitter_handle text,
    metadata jsonb NOT NULL DEFAULT '{}',
    uploaded_by text NOT NULL DEFAULT '',
    uploaded_at timestamptz NOT NULL DEFAULT now(),
    failed_at timestamptz,              -- the relay gave it up; what the model says is in analysis
    fail_code text,
    fail_note text,
    deleted_at timestamptz,
    live boolean NOT NULL DEFAULT true  -- counts when the same bytes come again
);
CREATE UNIQUE INDEX platform_snapshots_same ON upload.platform_snapshots
    (sha256, platform_source, snapshot_type, snapshot_date,
     coalesce(campaign_id, 0), coalesce(yapper_twitter_handle, ''))
    WHERE live AND failed_at IS NULL AND deleted_at IS NULL;
CREATE INDEX platform_snapshots_unsent ON upload.platform_snapshots (set_id, id)
    WHERE batch_id IS NULL AND failed_at IS NULL AND deleted_at IS NULL;
CREATE INDEX platform_snapshots_batch ON upload.platform_snapshots (batch_id);
CREATE INDEX platform_snapshots_set ON upload.platform_snapshots (set_id);
CREATE INDEX platform_snapshots_campaign ON upload.platform_snapshots (campaign_id, id DESC);

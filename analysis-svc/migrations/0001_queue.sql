-- The queue: what was accepted, which call will read it, and what each call cost.
--
-- images.job_id says which job may write a picture; a job whose pictures all belong to others has
-- nothing left to do. Every time in a lease is this server's clock. Whoever locks more than one row
-- goes batch, sheet, job, image: so no two transactions wait for each other.

CREATE TYPE analysis.job_state AS ENUM ('ready', 'leased', 'done', 'dead', 'cancelled');
CREATE TYPE analysis.image_state AS ENUM ('waiting', 'extracted', 'doubtful', 'failed', 'forgotten');

-- The one deployment whose keys this service presigns (docs/decisions/0003-one-deployment.md).
CREATE TABLE analysis.deployment (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    name text NOT NULL CHECK (name ~ '^[0-9a-f]{8}$'),
    seen_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE analysis.batches (
    batch_id uuid PRIMARY KEY,
    op text NOT NULL CHECK (op IN ('extract', 'forget', 'review')),
    body_sha256 text NOT NULL,
    set_id uuid,
    item_count int NOT NULL,
    priority int NOT NULL DEFAULT 0,
    accepted_at timestamptz NOT NULL DEFAULT now(),
    deadline_at timestamptz,
    ended_at timestamptz
);

CREATE TABLE analysis.sheets (
    sheet_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    set_id uuid NOT NULL UNIQUE,
    extractor text NOT NULL,
    platform_source text NOT NULL,
    snapshot_date date NOT NULL,
    timeframe text NOT NULL,
    campaign_id bigint,
    campaign_title text NOT NULL DEFAULT '',
    handle text NOT NULL DEFAULT '',
    confidence float8,
    document jsonb,
    snapshot_ids bigint[] NOT NULL DEFAULT '{}',
    dirty boolean NOT NULL DEFAULT false, -- results came that are not merged yet
    merged_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX sheets_dirty ON analysis.sheets (merged_at) WHERE dirty;
CREATE INDEX sheets_by_day ON analysis.sheets (campaign_id, snapshot_date);

CREATE TABLE analysis.jobs (
    job_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    parent_id bigint REFERENCES analysis.jobs,
    batch_id uuid NOT NULL REFERENCES analysis.batches,
    set_id uuid NOT NULL,
    extractor text NOT NULL,
    state analysis.job_state NOT NULL DEFAULT 'ready',
    priority int NOT NULL DEFAULT 0,
    -- Virtual finish time, fixed when planned: each batch counts on from the queue's present head,
    -- so a small batch does not wait for the whole of a big one that came before it.
    finish bigint NOT NULL,
    image_count int NOT NULL,
    due_at timestamptz NOT NULL DEFAULT now(),
    deadline_at timestamptz NOT NULL,
    deliveries int NOT NULL DEFAULT 0, -- claims
    attempts int NOT NULL DEFAULT 0,   -- answers that were judged
    retries int NOT NULL DEFAULT 0,    -- waits so far, for the backoff
    transport text NOT NULL DEFAULT 'url' CHECK (transport IN ('url', 'base64')),
    tried text[] NOT NULL DEFAULT '{}',   -- providers to pass over until all were tried
    refused text[] NOT NULL DEFAULT '{}', -- providers that will not take it at all
    lease_token uuid,
    lease_until timestamptz,
    worker text,
    fail_code text,
    created_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz,
    CHECK ((state = 'leased') = (lease_token IS NOT NULL))
);
CREATE INDEX jobs_ready ON analysis.jobs (priority DESC, finish, job_id) WHERE state = 'ready';
CREATE INDEX jobs_due ON analysis.jobs (due_at) WHERE state = 'ready';
CREATE INDEX jobs_finish ON analysis.jobs (finish) WHERE state = 'ready';
CREATE INDEX jobs_leased ON analysis.jobs (lease_until) WHERE state = 'leased';
CREATE INDEX jobs_deadline ON analysis.jobs (deadline_at) WHERE state IN ('ready', 'leased');
CREATE INDEX jobs_tired ON analysis.jobs (deliveries) WHERE state = 'ready' AND deliveries > 0;
CREATE INDEX jobs_batch ON analysis.jobs (batch_id);

CREATE TABLE analysis.images (
    snapshot_id bigint PRIMARY KEY,
    uuid uuid NOT NULL,
    batch_id uuid NOT NULL REFERENCES analysis.batches, -- the last that carried it
    set_id uuid,                                        -- NULL: forgotten before it was known
    job_id bigint REFERENCES analysis.jobs,             -- who may write it
    s3_key text NOT NULL,
    content_type text NOT NULL DEFAULT '',
    bytes bigint NOT NULL DEFAULT 0,
    sha256 text NOT NULL DEFAULT '',
    width int NOT NULL DEFAULT 0,
    height int NOT NULL DEFAULT 0,
    state analysis.image_state NOT NULL,
    run int NOT NULL DEFAULT 1,
    fresh boolean NOT NULL DEFAULT false, -- a stored answer shall not be used again
    confidence float8,
    fail_code text,
    fail_note text,
    attempts int NOT NULL DEFAULT 0,
    cost_micro_usd bigint NOT NULL DEFAULT 0,
    accepted_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    processed_at timestamptz
);
CREATE INDEX images_job ON analysis.images (job_id);
CREATE INDEX images_batch ON analysis.images (batch_id);
CREATE INDEX images_set ON analysis.images (set_id);
CREATE INDEX images_waiting_set ON analysis.images (set_id) WHERE state = 'waiting';
CREATE INDEX images_waiting ON analysis.images (snapshot_id) WHERE state = 'waiting';

-- One row per provider call, born in the transaction that claims the job. class: proto's answer
-- classes, and lost (its worker died), released (its worker was told to stop), stale (the answer
-- came after the lease had gone to another), unsent.
CREATE TABLE analysis.attempts (
    attempt_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    job_id bigint NOT NULL REFERENCES analysis.jobs,
    batch_id uuid NOT NULL,
    lease_token uuid NOT NULL UNIQUE,
    provider text NOT NULL,
    model text NOT NULL,      -- as it was asked for
    answered_by text,         -- as the provider names it
    transport text NOT NULL,
    image_count int NOT NULL,
    class text,
    http_status int,
    request_id text,
    input_tokens bigint NOT NULL DEFAULT 0,
    cached_tokens bigint NOT NULL DEFAULT 0,
    cache_write_tokens bigint NOT NULL DEFAULT 0,
    output_tokens bigint NOT NULL DEFAULT 0,
    reasoning_tokens bigint NOT NULL DEFAULT 0,
    cost_micro_usd bigint NOT NULL DEFAULT 0,
    connect_us bigint,
    first_byte_us bigint,
    total_us bigint,
    started_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    message text,
    raw text -- the model's words, for RAW_RETENTION
);
CREATE INDEX attempts_batch ON analysis.attempts (batch_id);
CREATE INDEX attempts_job ON analysis.attempts (job_id);
CREATE INDEX attempts_raw ON analysis.attempts (finished_at) WHERE raw IS NOT NULL;

CREATE TABLE analysis.attempt_images (
    snapshot_id bigint NOT NULL,
    attempt_id bigint NOT NULL REFERENCES analysis.attempts ON DELETE CASCADE,
    PRIMARY KEY (snapshot_id, attempt_id)
);
CREATE INDEX attempt_images_attempt ON analysis.attempt_images (attempt_id);

-- Every change of a picture's state, in the transaction that makes it. Ids commit out of order:
-- readers take only xid < pg_snapshot_xmin(pg_current_snapshot()).
CREATE TABLE analysis.event_log (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    snapshot_id bigint NOT NULL,
    state text NOT NULL,
    data jsonb NOT NULL DEFAULT '{}',
    at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX event_log_order ON analysis.event_log (xid, seq);

CREATE FUNCTION analysis.image_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO analysis.event_log (snapshot_id, state, data)
    VALUES (NEW.snapshot_id, NEW.state::text,
            jsonb_strip_nulls(jsonb_build_object('uuid', NEW.uuid, 'set_id', NEW.set_id,
                'run', NEW.run, 'confidence', NEW.confidence, 'fail_code', NEW.fail_code,
                'fail_note', NEW.fail_note)));
    PERFORM pg_notify('analysis_events', '');
    RETURN NULL;
END $$;
CREATE TRIGGER image_born AFTER INSERT ON analysis.images
    FOR EACH ROW EXECUTE FUNCTION analysis.image_event();
CREATE TRIGGER image_moved AFTER UPDATE ON analysis.images
    FOR EACH ROW WHEN (OLD.state <> NEW.state OR OLD.run <> NEW.run)
    EXECUTE FUNCTION analysis.image_event();

-- Half price when there is time: many calls in one batch of a provider's own ("bulk", since a batch is what upload-svc sends).
--
-- A call that is away has its row in analysis.attempts and the token of its job's claim, as any other; the token is its id
-- at the provider. A bulk has a lease while a worker does something about it, by this server's clock; whoever finds the
-- lease run out goes on where the row stands.
CREATE TABLE analysis.bulks (
    bulk_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    marker uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(), -- our name of it, told to the provider
    provider text NOT NULL,
    model text NOT NULL,
    key_mark text NOT NULL DEFAULT '', -- which of several keys: the beginning of its SHA-256
    -- planned: nothing was asked for. creating: it was, and no answer is known. sent: it has an id there.
    state text NOT NULL DEFAULT 'planned'
        CHECK (state IN ('planned', 'creating', 'sent', 'cancelling', 'over')),
    input_file text,
    remote_id text,
    calls int NOT NULL,
    births int NOT NULL DEFAULT 0, -- how often the provider was asked to create it
    faults int NOT NULL DEFAULT 0, -- in a row
    note text,
    created_at timestamptz NOT NULL DEFAULT now(),
    creating_at timestamptz,
    sent_at timestamptz,
    ended_at timestamptz,
    next_at timestamptz NOT NULL DEFAULT now(),
    give_up_at timestamptz NOT NULL, -- what is not answered by then goes the ordinary way
    lease_token uuid,
    lease_until timestamptz,
    worker text,
    UNIQUE (provider, remote_id)
);
CREATE INDEX bulks_due ON analysis.bulks (next_at) WHERE state <> 'over';

CREATE TABLE analysis.bulk_calls (
    attempt_id bigint PRIMARY KEY REFERENCES analysis.attempts ON DELETE CASCADE,
    bulk_id bigint NOT NULL REFERENCES analysis.bulks ON DELETE CASCADE,
    tags jsonb NOT NULL -- {"snapshot_id": "opaque id in this call"}
);
CREATE INDEX bulk_calls_bulk ON analysis.bulk_calls (bulk_id);

CREATE INDEX jobs_held ON analysis.jobs (priority DESC, finish, job_id) WHERE state = 'held';
CREATE INDEX jobs_held_due ON analysis.jobs (due_at) WHERE state = 'held';
CREATE INDEX jobs_away ON analysis.jobs (job_id) WHERE state = 'away';

DROP INDEX analysis.jobs_deadline;
CREATE INDEX jobs_deadline ON analysis.jobs (deadline_at)
    WHERE state IN ('ready', 'deferred', 'held', 'leased', 'away');

DO $$
DECLARE
    old text;
BEGIN
    SELECT conname INTO STRICT old FROM pg_constraint
    WHERE conrelid = 'analysis.jobs'::regclass AND contype = 'c'
      AND pg_get_constraintdef(oid) LIKE '%lease_token%';
    EXECUTE format('ALTER TABLE analysis.jobs DROP CONSTRAINT %I', old);
END $$;
ALTER TABLE analysis.jobs ADD CONSTRAINT jobs_token
    CHECK ((state IN ('leased', 'away')) = (lease_token IS NOT NULL));

-- What goes to analysis-svc, byte for byte as it was frozen, and what people are told.

CREATE TABLE upload.outbox (
    batch_id uuid PRIMARY KEY,
    op text NOT NULL DEFAULT 'extract' CHECK (op IN ('extract', 'forget', 'review')),
    set_id uuid REFERENCES upload.sets,
    body text NOT NULL,               -- the exact bytes: analysis-svc compares their SHA-256
    item_count int NOT NULL,
    state text NOT NULL DEFAULT 'ready' CHECK (state IN ('ready', 'sent', 'split', 'dead')),
    attempts int NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL DEFAULT now(),
    born_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz,
    last_status int,
    last_error text
);
CREATE INDEX outbox_due ON upload.outbox (due_at) WHERE state = 'ready';

-- Ids commit out of order: readers take only xid < pg_snapshot_xmin(pg_current_snapshot()).
CREATE TABLE upload.event_log (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    snapshot_id bigint NOT NULL,
    state text NOT NULL,
    data jsonb NOT NULL DEFAULT '{}',
    at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX event_log_order ON upload.event_log (xid, seq);

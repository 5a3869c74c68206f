-- Pictures are sent again: run anew, moved to another set, reviewed, forgotten.

-- rev: the times it was packed, and the one that is due; analysis-svc passes over older ones.
-- moved: corrected by a person since it was read, so that its stored answer serves again.
ALTER TABLE upload.platform_snapshots
    ADD COLUMN rev int NOT NULL DEFAULT 1,
    ADD COLUMN moved boolean NOT NULL DEFAULT false;

-- Whose review or deletion it is; NULL: a set's pictures.
ALTER TABLE upload.outbox ADD COLUMN snapshot_id bigint;
CREATE INDEX outbox_snapshot ON upload.outbox (snapshot_id) WHERE snapshot_id IS NOT NULL;

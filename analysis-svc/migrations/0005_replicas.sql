-- Who is at work, and what it can do. Every replica of analysis-svc keeps one row fresh while it
-- lives and takes it away when it ends; one that died is silent from lives_until on. By this
-- server's clock, as leases are.
CREATE TABLE analysis.replicas (
    id text PRIMARY KEY, -- as in jobs.worker
    started_at timestamptz NOT NULL DEFAULT now(),
    beat_at timestamptz NOT NULL DEFAULT now(),
    lives_until timestamptz NOT NULL,
    extractors jsonb NOT NULL, -- [{"name", "version", "snapshotType", "timeframe", "columns", "lists"}]
    providers jsonb NOT NULL   -- [{"name", "model", "api"}], in the order in which they are asked
);

-- What can be read at present, and by how many replicas: they differ while a new version comes in.
CREATE VIEW analysis.capabilities AS
SELECT kind, document, min(place)::int AS place, count(*)::int AS replicas
FROM (SELECT 'extractor'::text AS kind, e.document, e.place
      FROM analysis.replicas r,
           jsonb_array_elements(r.extractors) WITH ORDINALITY AS e (document, place)
      WHERE r.lives_until > now()
      UNION ALL
      SELECT 'provider', p.document, p.place
      FROM analysis.replicas r,
           jsonb_array_elements(r.providers) WITH ORDINALITY AS p (document, place)
      WHERE r.lives_until > now()) AS each
GROUP BY kind, document;

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'upload_svc') THEN
        GRANT SELECT ON analysis.capabilities TO upload_svc;
    END IF;
END $$;

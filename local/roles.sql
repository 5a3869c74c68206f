-- Who may do what in the one database: each service owns one schema and can only look into the
-- other's where it is let in. Run by a superuser in that database, as often as you like:
--     psql -v upload_password=... -v analysis_password=... -f roles.sql
-- Used by local/postgres and by docker-compose.yml.

\set ON_ERROR_STOP on
SET client_min_messages = warning;
SET password_encryption = 'scram-sha-256';

SELECT format('CREATE ROLE %I', role) FROM unnest(ARRAY['upload_svc', 'analysis_svc']) AS role
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) \gexec

ALTER ROLE upload_svc LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'upload_password';
ALTER ROLE analysis_svc LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'analysis_password';

CREATE SCHEMA IF NOT EXISTS upload AUTHORIZATION upload_svc;
CREATE SCHEMA IF NOT EXISTS analysis AUTHORIZATION analysis_svc;
ALTER ROLE upload_svc SET search_path = upload;
ALTER ROLE analysis_svc SET search_path = analysis;

-- The analysis schema offers views to upload-svc; its migrations grant SELECT on each.
GRANT USAGE ON SCHEMA analysis TO upload_svc;
REVOKE ALL ON SCHEMA public FROM PUBLIC;

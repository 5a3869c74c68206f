-- Failed logins of all replicas together.

-- who: an address as throttle.c writes it; '': everybody. A window begins with its first failure and
-- is a minute long. Not logged: after a crash of the database all may try again.
CREATE UNLOGGED TABLE upload.login_failures (
    who text PRIMARY KEY,
    began_at timestamptz NOT NULL DEFAULT now(),
    failures bigint NOT NULL DEFAULT 1
);

-- Who may come in, and the sweeper's own state.

-- Tokens and session values are kept as SHA-256 only: what the table holds opens nothing.
CREATE TABLE upload.api_tokens (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE CHECK (name <> '' AND length(name) < 64),
    role text NOT NULL CHECK (role IN ('viewer', 'uploader', 'admin')),
    sha256 text NOT NULL UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz
);

-- token_sha256: the token that was shown; a session lives no longer than its token.
CREATE TABLE upload.sessions (
    sha256 text PRIMARY KEY,
    token_sha256 text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL
);
CREATE INDEX sessions_old ON upload.sessions (expires_at);

-- One row. tripped_at: the fuse has blown, nothing is deleted.
-- lifted: an operator lets the next sweep delete past the fuse, once.
CREATE TABLE upload.sweeper (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    listed_at timestamptz NOT NULL DEFAULT '-infinity',
    tripped_at timestamptz,
    tripped_why text,
    lifted boolean NOT NULL DEFAULT false
);
INSERT INTO upload.sweeper DEFAULT VALUES;

-- A session may begin with a JWT: that one has no row to lean on, so the session says who it is, and
-- ends with it.
ALTER TABLE upload.sessions ALTER token_sha256 DROP NOT NULL,
    ADD COLUMN name text CHECK (name <> '' AND length(name) < 64),
    ADD COLUMN role text CHECK (role IN ('viewer', 'uploader', 'admin')),
    ADD CHECK (token_sha256 IS NOT NULL OR (name IS NOT NULL AND role IS NOT NULL));

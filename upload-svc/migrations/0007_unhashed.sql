-- With UPLOAD_SHA256=off a picture has no sum. NULL is the same as no other, so nothing is taken for a repetition.
ALTER TABLE upload.platform_snapshots ALTER COLUMN sha256 DROP NOT NULL;

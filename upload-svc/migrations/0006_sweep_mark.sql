-- The sweeper's word: the last that it left in the bucket, and the one that it is about to leave.
-- A database that was restored knows an older one, and deletes nothing.
ALTER TABLE upload.sweeper ADD COLUMN mark text, ADD COLUMN next_mark text;

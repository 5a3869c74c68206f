-- These functions' plans are made once a session, also while a table is still so small that reading
-- it whole looks cheapest; and it grows.
ALTER FUNCTION analysis.board_write(bigint) SET enable_seqscan = off;
ALTER FUNCTION analysis.board_pair(bigint, bigint) SET enable_seqscan = off;

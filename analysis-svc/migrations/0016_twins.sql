-- A claim may be asked about twice (hedging): both calls bear its token.
ALTER TABLE analysis.attempts DROP CONSTRAINT attempts_lease_token_key;
CREATE INDEX attempts_token ON analysis.attempts (lease_token);

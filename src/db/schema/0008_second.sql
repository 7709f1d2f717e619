-- The second factor of a user (TOTP, RFC 6238). last_step: the newest time step that was accepted; no code works twice.
CREATE TABLE second_factors (
	org_id TEXT NOT NULL,
	user_id TEXT NOT NULL,
	secret_id TEXT NOT NULL,
	last_step BIGINT NOT NULL,
	created_at BIGINT NOT NULL,
	confirmed_at BIGINT,
	PRIMARY KEY (org_id, user_id)
);

-- Codes for the day the telephone is lost, as hashes.
CREATE TABLE recovery_codes (
	org_id TEXT NOT NULL,
	user_id TEXT NOT NULL,
	hash TEXT NOT NULL,
	used_at BIGINT,
	PRIMARY KEY (org_id, user_id, hash)
);

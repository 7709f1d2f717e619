-- Integrations that fetch: which of their settings are kept in the vault ("client_secret|token"), and what a
-- reading could not read.
ALTER TABLE integrations ADD COLUMN secrets_set TEXT;

CREATE TABLE run_gaps (
	org_id TEXT NOT NULL,
	run_id TEXT NOT NULL,
	account_id TEXT NOT NULL,
	reason TEXT NOT NULL,
	PRIMARY KEY (org_id, run_id, account_id)
) /* clustered */;

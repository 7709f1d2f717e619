-- Signing in at another place (OpenID Connect), of an organization. roles: {"value of the claim": "role"}.
CREATE TABLE sso (
	org_id TEXT NOT NULL,
	issuer TEXT NOT NULL,
	client_id TEXT NOT NULL,
	secret_id TEXT,
	role_claim TEXT,
	roles TEXT NOT NULL,
	default_role TEXT,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (org_id)
);

-- A sign-in that is on its way: what must come back with it.
CREATE TABLE sso_states (
	org_id TEXT NOT NULL,
	hash TEXT NOT NULL,
	nonce TEXT NOT NULL,
	verifier TEXT NOT NULL,
	expires_at BIGINT NOT NULL,
	PRIMARY KEY (org_id, hash)
);
CREATE UNIQUE INDEX sso_states_by_hash ON sso_states (hash);

-- Who somebody is there. An e-mail address may pass to another person; the subject never does.
CREATE TABLE sso_identities (
	org_id TEXT NOT NULL,
	issuer TEXT NOT NULL,
	subject TEXT NOT NULL,
	user_id TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	PRIMARY KEY (org_id, issuer, subject)
);

-- Where the session was begun: NULL here, with a password or a link; 'sso' there, with its own second factor.
ALTER TABLE sessions ADD COLUMN via TEXT;

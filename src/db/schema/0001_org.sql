-- Organizations, who may act in them, and what was done.
-- Times are microseconds since 1970 UTC; days are days since 1970-01-01; flags are 0 or 1;
-- quantities and money are millionths. NULL means "not known" or "none".

CREATE TABLE orgs (
	id TEXT NOT NULL,
	name TEXT NOT NULL,
	currency TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	PRIMARY KEY (id)
);

-- Settings of one organization that a person can change: name -> JSON text.
CREATE TABLE settings (
	org_id TEXT NOT NULL,
	name TEXT NOT NULL,
	value TEXT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (org_id, name)
);

CREATE TABLE users (
	org_id TEXT NOT NULL,
	id TEXT NOT NULL,
	email TEXT NOT NULL,
	email_fold TEXT NOT NULL,
	name TEXT NOT NULL,
	role TEXT NOT NULL,
	password_hash TEXT,
	disabled_at BIGINT,
	created_at BIGINT NOT NULL,
	PRIMARY KEY (org_id, id)
);
CREATE UNIQUE INDEX users_by_email ON users (email_fold);

-- Bearer tokens of the app API. Only the SHA-256 of the token is kept.
CREATE TABLE tokens (
	org_id TEXT NOT NULL,
	id TEXT NOT NULL,
	name TEXT NOT NULL,
	role TEXT NOT NULL,
	hash TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	created_by TEXT,
	expires_at BIGINT,
	last_used_at BIGINT,
	revoked_at BIGINT,
	PRIMARY KEY (org_id, id)
);
CREATE UNIQUE INDEX tokens_by_hash ON tokens (hash);

-- Browser sessions; the cookie is kept as a hash, and the CSRF value follows from the cookie.
CREATE TABLE sessions (
	org_id TEXT NOT NULL,
	hash TEXT NOT NULL,
	user_id TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	seen_at BIGINT NOT NULL,
	expires_at BIGINT NOT NULL,
	PRIMARY KEY (org_id, hash)
);
CREATE UNIQUE INDEX sessions_by_hash ON sessions (hash);

-- Sign-ins that failed, by account, known device and address. org_id is '': nobody is known yet.
CREATE TABLE signin_tries (
	org_id TEXT NOT NULL,
	subject TEXT NOT NULL,
	failures BIGINT NOT NULL,
	last_at BIGINT NOT NULL,
	open_at BIGINT NOT NULL,
	PRIMARY KEY (org_id, subject)
);

-- One-time links. org_id is '' for the link that sets the server up.
CREATE TABLE links (
	org_id TEXT NOT NULL,
	hash TEXT NOT NULL,
	kind TEXT NOT NULL,
	user_id TEXT,
	created_at BIGINT NOT NULL,
	expires_at BIGINT NOT NULL,
	used_at BIGINT,
	PRIMARY KEY (org_id, hash)
);
CREATE UNIQUE INDEX links_by_hash ON links (hash);

-- Credentials of PSAs and vendors: sealed under a key of their own, which the master key wraps. The
-- row with org_id '' is the mark by which the store knows its master key.
CREATE TABLE secrets (
	org_id TEXT NOT NULL,
	id TEXT NOT NULL,
	owner TEXT NOT NULL,
	sealed TEXT NOT NULL,
	wrapped_key TEXT NOT NULL,
	master_key_id TEXT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (org_id, id)
);

-- The log: append-only and chained, hash = SHA-256 over the row and the hash before it.
CREATE TABLE audit (
	org_id TEXT NOT NULL,
	seq BIGINT NOT NULL,
	at BIGINT NOT NULL,
	actor TEXT NOT NULL,
	actor_id TEXT,
	event TEXT NOT NULL,
	object TEXT,
	before TEXT,
	after TEXT,
	why TEXT,
	request_id TEXT,
	prev_hash TEXT NOT NULL,
	hash TEXT NOT NULL,
	PRIMARY KEY (org_id, seq)
) /* clustered */;

-- Where each chain ends, so that rows cut off its end are missed.
CREATE TABLE audit_heads (
	org_id TEXT NOT NULL,
	seq BIGINT NOT NULL,
	hash TEXT NOT NULL,
	PRIMARY KEY (org_id)
);

-- Answers kept for 24 hours under the caller's Idempotency-Key.
CREATE TABLE idempotency (
	org_id TEXT NOT NULL,
	principal_id TEXT NOT NULL,
	idem_key TEXT NOT NULL,
	route TEXT NOT NULL,
	body_hash TEXT NOT NULL,
	status BIGINT NOT NULL,
	content TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	PRIMARY KEY (org_id, principal_id, idem_key)
);
CREATE INDEX idempotency_by_age ON idempotency (created_at);

-- Passkeys of users: what a browser on a device, or a security key, signs in with. `key` is public.
-- uses: the device's own counter. challenged_at: when the newest challenge was made that it answered; none before counts.
CREATE TABLE passkeys (
	org_id TEXT NOT NULL,
	id TEXT NOT NULL,
	user_id TEXT NOT NULL,
	name TEXT NOT NULL,
	credential TEXT NOT NULL,
	algorithm BIGINT NOT NULL,
	key TEXT NOT NULL,
	uses BIGINT NOT NULL,
	challenged_at BIGINT NOT NULL,
	created_at BIGINT NOT NULL,
	used_at BIGINT,
	PRIMARY KEY (org_id, id)
);
CREATE UNIQUE INDEX passkeys_by_credential ON passkeys (credential);
CREATE INDEX passkeys_by_user ON passkeys (org_id, user_id);

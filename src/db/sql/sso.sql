-- name: sso_get
SELECT issuer, client_id, secret_id, role_claim, roles, default_role FROM sso WHERE org_id = $1

-- name: sso_first
SELECT org_id FROM sso ORDER BY org_id LIMIT 1

-- name: sso_put
INSERT INTO sso (org_id, issuer, client_id, secret_id, role_claim, roles, default_role, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (org_id) DO UPDATE SET issuer = excluded.issuer, client_id = excluded.client_id,
	secret_id = excluded.secret_id, role_claim = excluded.role_claim, roles = excluded.roles,
	default_role = excluded.default_role, updated_at = excluded.updated_at

-- name: sso_remove
DELETE FROM sso WHERE org_id = $1

-- name: sso_state_add
INSERT INTO sso_states (org_id, hash, nonce, verifier, expires_at) VALUES ($1, $2, $3, $4, $5)

-- name: sso_state_get
SELECT org_id, nonce, verifier, expires_at FROM sso_states WHERE hash = $1

-- name: sso_state_remove
DELETE FROM sso_states WHERE hash = $1 OR expires_at < $2

-- name: sso_identity_get
SELECT user_id FROM sso_identities WHERE org_id = $1 AND issuer = $2 AND subject = $3

-- name: sso_identity_add
INSERT INTO sso_identities (org_id, issuer, subject, user_id, created_at) VALUES ($1, $2, $3, $4, $5)

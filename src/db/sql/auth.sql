-- name: token_insert
INSERT INTO tokens (org_id, id, name, role, hash, created_at, created_by, expires_at, scopes)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)

-- name: token_revoke
UPDATE tokens SET revoked_at = COALESCE(revoked_at, $3) WHERE org_id = $1 AND id = $2

-- name: token_get
SELECT id, name, role, created_at, created_by, expires_at, last_used_at, revoked_at, scopes FROM tokens
WHERE org_id = $1 AND id = $2

-- name: token_list
SELECT id, name, role, created_at, created_by, expires_at, last_used_at, revoked_at, scopes FROM tokens
WHERE org_id = $1 AND ($2 = '' OR id < $2) ORDER BY id DESC LIMIT $3

-- name: token_touch
UPDATE tokens SET last_used_at = $3 WHERE org_id = $1 AND id = $2

-- name: auth_token
SELECT org_id, id, name, role, last_used_at, scopes FROM tokens
WHERE hash = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)

-- name: auth_session
SELECT s.org_id, u.id, u.email, u.role, s.seen_at, s.via FROM sessions s
JOIN users u ON u.org_id = s.org_id AND u.id = s.user_id
WHERE s.hash = $1 AND s.expires_at > $2 AND s.expires_at <= $4 AND s.seen_at > $3 AND u.disabled_at IS NULL

-- name: session_insert
INSERT INTO sessions (org_id, hash, user_id, created_at, seen_at, expires_at, via) VALUES ($1, $2, $3, $4, $4, $5, $6)

-- name: session_touch
UPDATE sessions SET seen_at = $3 WHERE org_id = $1 AND hash = $2

-- name: session_end
DELETE FROM sessions WHERE org_id = $1 AND hash = $2

-- name: session_end_all
DELETE FROM sessions WHERE org_id = $1 AND user_id = $2

-- name: link_insert
INSERT INTO links (org_id, hash, kind, user_id, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)

-- name: link_replace
DELETE FROM links WHERE org_id = $1 AND kind = $2 AND COALESCE(user_id, '') = $3

-- name: link_look
SELECT org_id, kind, user_id FROM links WHERE hash = $1 AND used_at IS NULL AND expires_at > $2

-- name: link_use
UPDATE links SET used_at = $2 WHERE hash = $1 AND used_at IS NULL AND expires_at > $2

-- name: signin_get
SELECT failures, last_at, open_at FROM signin_tries WHERE org_id = '' AND subject = $1

-- name: signin_put
INSERT INTO signin_tries (org_id, subject, failures, last_at, open_at) VALUES ('', $1, $2, $3, $4)
ON CONFLICT (org_id, subject) DO UPDATE SET failures = excluded.failures, last_at = excluded.last_at,
	open_at = excluded.open_at

-- name: signin_forget
DELETE FROM signin_tries WHERE org_id = '' AND last_at < $1

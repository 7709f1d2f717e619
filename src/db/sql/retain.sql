-- name: retain_sessions
DELETE FROM sessions WHERE org_id = $1 AND expires_at < $2

-- name: retain_links
DELETE FROM links WHERE (org_id = $1 OR org_id = '') AND expires_at < $2

-- name: retain_idempotency
DELETE FROM idempotency WHERE org_id = $1 AND created_at < $2

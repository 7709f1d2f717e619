-- name: idem_get
SELECT route, body_hash, status, content, created_at FROM idempotency
WHERE org_id = $1 AND principal_id = $2 AND idem_key = $3

-- name: idem_put
INSERT INTO idempotency (org_id, principal_id, idem_key, route, body_hash, status, content, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (org_id, principal_id, idem_key) DO UPDATE SET route = excluded.route, body_hash = excluded.body_hash,
	status = excluded.status, content = excluded.content, created_at = excluded.created_at

-- name: idem_drop
DELETE FROM idempotency WHERE org_id = $1 AND principal_id = $2 AND idem_key = $3 AND status = 0

-- name: idem_all
SELECT org_id, principal_id, idem_key, content FROM idempotency WHERE status <> 0

-- name: idem_reseal
UPDATE idempotency SET content = $4 WHERE org_id = $1 AND principal_id = $2 AND idem_key = $3

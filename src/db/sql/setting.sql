-- name: setting_get
SELECT value FROM settings WHERE org_id = $1 AND name = $2

-- name: setting_put
INSERT INTO settings (org_id, name, value, updated_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (org_id, name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at

-- name: setting_delete
DELETE FROM settings WHERE org_id = $1 AND name = $2

-- name: secret_get
SELECT owner, sealed, wrapped_key, master_key_id FROM secrets WHERE org_id = $1 AND id = $2

-- name: secret_put
INSERT INTO secrets (org_id, id, owner, sealed, wrapped_key, master_key_id, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (org_id, id) DO UPDATE SET owner = excluded.owner, sealed = excluded.sealed,
	wrapped_key = excluded.wrapped_key, master_key_id = excluded.master_key_id, updated_at = excluded.updated_at

-- Every secret of every organization, for a new master key.
-- name: secret_all
SELECT org_id, id, owner, sealed, wrapped_key, master_key_id FROM secrets ORDER BY org_id, id

-- name: secret_rewrap
UPDATE secrets SET wrapped_key = $3, master_key_id = $4 WHERE org_id = $1 AND id = $2

-- name: secret_delete
DELETE FROM secrets WHERE org_id = $1 AND id = $2

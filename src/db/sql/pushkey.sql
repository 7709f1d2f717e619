-- name: pushkey_insert
INSERT INTO push_keys (org_id, integration_id, id, vendor_hash, partner_hash, created_at, revoked_at)
VALUES ($1, $2, $3, $4, $5, $6, NULL)

-- name: pushkey_revoke
UPDATE push_keys SET revoked_at = $3 WHERE org_id = $1 AND integration_id = $2 AND revoked_at IS NULL

-- name: pushkey_by_partner
SELECT org_id, integration_id, vendor_hash FROM push_keys WHERE partner_hash = $1 AND revoked_at IS NULL

-- name: pushkey_by_vendor
SELECT org_id, integration_id, vendor_hash FROM push_keys WHERE vendor_hash = $1 AND revoked_at IS NULL

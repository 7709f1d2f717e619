-- A vendor's account; posted again it is refreshed and keeps its mapping. NULL leaves as it is.
-- name: vendor_account_put
INSERT INTO vendor_accounts (org_id, id, integration_id, vendor_id, vendor_id_fold, name, fold, description, is_active,
	is_arrears, detect_new_revenue, mapping, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, COALESCE($8, ''), COALESCE($9, 1), COALESCE($10, 0), 1, 'unmapped', $11, $11)
ON CONFLICT (org_id, integration_id, vendor_id) DO UPDATE SET name = excluded.name, fold = excluded.fold,
	description = COALESCE($8, vendor_accounts.description), is_active = COALESCE($9, vendor_accounts.is_active),
	is_arrears = COALESCE($10, vendor_accounts.is_arrears), updated_at = excluded.updated_at
RETURNING id, vendor_id, name, description, is_active, is_arrears, mapping, mapping_id, psa_account_id

-- name: vendor_account_change
UPDATE vendor_accounts SET vendor_id = $3, vendor_id_fold = $4, name = $5, fold = $6, description = $7,
	is_active = $8, is_arrears = $9, updated_at = $10
WHERE org_id = $1 AND id = $2
RETURNING id, vendor_id, name, description, is_active, is_arrears, mapping, mapping_id, psa_account_id

-- name: vendor_account_get
SELECT id, vendor_id, name, description, is_active, is_arrears, mapping, mapping_id, psa_account_id
FROM vendor_accounts WHERE org_id = $1 AND integration_id = $2 AND id = $3

-- name: vendor_account_exact
SELECT id, vendor_id, name, description, is_active, is_arrears, mapping, mapping_id, psa_account_id
FROM vendor_accounts WHERE org_id = $1 AND integration_id = $2 AND vendor_id = $3

-- name: vendor_account_folded
SELECT id, vendor_id, name, description, is_active, is_arrears, mapping, mapping_id, psa_account_id
FROM vendor_accounts WHERE org_id = $1 AND integration_id = $2 AND vendor_id_fold = $3 LIMIT 2

-- name: vendor_account_of_psa
SELECT id, vendor_id, name, description, is_active, is_arrears, mapping, mapping_id, psa_account_id
FROM vendor_accounts WHERE org_id = $1 AND integration_id = $2 AND psa_account_id = $3 AND mapping = 'mapped'
ORDER BY fold, id LIMIT 1

-- name: vendor_account_each
SELECT id, vendor_id, name, description, is_active, is_arrears, mapping, mapping_id, psa_account_id
FROM vendor_accounts WHERE org_id = $1 AND integration_id = $2 ORDER BY fold, id

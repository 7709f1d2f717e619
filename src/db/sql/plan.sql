-- What a plan file names, by id or by the name that people know; the id first. At most two: the second says "not clear".

-- name: plan_integration
SELECT id, name FROM integrations WHERE org_id = $1 AND (id = $2 OR name = $2) AND disconnected_at IS NULL
ORDER BY CASE WHEN id = $2 THEN 0 ELSE 1 END, id LIMIT 2

-- name: plan_account
SELECT id, name FROM psa_accounts WHERE org_id = $1 AND (id = $2 OR name = $2) AND gone_at IS NULL
ORDER BY CASE WHEN id = $2 THEN 0 ELSE 1 END, id LIMIT 2

-- name: plan_product
SELECT id, code FROM psa_products WHERE org_id = $1 AND (id = $2 OR code = $2) AND gone_at IS NULL
ORDER BY CASE WHEN id = $2 THEN 0 ELSE 1 END, id LIMIT 2

-- name: plan_contract
SELECT id, name FROM psa_contracts
WHERE org_id = $1 AND (id = $2 OR name = $2) AND ($3 = '' OR account_id = $3) AND gone_at IS NULL
ORDER BY CASE WHEN id = $2 THEN 0 ELSE 1 END, id LIMIT 2

-- name: plan_vendor_account
SELECT id, name, mapping, psa_account_id, detect_new_revenue FROM vendor_accounts
WHERE org_id = $1 AND integration_id = $2 AND (id = $3 OR vendor_id = $3)
ORDER BY CASE WHEN id = $3 THEN 0 ELSE 1 END, id LIMIT 2

-- name: plan_service
SELECT id, name, mapping, mode, unit_basis, detect_new_revenue FROM services
WHERE org_id = $1 AND integration_id = $2 AND (id = $3 OR vendor_id = $3)
ORDER BY CASE WHEN id = $3 THEN 0 ELSE 1 END, id LIMIT 2

-- name: plan_service_products
SELECT product_id FROM service_products WHERE org_id = $1 AND service_id = $2 ORDER BY position

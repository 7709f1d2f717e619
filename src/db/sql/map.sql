-- name: map_accounts_list
SELECT v.id, v.vendor_id, v.name, v.description, v.is_active, v.detect_new_revenue, v.mapping, v.mapping_id, v.mapped_how,
	v.mapped_by, v.mapped_at, v.psa_account_id, a.name, a.remote_id, v.fold
FROM vendor_accounts v
LEFT JOIN psa_accounts a ON a.org_id = v.org_id AND a.id = v.psa_account_id
WHERE v.org_id = $1 AND v.integration_id = $2 AND ($3 = '' OR v.mapping = $3)
AND (v.fold LIKE $4 ESCAPE '\' OR v.vendor_id_fold LIKE $4 ESCAPE '\')
AND (v.fold > $5 OR (v.fold = $5 AND v.id > $6))
AND ($8 = '' OR v.id = $8)
ORDER BY v.fold, v.id LIMIT $7

-- name: map_services_list
SELECT s.id, s.vendor_id, s.name, s.description, s.is_active, s.detect_new_revenue, s.mapping, s.mapping_id, s.mapped_how,
	s.mapped_by, s.mapped_at, s.mode, s.unit_basis, s.category, s.subcategory, s.kind, s.fold, s.told_basis
FROM services s
WHERE s.org_id = $1 AND s.integration_id = $2 AND ($3 = '' OR s.mapping = $3)
AND (s.fold LIKE $4 ESCAPE '\' OR s.vendor_id_fold LIKE $4 ESCAPE '\')
AND (s.fold > $5 OR (s.fold = $5 AND s.id > $6))
AND ($8 = '' OR s.id = $8)
ORDER BY s.fold, s.id LIMIT $7

-- name: map_service_products
SELECT p.id, p.code, p.name, p.price FROM service_products x
JOIN psa_products p ON p.org_id = x.org_id AND p.id = x.product_id
WHERE x.org_id = $1 AND x.service_id = $2 ORDER BY x.position

-- What has been counted for one account, with the price of each product that the service is mapped to.
-- name: map_account_counts
SELECT s.id, c.units, c.units_text, s.mapping, p.price
FROM services s
JOIN counts c ON c.org_id = s.org_id AND c.service_id = s.id AND c.account_id = $3
LEFT JOIN service_products x ON x.org_id = s.org_id AND x.service_id = s.id AND s.mapping = 'mapped'
	AND (x.position = 0 OR s.mode = 'copy')
LEFT JOIN psa_products p ON p.org_id = x.org_id AND p.id = x.product_id
WHERE s.org_id = $1 AND s.integration_id = $2 ORDER BY s.id, x.position

-- name: map_service_counts
SELECT c.units, c.units_text FROM counts c WHERE c.org_id = $1 AND c.service_id = $2

-- Every count of which one side is not mapped.
-- name: map_left_out
SELECT s.id, c.account_id, c.units, c.units_text, s.mapping, v.mapping, p.price
FROM services s
JOIN counts c ON c.org_id = s.org_id AND c.service_id = s.id
JOIN vendor_accounts v ON v.org_id = c.org_id AND v.id = c.account_id
LEFT JOIN service_products x ON x.org_id = s.org_id AND x.service_id = s.id AND s.mapping = 'mapped'
	AND (x.position = 0 OR s.mode = 'copy')
LEFT JOIN psa_products p ON p.org_id = x.org_id AND p.id = x.product_id
WHERE s.org_id = $1 AND s.integration_id = $2 AND (s.mapping <> 'mapped' OR v.mapping <> 'mapped')
ORDER BY s.id, c.account_id, x.position

-- name: map_totals
SELECT 'accounts', mapping, COUNT(*) FROM vendor_accounts WHERE org_id = $1 AND integration_id = $2 GROUP BY mapping
UNION ALL
SELECT 'services', mapping, COUNT(*) FROM services WHERE org_id = $1 AND integration_id = $2 GROUP BY mapping

-- name: map_account_set
UPDATE vendor_accounts SET mapping = $3, mapping_id = $4, psa_account_id = $5, mapped_how = $6, mapped_by = $7,
	mapped_at = $8, updated_at = $8
WHERE org_id = $1 AND id = $2

-- name: map_account_detect
UPDATE vendor_accounts SET detect_new_revenue = $3 WHERE org_id = $1 AND id = $2

-- name: map_service_set
UPDATE services SET mapping = $3, mapping_id = $4, mode = $5, unit_basis = $6, mapped_how = $7, mapped_by = $8,
	mapped_at = $9, updated_at = $9
WHERE org_id = $1 AND id = $2

-- name: map_service_detect
UPDATE services SET detect_new_revenue = $3 WHERE org_id = $1 AND id = $2

-- name: map_service_products_clear
DELETE FROM service_products WHERE org_id = $1 AND service_id = $2

-- name: map_service_product_add
INSERT INTO service_products (org_id, service_id, position, product_id) VALUES ($1, $2, $3, $4)

-- name: map_psa_account
SELECT id FROM psa_accounts WHERE org_id = $1 AND id = $2 AND gone_at IS NULL

-- name: map_psa_product
SELECT id FROM psa_products WHERE org_id = $1 AND id = $2 AND gone_at IS NULL

-- The PSA accounts whose name is the same, character for character, for vendor accounts that nobody has touched, of
-- integrations that are being set up ($2 and $3 '' = all).
-- name: map_auto_accounts
SELECT v.id, v.fold, a.id FROM vendor_accounts v
JOIN integrations i ON i.org_id = v.org_id AND i.id = v.integration_id
JOIN psa_accounts a ON a.org_id = v.org_id AND a.fold = v.fold AND a.name = v.name AND a.gone_at IS NULL
WHERE v.org_id = $1 AND ($2 = '' OR v.integration_id = $2)
AND v.mapping = 'unmapped' AND v.mapped_how IS NULL AND i.finished_at IS NULL AND i.disconnected_at IS NULL
ORDER BY v.id, a.id

-- One of them, by its key: an import asks for each of thousands.
-- name: map_auto_account
SELECT v.id, v.fold, a.id FROM vendor_accounts v
JOIN integrations i ON i.org_id = v.org_id AND i.id = v.integration_id
JOIN psa_accounts a ON a.org_id = v.org_id AND a.fold = v.fold AND a.name = v.name AND a.gone_at IS NULL
WHERE v.org_id = $1 AND v.id = $2
AND v.mapping = 'unmapped' AND v.mapped_how IS NULL AND i.finished_at IS NULL AND i.disconnected_at IS NULL
ORDER BY v.id, a.id

-- name: map_auto_services
SELECT s.id, s.fold, p.id FROM services s
JOIN integrations i ON i.org_id = s.org_id AND i.id = s.integration_id
JOIN psa_products p ON p.org_id = s.org_id AND p.fold = s.fold AND p.name = s.name AND p.gone_at IS NULL
WHERE s.org_id = $1 AND ($2 = '' OR s.integration_id = $2)
AND s.mapping = 'unmapped' AND s.mapped_how IS NULL AND i.finished_at IS NULL AND i.disconnected_at IS NULL
ORDER BY s.id, p.id

-- One of them, by its key: an import asks for each of thousands.
-- name: map_auto_service
SELECT s.id, s.fold, p.id FROM services s
JOIN integrations i ON i.org_id = s.org_id AND i.id = s.integration_id
JOIN psa_products p ON p.org_id = s.org_id AND p.fold = s.fold AND p.name = s.name AND p.gone_at IS NULL
WHERE s.org_id = $1 AND s.id = $2
AND s.mapping = 'unmapped' AND s.mapped_how IS NULL AND i.finished_at IS NULL AND i.disconnected_at IS NULL
ORDER BY s.id, p.id

-- name: map_automapped
UPDATE integrations SET automapped_at = $3 WHERE org_id = $1 AND id = $2

-- name: map_finished
UPDATE integrations SET finished_at = COALESCE(finished_at, $3), updated_at = $3 WHERE org_id = $1 AND id = $2

-- name: map_account_names
SELECT id, name, domain FROM psa_accounts WHERE org_id = $1 AND gone_at IS NULL ORDER BY id

-- name: map_product_names
SELECT id, name, code FROM psa_products WHERE org_id = $1 AND gone_at IS NULL AND inactive = 0 ORDER BY id

-- name: map_account_now
SELECT mapping, psa_account_id, fold FROM vendor_accounts WHERE org_id = $1 AND integration_id = $2 AND id = $3

-- name: map_service_now
SELECT mapping, fold FROM services WHERE org_id = $1 AND integration_id = $2 AND id = $3

-- name: alias_put
INSERT INTO aliases (org_id, kind, fold, target_id, verdict, decided_by, decided_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (org_id, kind, fold, target_id) DO UPDATE SET verdict = excluded.verdict, decided_by = excluded.decided_by,
	decided_at = excluded.decided_at

-- name: alias_list
SELECT target_id, verdict FROM aliases WHERE org_id = $1 AND kind = $2 AND fold = $3 ORDER BY decided_at DESC, target_id

-- name: alias_rejected
SELECT COUNT(*) FROM aliases WHERE org_id = $1 AND kind = $2 AND fold = $3 AND target_id = $4 AND verdict = 'rejected'

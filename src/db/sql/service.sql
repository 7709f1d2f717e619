-- name: service_insert
INSERT INTO services (org_id, id, integration_id, kind, vendor_id, vendor_id_fold, name, fold, description, category,
	subcategory, support_article, support_contact, is_active, is_arrears, detect_new_revenue, mapping, created_at,
	updated_at)
VALUES ($1, $2, $3, 'vendor', $2, $2, $4, $5, $6, $7, $8, $9, $10, 1, 0, 1, 'unmapped', $11, $11)

-- name: service_put
INSERT INTO services (org_id, id, integration_id, kind, vendor_id, vendor_id_fold, name, fold, description, is_active,
	is_arrears, detect_new_revenue, mapping, created_at, updated_at, told_basis)
VALUES ($1, $2, $3, 'organization', $4, $5, $6, $7, COALESCE($8, ''), COALESCE($9, 1), COALESCE($10, 0), 1, 'unmapped',
	$11, $11, $12)
ON CONFLICT (org_id, integration_id, kind, vendor_id) DO UPDATE SET name = excluded.name, fold = excluded.fold,
	description = COALESCE($8, services.description), is_active = COALESCE($9, services.is_active),
	is_arrears = COALESCE($10, services.is_arrears), updated_at = excluded.updated_at,
	told_basis = COALESCE(excluded.told_basis, services.told_basis)
RETURNING id, kind, vendor_id, name, description, category, subcategory, support_article, support_contact, is_active,
	is_arrears, mapping, mapping_id

-- name: service_change
UPDATE services SET vendor_id = $3, vendor_id_fold = $4, name = $5, fold = $6, description = $7, category = $8,
	subcategory = $9, support_article = $10, support_contact = $11, is_active = $12, is_arrears = $13,
	updated_at = $14
WHERE org_id = $1 AND id = $2
RETURNING id, kind, vendor_id, name, description, category, subcategory, support_article, support_contact, is_active,
	is_arrears, mapping, mapping_id

-- name: service_get
SELECT id, kind, vendor_id, name, description, category, subcategory, support_article, support_contact, is_active,
	is_arrears, mapping, mapping_id
FROM services WHERE org_id = $1 AND integration_id = $2 AND id = $3

-- name: service_exact
SELECT id, kind, vendor_id, name, description, category, subcategory, support_article, support_contact, is_active,
	is_arrears, mapping, mapping_id
FROM services WHERE org_id = $1 AND integration_id = $2 AND kind = 'organization' AND vendor_id = $3

-- name: service_folded
SELECT id, kind, vendor_id, name, description, category, subcategory, support_article, support_contact, is_active,
	is_arrears, mapping, mapping_id
FROM services WHERE org_id = $1 AND integration_id = $2 AND vendor_id_fold = $3 LIMIT 2

-- name: service_named
SELECT id, kind, vendor_id, name, description, category, subcategory, support_article, support_contact, is_active,
	is_arrears, mapping, mapping_id
FROM services WHERE org_id = $1 AND integration_id = $2 AND fold = $3 AND kind = 'vendor' ORDER BY id

-- name: service_each
SELECT id, kind, vendor_id, name, description, category, subcategory, support_article, support_contact, is_active,
	is_arrears, mapping, mapping_id
FROM services WHERE org_id = $1 AND integration_id = $2 AND ($3 = '' OR kind = $3) ORDER BY created_at, id

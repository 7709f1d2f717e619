-- name: rule_list
SELECT r.id, r.version, r.name, r.product_id, r.account_id, r.contract_id, r.convert_mul, r.convert_div, r.included, r.minimum,
	r.maximum, r.round_mode, r.round_step, r.reason, r.created_by, r.updated_at
FROM rules r WHERE r.org_id = $1 AND r.id > $2 AND ($4 = '' OR r.id = $4) ORDER BY r.id LIMIT $3

-- name: rule_put
INSERT INTO rules (org_id, id, version, name, product_id, account_id, contract_id, convert_mul, convert_div, included, minimum,
	maximum, round_mode, round_step, reason, created_by, updated_at)
VALUES ($1, $2, 1, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
ON CONFLICT (org_id, id) DO UPDATE SET version = rules.version + 1, name = excluded.name, product_id = excluded.product_id,
	account_id = excluded.account_id, contract_id = excluded.contract_id, convert_mul = excluded.convert_mul,
	convert_div = excluded.convert_div, included = excluded.included, minimum = excluded.minimum,
	maximum = excluded.maximum, round_mode = excluded.round_mode, round_step = excluded.round_step,
	reason = excluded.reason, updated_at = excluded.updated_at

-- name: rule_remove
DELETE FROM rules WHERE org_id = $1 AND id = $2

-- name: override_list
SELECT o.id, o.account_id, o.product_id, o.contract_id, o.quantity, o.reason, o.expires_day, o.created_by, o.created_at,
	a.name, p.name
FROM overrides o
LEFT JOIN psa_accounts a ON a.org_id = o.org_id AND a.id = o.account_id
LEFT JOIN psa_products p ON p.org_id = o.org_id AND p.id = o.product_id
WHERE o.org_id = $1 AND o.id > $2 AND ($4 = '' OR o.id = $4) ORDER BY o.id LIMIT $3

-- name: override_put
INSERT INTO overrides (org_id, id, account_id, product_id, contract_id, quantity, reason, expires_day, created_by, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (org_id, id) DO UPDATE SET account_id = excluded.account_id, product_id = excluded.product_id,
	contract_id = excluded.contract_id, quantity = excluded.quantity, reason = excluded.reason,
	expires_day = excluded.expires_day

-- name: override_remove
DELETE FROM overrides WHERE org_id = $1 AND id = $2

-- name: rule_contract
SELECT id FROM psa_contracts WHERE org_id = $1 AND id = $2

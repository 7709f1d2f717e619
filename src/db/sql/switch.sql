-- name: switch_open_writes
SELECT COUNT(*) FROM writes WHERE org_id = $1 AND state IN ('planned', 'sending', 'unknown', 'listed')

-- What is gone from the PSA and is still named by something that a person said.
-- name: switch_old_accounts
SELECT * FROM (SELECT a.id, a.name, a.code, a.fold, a.domain, NULL AS owner,
	(SELECT COUNT(*) FROM vendor_accounts v WHERE v.org_id = a.org_id AND v.psa_account_id = a.id) AS mappings,
	(SELECT COUNT(*) FROM rules r WHERE r.org_id = a.org_id AND r.account_id = a.id)
		+ (SELECT COUNT(*) FROM approval_rules r WHERE r.org_id = a.org_id AND r.account_id = a.id) AS rules,
	(SELECT COUNT(*) FROM overrides o WHERE o.org_id = a.org_id AND o.account_id = a.id) AS overrides,
	(SELECT COUNT(*) FROM taggings t WHERE t.org_id = a.org_id AND t.subject_kind = 'account' AND t.subject_id = a.id) AS tags
FROM psa_accounts a WHERE a.org_id = $1 AND a.gone_at IS NOT NULL) x
WHERE mappings > 0 OR rules > 0 OR overrides > 0 OR tags > 0 ORDER BY fold, id LIMIT $2

-- name: switch_old_products
SELECT * FROM (SELECT p.id, p.name, p.code_fold, p.fold, NULL AS domain, NULL AS owner,
	(SELECT COUNT(*) FROM service_products s WHERE s.org_id = p.org_id AND s.product_id = p.id) AS mappings,
	(SELECT COUNT(*) FROM rules r WHERE r.org_id = p.org_id AND r.product_id = p.id) AS rules,
	(SELECT COUNT(*) FROM overrides o WHERE o.org_id = p.org_id AND o.product_id = p.id) AS overrides,
	(SELECT COUNT(*) FROM taggings t WHERE t.org_id = p.org_id AND t.subject_kind = 'product' AND t.subject_id = p.id) AS tags
FROM psa_products p WHERE p.org_id = $1 AND p.gone_at IS NOT NULL) x
WHERE mappings > 0 OR rules > 0 OR overrides > 0 OR tags > 0 ORDER BY fold, id LIMIT $2

-- name: switch_old_contracts
SELECT * FROM (SELECT c.id, c.name, NULL AS code, c.fold, NULL AS domain, c.account_id AS owner, 0 AS mappings,
	(SELECT COUNT(*) FROM rules r WHERE r.org_id = c.org_id AND r.contract_id = c.id) AS rules,
	(SELECT COUNT(*) FROM overrides o WHERE o.org_id = c.org_id AND o.contract_id = c.id) AS overrides, 0 AS tags
FROM psa_contracts c WHERE c.org_id = $1 AND c.gone_at IS NOT NULL) x
WHERE rules > 0 OR overrides > 0 ORDER BY fold, id LIMIT $2

-- name: switch_new_accounts
SELECT id, name, code, fold, domain, NULL, 0, 0, 0, 0 FROM psa_accounts WHERE org_id = $1 AND gone_at IS NULL
ORDER BY fold, id LIMIT $2

-- name: switch_new_products
SELECT id, name, code_fold, fold, NULL, NULL, 0, 0, 0, 0 FROM psa_products WHERE org_id = $1 AND gone_at IS NULL
ORDER BY fold, id LIMIT $2

-- name: switch_new_contracts
SELECT id, name, NULL, fold, NULL, account_id, 0, 0, 0, 0 FROM psa_contracts WHERE org_id = $1 AND gone_at IS NULL
ORDER BY fold, id LIMIT $2

-- name: switch_move_account_mapping
UPDATE vendor_accounts SET psa_account_id = $3 WHERE org_id = $1 AND psa_account_id = $2

-- name: switch_move_account_rules
UPDATE rules SET account_id = $3, version = version + 1 WHERE org_id = $1 AND account_id = $2

-- name: switch_move_account_overrides
UPDATE overrides SET account_id = $3 WHERE org_id = $1 AND account_id = $2

-- name: switch_move_account_approvals
UPDATE approval_rules SET account_id = $3 WHERE org_id = $1 AND account_id = $2

-- name: switch_copy_account_tags
INSERT INTO taggings (org_id, subject_kind, subject_id, tag_id)
SELECT org_id, subject_kind, $3, tag_id FROM taggings
WHERE org_id = $1 AND subject_kind = 'account' AND subject_id = $2
ON CONFLICT DO NOTHING

-- name: switch_drop_account_tags
DELETE FROM taggings WHERE org_id = $1 AND subject_kind = 'account' AND subject_id = $2 AND $3 <> ''

-- name: switch_copy_account_aliases
INSERT INTO aliases (org_id, kind, fold, target_id, verdict, decided_by, decided_at)
SELECT org_id, kind, fold, $3, verdict, decided_by, decided_at FROM aliases
WHERE org_id = $1 AND kind = 'account' AND target_id = $2
ON CONFLICT DO NOTHING

-- name: switch_move_product_mapping
UPDATE service_products SET product_id = $3 WHERE org_id = $1 AND product_id = $2

-- name: switch_move_product_rules
UPDATE rules SET product_id = $3, version = version + 1 WHERE org_id = $1 AND product_id = $2

-- name: switch_move_product_overrides
UPDATE overrides SET product_id = $3 WHERE org_id = $1 AND product_id = $2

-- name: switch_copy_product_cost
INSERT INTO product_costs (org_id, product_id, cost, currency, set_by, set_at)
SELECT org_id, $3, cost, currency, set_by, set_at FROM product_costs WHERE org_id = $1 AND product_id = $2
ON CONFLICT DO NOTHING

-- name: switch_drop_product_cost
DELETE FROM product_costs WHERE org_id = $1 AND product_id = $2 AND $3 <> ''

-- name: switch_copy_product_tags
INSERT INTO taggings (org_id, subject_kind, subject_id, tag_id)
SELECT org_id, subject_kind, $3, tag_id FROM taggings
WHERE org_id = $1 AND subject_kind = 'product' AND subject_id = $2
ON CONFLICT DO NOTHING

-- name: switch_drop_product_tags
DELETE FROM taggings WHERE org_id = $1 AND subject_kind = 'product' AND subject_id = $2 AND $3 <> ''

-- name: switch_copy_product_aliases
INSERT INTO aliases (org_id, kind, fold, target_id, verdict, decided_by, decided_at)
SELECT org_id, kind, fold, $3, verdict, decided_by, decided_at FROM aliases
WHERE org_id = $1 AND kind = 'service' AND target_id = $2
ON CONFLICT DO NOTHING

-- name: switch_move_contract_rules
UPDATE rules SET contract_id = $3, version = version + 1 WHERE org_id = $1 AND contract_id = $2

-- name: switch_move_contract_overrides
UPDATE overrides SET contract_id = $3 WHERE org_id = $1 AND contract_id = $2

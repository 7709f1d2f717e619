-- name: approval_rule_list
SELECT r.id, r.name, r.direction, r.account_id, r.min_units, r.min_money, r.created_by, r.created_at, a.name
FROM approval_rules r LEFT JOIN psa_accounts a ON a.org_id = r.org_id AND a.id = r.account_id
WHERE r.org_id = $1 AND ($2 = '' OR r.id = $2) ORDER BY r.id

-- name: approval_rule_add
INSERT INTO approval_rules (org_id, id, name, direction, account_id, min_units, min_money, created_by, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)

-- name: approval_rule_remove
DELETE FROM approval_rules WHERE org_id = $1 AND id = $2

-- The first rule that a change meets: $2 account, $3 "up", "down" or "new", $4 units and $5 money without their sign. A
-- change whose money is not known meets every limit of money.
-- name: approval_rule_met
SELECT id, name FROM approval_rules WHERE org_id = $1 AND (account_id IS NULL OR account_id = $2)
AND (direction = 'any' OR direction = $3) AND (min_units IS NULL OR $4 >= min_units)
AND (min_money IS NULL OR $5 IS NULL OR $5 >= min_money) ORDER BY id LIMIT 1

-- name: approval_account
SELECT COUNT(*) FROM psa_accounts WHERE org_id = $1 AND id = $2

-- name: approval_awaiting_get
SELECT terms, asked_by, asked_by_id, asked_at FROM approvals_awaiting WHERE org_id = $1 AND card_id = $2

-- name: approval_awaiting_put
INSERT INTO approvals_awaiting (org_id, card_id, rule_id, terms, quantity, psa_units, note, asked_by, asked_by_id, asked_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (org_id, card_id) DO UPDATE SET rule_id = excluded.rule_id, terms = excluded.terms,
	quantity = excluded.quantity, psa_units = excluded.psa_units, note = excluded.note, asked_by = excluded.asked_by,
	asked_by_id = excluded.asked_by_id, asked_at = excluded.asked_at

-- name: approval_awaiting_remove
DELETE FROM approvals_awaiting WHERE org_id = $1 AND card_id = $2

-- name: approval_awaiting_list
SELECT w.card_id, w.quantity, w.psa_units, w.note, w.asked_by, w.asked_at, r.id, r.name, a.id, a.name, p.id, p.code, p.name
FROM approvals_awaiting w
LEFT JOIN approval_rules r ON r.org_id = w.org_id AND r.id = w.rule_id
JOIN cards c ON c.org_id = w.org_id AND c.id = w.card_id
JOIN psa_accounts a ON a.org_id = c.org_id AND a.id = c.account_id
JOIN psa_products p ON p.org_id = c.org_id AND p.id = c.product_id
WHERE w.org_id = $1 AND w.card_id > $2 ORDER BY w.card_id LIMIT $3

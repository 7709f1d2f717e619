-- name: decide_card
SELECT c.kind, c.state, c.account_id, c.product_id, c.contract_id, c.line_id, c.psa_units, c.target_units,
	c.value_state, c.choices, c.currency, a.name, a.remote_id, p.name, p.code, p.remote_id, p.price, p.cost, c.sources
FROM cards c
JOIN psa_accounts a ON a.org_id = c.org_id AND a.id = c.account_id
JOIN psa_products p ON p.org_id = c.org_id AND p.id = c.product_id
WHERE c.org_id = $1 AND c.id = $2

-- name: decide_contract
SELECT remote_id, name, contract_type, status, cycle, currency, parent_remote_id, prorates, start_day, end_day,
	billed_through, account_id, gone_at FROM psa_contracts WHERE org_id = $1 AND id = $2

-- name: decide_line
SELECT l.remote_id, l.description, l.version, l.quantity, l.included, l.unit_price, l.unit_cost, l.serialized, l.billable,
	l.effective_day, l.cancelled_day, l.contract_id, c.remote_id, p.remote_id, p.code, l.gone_at, l.fixed
FROM psa_lines l
JOIN psa_contracts c ON c.org_id = l.org_id AND c.id = l.contract_id
JOIN psa_products p ON p.org_id = l.org_id AND p.id = l.product_id
WHERE l.org_id = $1 AND l.id = $2

-- Lines of one account and product that a card of several lines stands for: billed on day $4 and not followed by
-- another, or following one that is.
-- name: decide_lines_of
SELECT l.id, l.contract_id, l.quantity FROM psa_lines l
JOIN psa_contracts c ON c.org_id = l.org_id AND c.id = l.contract_id
WHERE l.org_id = $1 AND c.account_id = $2 AND l.product_id = $3 AND l.gone_at IS NULL AND c.gone_at IS NULL
AND l.billable = 1 AND (l.cancelled_day IS NULL OR l.cancelled_day >= $4)
AND (l.cancelled_day IS NULL OR l.effective_day IS NULL OR l.cancelled_day >= l.effective_day)
AND NOT EXISTS (SELECT 1 FROM psa_lines n WHERE n.org_id = l.org_id AND n.contract_id = l.contract_id
	AND n.product_id = l.product_id AND n.gone_at IS NULL AND n.billable = 1 AND n.effective_day = l.cancelled_day + 1
	AND (n.cancelled_day IS NULL OR n.cancelled_day >= n.effective_day))
AND (l.effective_day IS NULL OR l.effective_day <= $4
	OR EXISTS (SELECT 1 FROM psa_lines b WHERE b.org_id = l.org_id AND b.contract_id = l.contract_id
	AND b.product_id = l.product_id AND b.gone_at IS NULL AND b.billable = 1 AND b.cancelled_day = l.effective_day - 1))
ORDER BY l.id

-- name: decide_open_write
SELECT COUNT(*) FROM writes WHERE org_id = $1 AND card_id = $2 AND state IN ('planned', 'sending', 'unknown', 'listed')

-- name: decide_batch_add
INSERT INTO batches (org_id, id, kind, rollback_of, note, created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)

-- name: decide_batch_get
SELECT kind, rollback_of, note, created_by, created_at FROM batches WHERE org_id = $1 AND id = $2

-- name: decide_add
INSERT INTO decisions (org_id, id, seq, card_id, batch_id, kind, quantity, seen_psa_units, seen_target_units,
	seen_line_id, effective_day, note, decided_by, decided_by_id, decided_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)

-- name: decide_card_state
UPDATE cards SET state = $3, state_why = NULL, reconciled_units = $4, effective_day = $5, decision_id = $6,
	digest = $7, updated_at = $7 WHERE org_id = $1 AND id = $2

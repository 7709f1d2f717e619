-- All that cards are made of. What is counted or chosen in an order comes in that order.

-- name: rebuild_accounts
SELECT id, fold, gone_at FROM psa_accounts WHERE org_id = $1 ORDER BY id

-- name: rebuild_products
SELECT id, fold, code_fold, price, gone_at FROM psa_products WHERE org_id = $1 ORDER BY id

-- name: rebuild_contracts
SELECT id, account_id, name, fold, currency, gone_at FROM psa_contracts WHERE org_id = $1 ORDER BY id

-- Lines that are there, or went or ended since $2 (a time) or $3 (a day). When a line was first seen matters for
-- those that ended before $4 only.
-- name: rebuild_lines
SELECT id, contract_id, product_id, quantity, unit_price, billable, effective_day, cancelled_day, gone_at, read_at,
	CASE WHEN cancelled_day < $4 THEN (SELECT MIN(h.at) FROM line_history h
		WHERE h.org_id = psa_lines.org_id AND h.line_id = psa_lines.id) END
FROM psa_lines
WHERE org_id = $1 AND (gone_at IS NULL OR gone_at >= $2) AND (cancelled_day IS NULL OR cancelled_day >= $3)

-- name: rebuild_integrations
SELECT id, vendor, name, stale_after, covered_at FROM integrations WHERE org_id = $1 AND disconnected_at IS NULL ORDER BY id

-- name: rebuild_vendor_accounts
SELECT id, name, integration_id, psa_account_id, detect_new_revenue FROM vendor_accounts
WHERE org_id = $1 AND mapping = 'mapped' ORDER BY id

-- name: rebuild_services
SELECT s.id, s.name, COALESCE(s.unit_basis, s.told_basis), s.integration_id, s.mode, s.detect_new_revenue, p.product_id
FROM services s JOIN service_products p ON p.org_id = s.org_id AND p.service_id = s.id
WHERE s.org_id = $1 AND s.mapping = 'mapped' ORDER BY s.id, p.position

-- name: rebuild_counts
SELECT service_id, account_id, units, units_text, observed_at FROM counts WHERE org_id = $1 ORDER BY service_id, account_id

-- name: rebuild_rules
SELECT id, version, name, product_id, account_id, contract_id, convert_mul, convert_div, included, minimum, maximum,
	round_mode, round_step
FROM rules WHERE org_id = $1 ORDER BY id

-- name: rebuild_overrides
SELECT id, account_id, product_id, contract_id, quantity, reason, expires_day FROM overrides
WHERE org_id = $1 ORDER BY created_at DESC, id DESC

-- The last decision of each card, with its write.
-- name: rebuild_decisions
SELECT d.card_id, d.id, d.kind, d.quantity, d.seen_psa_units, d.seen_target_units, d.effective_day, d.decided_at,
	w.state, w.detail, w.updated_at, w.kind, w.account_id, w.product_id, w.contract_id
FROM decisions d
LEFT JOIN writes w ON w.org_id = d.org_id AND w.card_id = d.card_id AND w.decision_id = d.id AND w.rollback_of IS NULL
WHERE d.org_id = $1 AND NOT EXISTS
	(SELECT 1 FROM decisions x WHERE x.org_id = d.org_id AND x.card_id = d.card_id AND x.seq > d.seq)
ORDER BY d.seq

-- name: rebuild_book_read
SELECT synced_at FROM psa WHERE org_id = $1

-- name: rebuild_stored
SELECT id, digest, line_id FROM cards WHERE org_id = $1

-- A card that somebody changed since the rebuild looked ($32 is not its digest any more) stays as it is.
-- name: rebuild_put
INSERT INTO cards (org_id, id, kind, state, state_why, account_id, product_id, contract_id, line_id, integration_ids,
	vendors, unit_basis, psa_units, vendor_units, target_units, reconciled_units, change_units, change_money, currency,
	value_state, effective_day, choices, sources, why, sort_account, sort_product, sort_contract, search, decision_id,
	digest, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24,
	$25, $26, $27, $28, $29, $30, $31)
ON CONFLICT (org_id, id) DO UPDATE SET kind = excluded.kind, state = excluded.state, state_why = excluded.state_why,
	account_id = excluded.account_id, product_id = excluded.product_id, contract_id = excluded.contract_id,
	line_id = excluded.line_id, integration_ids = excluded.integration_ids, vendors = excluded.vendors,
	unit_basis = excluded.unit_basis, psa_units = excluded.psa_units, vendor_units = excluded.vendor_units,
	target_units = excluded.target_units, reconciled_units = excluded.reconciled_units,
	change_units = excluded.change_units, change_money = excluded.change_money, currency = excluded.currency,
	value_state = excluded.value_state, effective_day = excluded.effective_day, choices = excluded.choices,
	sources = excluded.sources, why = excluded.why, sort_account = excluded.sort_account,
	sort_product = excluded.sort_product, sort_contract = excluded.sort_contract, search = excluded.search,
	decision_id = excluded.decision_id, digest = excluded.digest, updated_at = excluded.updated_at
WHERE cards.digest = $32

-- name: rebuild_remove
DELETE FROM cards WHERE org_id = $1 AND id = $2 AND digest = $3

-- name: outbox_add
INSERT INTO writes (org_id, id, seq, batch_id, card_id, decision_id, rollback_of, kind, state, account_id, contract_id,
	line_id, product_id, contract_remote_id, line_remote_id, product_remote_id, expect, want, effective_day,
	billed_through, unit_price, description, request, journal, before, after, attempts, created_at, updated_at,
	currency)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'planned', $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
	$23, $24, $25, 0, $26, $26, $27)

-- name: outbox_step_add
INSERT INTO write_steps (org_id, write_id, seq, at, from_state, to_state, detail) VALUES ($1, $2, $3, $4, $5, $6, $7)

-- name: outbox_steps
SELECT at, from_state, to_state, detail FROM write_steps WHERE org_id = $1 AND write_id = $2 ORDER BY seq

-- How often it was sent, or was about to be, and what came of it the last time.
-- name: outbox_sent
SELECT COUNT(*), (SELECT s.detail FROM write_steps s WHERE s.org_id = $1 AND s.write_id = $2 AND s.from_state = 'sending'
	ORDER BY s.seq DESC LIMIT 1)
FROM write_steps WHERE org_id = $1 AND write_id = $2 AND to_state = 'sending'

-- The next write to send or to settle. A row that is still 'sending' was left by a server that died: only one
-- drain runs at a time for an organization.
-- name: outbox_next
SELECT id FROM writes WHERE org_id = $1 AND state IN ('planned', 'sending', 'unknown')
AND (next_try_at IS NULL OR next_try_at <= $2 OR next_try_at > $3)
ORDER BY CASE state WHEN 'planned' THEN 1 ELSE 0 END, seq LIMIT 1

-- name: outbox_waiting
SELECT COUNT(*), COALESCE(MIN(COALESCE(next_try_at, 0)), 0) FROM writes
WHERE org_id = $1 AND state IN ('planned', 'sending', 'unknown')

-- name: outbox_get
SELECT id, batch_id, card_id, decision_id, rollback_of, kind, state, account_id, contract_id, line_id, product_id,
	contract_remote_id, line_remote_id, product_remote_id, expect, want, effective_day, billed_through, unit_price,
	description, request, journal, before, after, read_back, result_line_remote_id, detail, attempts, next_try_at,
	created_at, updated_at, seq,
	(SELECT a.name FROM psa_accounts a WHERE a.org_id = w.org_id AND a.id = w.account_id),
	(SELECT p.name FROM psa_products p WHERE p.org_id = w.org_id AND p.id = w.product_id), currency
FROM writes w WHERE org_id = $1 AND id = $2

-- name: outbox_move
UPDATE writes SET state = $4, detail = $5, lease_owner = $6, next_try_at = $7, attempts = attempts + $8, updated_at = $9
WHERE org_id = $1 AND id = $2 AND state = $3

-- name: outbox_result
UPDATE writes SET before = COALESCE($3, before), read_back = COALESCE($4, read_back),
	result_line_remote_id = COALESCE($5, result_line_remote_id) WHERE org_id = $1 AND id = $2

-- The resume mark, kept only while we are the ones who send.
-- name: outbox_journal
UPDATE writes SET journal = $4, updated_at = $5 WHERE org_id = $1 AND id = $2 AND lease_owner = $3
AND state IN ('sending', 'unknown')

-- name: outbox_list
SELECT id, batch_id, card_id, decision_id, rollback_of, kind, state, account_id, contract_id, line_id, product_id,
	contract_remote_id, line_remote_id, product_remote_id, expect, want, effective_day, billed_through, unit_price,
	description, request, journal, before, after, read_back, result_line_remote_id, detail, attempts, next_try_at,
	created_at, updated_at, seq,
	(SELECT a.name FROM psa_accounts a WHERE a.org_id = w.org_id AND a.id = w.account_id),
	(SELECT p.name FROM psa_products p WHERE p.org_id = w.org_id AND p.id = w.product_id), currency
FROM writes w WHERE org_id = $1 AND ($2 = '' OR batch_id = $2) AND ($3 = '' OR card_id = $3) AND ($4 = '' OR state = $4)
AND seq > $5 ORDER BY seq LIMIT $6

-- name: outbox_ages
SELECT state, COUNT(*), MIN(created_at) FROM writes WHERE state IN ('planned', 'sending', 'unknown') GROUP BY state

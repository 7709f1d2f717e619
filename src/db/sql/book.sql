-- name: book_account_put
INSERT INTO psa_accounts (org_id, id, remote_id, code, name, fold, status, types, domain, seen_run, gone_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, NULL)
ON CONFLICT (org_id, id) DO UPDATE SET code = excluded.code, name = excluded.name, fold = excluded.fold,
	status = excluded.status, types = excluded.types, domain = excluded.domain, seen_run = excluded.seen_run,
	gone_at = NULL

-- name: book_product_put
INSERT INTO psa_products (org_id, id, remote_id, code, code_fold, name, fold, product_class, unit, price, cost,
	inactive, serialized, seen_run, gone_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, NULL)
ON CONFLICT (org_id, id) DO UPDATE SET code = excluded.code, code_fold = excluded.code_fold, name = excluded.name,
	fold = excluded.fold, product_class = excluded.product_class, unit = excluded.unit, price = excluded.price,
	cost = excluded.cost, inactive = excluded.inactive, serialized = excluded.serialized,
	seen_run = excluded.seen_run, gone_at = NULL

-- A product that a line names and the catalogue did not show (inactive, or hidden from us).
-- name: book_product_from_line
INSERT INTO psa_products (org_id, id, remote_id, code, code_fold, name, fold, inactive, serialized, seen_run, gone_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, $9, NULL)
ON CONFLICT (org_id, id) DO UPDATE SET seen_run = excluded.seen_run, gone_at = NULL

-- name: book_contract_put
INSERT INTO psa_contracts (org_id, id, remote_id, account_id, name, fold, contract_type, status, cycle, currency,
	parent_remote_id, prorates, start_day, end_day, billed_through, seen_run, gone_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, NULL)
ON CONFLICT (org_id, id) DO UPDATE SET account_id = excluded.account_id, name = excluded.name, fold = excluded.fold,
	contract_type = excluded.contract_type, status = excluded.status, cycle = excluded.cycle,
	currency = excluded.currency, parent_remote_id = excluded.parent_remote_id, prorates = excluded.prorates,
	start_day = excluded.start_day, end_day = excluded.end_day, billed_through = excluded.billed_through,
	seen_run = excluded.seen_run, gone_at = NULL

-- name: book_line_history_add
INSERT INTO line_history (org_id, line_id, at, quantity)
SELECT $1, $2, $3, $4
WHERE NOT EXISTS (SELECT 1 FROM psa_lines WHERE org_id = $1 AND id = $2
	AND ((read_at > $3 AND read_at <= $3 + 86400000000) OR (quantity = $4 AND gone_at IS NULL)))
ON CONFLICT (org_id, line_id, at) DO NOTHING

-- A sync that began before a write read the line back must not put the old quantity over it. What is a day ahead of it was
-- read by a clock that was ahead, and is older.
-- name: book_line_put
INSERT INTO psa_lines (org_id, id, remote_id, contract_id, product_id, description, version, quantity, included,
	unit_price, unit_cost, serialized, billable, effective_day, cancelled_day, read_at, fixed, gone_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, NULL)
ON CONFLICT (org_id, id) DO UPDATE SET contract_id = excluded.contract_id, product_id = excluded.product_id,
	description = excluded.description, version = excluded.version, quantity = excluded.quantity,
	included = excluded.included, unit_price = excluded.unit_price, unit_cost = excluded.unit_cost,
	serialized = excluded.serialized, billable = excluded.billable, effective_day = excluded.effective_day,
	cancelled_day = excluded.cancelled_day, read_at = excluded.read_at, fixed = excluded.fixed, gone_at = NULL
WHERE psa_lines.read_at <= excluded.read_at OR psa_lines.read_at > excluded.read_at + 86400000000

-- The line is there, its units were not to be had.
-- name: book_line_keep
UPDATE psa_lines SET unit_price = $3, unit_cost = $4, fixed = $5, read_at = $6
WHERE org_id = $1 AND id = $2 AND gone_at IS NULL AND (read_at <= $6 OR read_at > $6 + 86400000000)

-- name: book_line_unknown
INSERT INTO psa_skips (org_id, what, remote_id, name, reason, seen_run)
SELECT $1, 'line', $3, $4, $5, $6
WHERE NOT EXISTS (SELECT 1 FROM psa_lines WHERE org_id = $1 AND id = $2 AND gone_at IS NULL AND read_at >= $7
	AND read_at <= $7 + 86400000000)
ON CONFLICT (org_id, what, remote_id) DO UPDATE SET name = excluded.name, reason = excluded.reason,
	seen_run = excluded.seen_run

-- Lines of a contract that the reading at $3 did not show.
-- name: book_lines_gone
UPDATE psa_lines SET gone_at = $3 WHERE org_id = $1 AND contract_id = $2 AND gone_at IS NULL
	AND (read_at < $3 OR read_at > $3 + 86400000000)

-- name: book_skip_put
INSERT INTO psa_skips (org_id, what, remote_id, name, reason, seen_run) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (org_id, what, remote_id) DO UPDATE SET name = excluded.name, reason = excluded.reason,
	seen_run = excluded.seen_run

-- name: book_skip_clear
DELETE FROM psa_skips WHERE org_id = $1 AND what = $2 AND remote_id = $3

-- name: book_skips_forget
DELETE FROM psa_skips WHERE org_id = $1 AND seen_run < $2

-- name: book_account_gone
UPDATE psa_accounts SET gone_at = $3 WHERE org_id = $1 AND id = $2 AND gone_at IS NULL

-- name: book_product_gone
UPDATE psa_products SET gone_at = $3 WHERE org_id = $1 AND id = $2 AND gone_at IS NULL

-- name: book_contract_gone
UPDATE psa_contracts SET gone_at = $3 WHERE org_id = $1 AND id = $2 AND gone_at IS NULL

-- name: book_line_gone
UPDATE psa_lines SET gone_at = $3 WHERE org_id = $1 AND id = $2 AND gone_at IS NULL

-- After a full reading that began as run $2: what it did not show is gone.
-- name: book_accounts_unseen
UPDATE psa_accounts SET gone_at = $3 WHERE org_id = $1 AND seen_run < $2 AND gone_at IS NULL

-- One product as it was just read by itself.
-- name: book_product_cost
UPDATE psa_products SET cost = $3 WHERE org_id = $1 AND id = $2

-- name: book_products_unseen
UPDATE psa_products SET gone_at = $3 WHERE org_id = $1 AND seen_run < $2 AND gone_at IS NULL

-- name: book_contracts_unseen
UPDATE psa_contracts SET gone_at = $3 WHERE org_id = $1 AND seen_run < $2 AND gone_at IS NULL

-- name: book_lines_of_gone_contracts
UPDATE psa_lines SET gone_at = $2 WHERE org_id = $1 AND gone_at IS NULL AND contract_id IN
	(SELECT id FROM psa_contracts WHERE org_id = $1 AND gone_at IS NOT NULL)

-- name: book_accounts_list
SELECT a.id, a.remote_id, a.code, a.name, a.status, a.types, a.domain, a.fold,
	(SELECT COUNT(*) FROM psa_contracts c WHERE c.org_id = a.org_id AND c.account_id = a.id AND c.gone_at IS NULL)
FROM psa_accounts a
WHERE a.org_id = $1 AND a.gone_at IS NULL AND (a.fold LIKE $2 ESCAPE '\' OR lower(a.code) LIKE $2 ESCAPE '\')
AND (a.fold > $3 OR (a.fold = $3 AND a.id > $4))
ORDER BY a.fold, a.id LIMIT $5

-- name: book_products_list
SELECT p.id, p.remote_id, p.code, p.name, p.product_class, p.unit, p.price, p.cost, p.inactive, p.serialized, p.fold
FROM psa_products p
WHERE p.org_id = $1 AND p.gone_at IS NULL AND (p.fold LIKE $2 ESCAPE '\' OR p.code_fold LIKE $2 ESCAPE '\')
AND (p.fold > $3 OR (p.fold = $3 AND p.id > $4))
ORDER BY p.fold, p.id LIMIT $5

-- name: book_contracts_list
SELECT c.id, c.remote_id, c.name, c.contract_type, c.status, c.cycle, c.currency, c.prorates, c.start_day, c.end_day,
	c.billed_through, a.id, a.name, c.fold
FROM psa_contracts c JOIN psa_accounts a ON a.org_id = c.org_id AND a.id = c.account_id
WHERE c.org_id = $1 AND c.gone_at IS NULL AND (c.fold LIKE $2 ESCAPE '\' OR a.fold LIKE $2 ESCAPE '\')
AND ($6 = '' OR c.account_id = $6)
AND (c.fold > $3 OR (c.fold = $3 AND c.id > $4))
ORDER BY c.fold, c.id LIMIT $5

-- name: book_lines_list
SELECT l.id, l.remote_id, l.description, l.quantity, l.included, l.unit_price, l.unit_cost, l.serialized, l.billable,
	l.effective_day, l.cancelled_day, l.read_at, c.id, c.name, a.id, a.name, p.id, p.code, p.name, c.currency, l.fixed
FROM psa_lines l
JOIN psa_contracts c ON c.org_id = l.org_id AND c.id = l.contract_id
JOIN psa_accounts a ON a.org_id = c.org_id AND a.id = c.account_id
JOIN psa_products p ON p.org_id = l.org_id AND p.id = l.product_id
WHERE l.org_id = $1 AND l.gone_at IS NULL AND (p.fold LIKE $2 ESCAPE '\' OR p.code_fold LIKE $2 ESCAPE '\'
	OR a.fold LIKE $2 ESCAPE '\')
AND ($5 = '' OR a.id = $5) AND ($6 = '' OR c.id = $6) AND ($7 = '' OR p.id = $7)
AND l.id > $3
ORDER BY l.id LIMIT $4

-- name: book_skips_list
SELECT what, remote_id, name, reason FROM psa_skips
WHERE org_id = $1 AND (what > $2 OR (what = $2 AND remote_id > $3)) ORDER BY what, remote_id LIMIT $4

-- name: book_skip_counts
SELECT what, reason, COUNT(*) FROM psa_skips WHERE org_id = $1 GROUP BY what, reason ORDER BY what, reason

-- name: book_sizes
SELECT (SELECT COUNT(*) FROM psa_accounts WHERE org_id = $1 AND gone_at IS NULL),
	(SELECT COUNT(*) FROM psa_products WHERE org_id = $1 AND gone_at IS NULL),
	(SELECT COUNT(*) FROM psa_contracts WHERE org_id = $1 AND gone_at IS NULL),
	(SELECT COUNT(*) FROM psa_lines WHERE org_id = $1 AND gone_at IS NULL)

-- name: book_line_there
SELECT COUNT(*) FROM psa_lines WHERE org_id = $1 AND id = $2

-- name: book_line_history
SELECT at, quantity FROM line_history WHERE org_id = $1 AND line_id = $2 AND at > $3 ORDER BY at LIMIT $4

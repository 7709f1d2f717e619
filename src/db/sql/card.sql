-- Which cards, in which order. "" filters nothing. $2 and $3: words with | on all sides. $4, $5, $9: LIKE patterns of |word|,
-- and of a contract's id among the choices. $12 group, $13 sort: words; then the cursor and the limit.
-- name: card_find_up
SELECT id, gkey, tkey, nkey FROM (
SELECT c.id AS id,
	CASE $12 WHEN 'account' THEN c.sort_account || ' ' || c.account_id
		WHEN 'product' THEN c.sort_product || ' ' || c.product_id
		WHEN 'contract' THEN c.sort_contract || ' ' || COALESCE(c.contract_id, '')
		WHEN 'vendor' THEN c.vendors ELSE '' END AS gkey,
	CASE $13 WHEN 'vendor' THEN c.vendors || ' ' || c.sort_account
		WHEN 'account' THEN c.sort_account || ' ' || c.sort_product
		WHEN 'product' THEN c.sort_product || ' ' || c.sort_account
		WHEN 'contract' THEN c.sort_contract || ' ' || c.sort_product ELSE '' END AS tkey,
	CASE $13 WHEN 'change' THEN c.change_units WHEN 'updated_at' THEN c.updated_at ELSE 0 END AS nkey
FROM cards c
WHERE c.org_id = $1 AND ($2 = '' OR $2 LIKE '%|' || c.kind || '|%') AND ($3 = '' OR $3 LIKE '%|' || c.state || '|%')
AND ($4 = '' OR c.vendors LIKE $4 ESCAPE '\') AND ($5 = '' OR c.integration_ids LIKE $5 ESCAPE '\')
AND ($6 = '' OR c.account_id = $6) AND ($7 = '' OR c.product_id = $7)
AND ($8 = '' OR ($8 = 'none' AND c.contract_id IS NULL) OR c.contract_id = $8 OR (c.contract_id IS NULL AND c.kind <> 'new_revenue' AND c.choices LIKE $9 ESCAPE '\'))
AND ($10 = '' OR EXISTS (SELECT 1 FROM taggings t JOIN tags g ON g.org_id = t.org_id AND g.id = t.tag_id
	WHERE t.org_id = c.org_id AND (g.id = $10 OR g.fold = $10) AND ((t.subject_kind = 'card' AND t.subject_id = c.id)
	OR (t.subject_kind = 'account' AND t.subject_id = c.account_id)
	OR (t.subject_kind = 'product' AND t.subject_id = c.product_id))))
AND ($11 = '' OR c.search LIKE $11 ESCAPE '\')
) x
WHERE $14 = 0 OR gkey > $15 OR (gkey = $15 AND (tkey > $16 OR (tkey = $16 AND (nkey > $17 OR (nkey = $17 AND id > $18)))))
ORDER BY gkey, tkey, nkey, id LIMIT $19

-- The same, with what is within a group the other way round.
-- name: card_find_down
SELECT id, gkey, tkey, nkey FROM (
SELECT c.id AS id,
	CASE $12 WHEN 'account' THEN c.sort_account || ' ' || c.account_id
		WHEN 'product' THEN c.sort_product || ' ' || c.product_id
		WHEN 'contract' THEN c.sort_contract || ' ' || COALESCE(c.contract_id, '')
		WHEN 'vendor' THEN c.vendors ELSE '' END AS gkey,
	CASE $13 WHEN 'vendor' THEN c.vendors || ' ' || c.sort_account
		WHEN 'account' THEN c.sort_account || ' ' || c.sort_product
		WHEN 'product' THEN c.sort_product || ' ' || c.sort_account
		WHEN 'contract' THEN c.sort_contract || ' ' || c.sort_product ELSE '' END AS tkey,
	CASE $13 WHEN 'change' THEN c.change_units WHEN 'updated_at' THEN c.updated_at ELSE 0 END AS nkey
FROM cards c
WHERE c.org_id = $1 AND ($2 = '' OR $2 LIKE '%|' || c.kind || '|%') AND ($3 = '' OR $3 LIKE '%|' || c.state || '|%')
AND ($4 = '' OR c.vendors LIKE $4 ESCAPE '\') AND ($5 = '' OR c.integration_ids LIKE $5 ESCAPE '\')
AND ($6 = '' OR c.account_id = $6) AND ($7 = '' OR c.product_id = $7)
AND ($8 = '' OR ($8 = 'none' AND c.contract_id IS NULL) OR c.contract_id = $8 OR (c.contract_id IS NULL AND c.kind <> 'new_revenue' AND c.choices LIKE $9 ESCAPE '\'))
AND ($10 = '' OR EXISTS (SELECT 1 FROM taggings t JOIN tags g ON g.org_id = t.org_id AND g.id = t.tag_id
	WHERE t.org_id = c.org_id AND (g.id = $10 OR g.fold = $10) AND ((t.subject_kind = 'card' AND t.subject_id = c.id)
	OR (t.subject_kind = 'account' AND t.subject_id = c.account_id)
	OR (t.subject_kind = 'product' AND t.subject_id = c.product_id))))
AND ($11 = '' OR c.search LIKE $11 ESCAPE '\')
) x
WHERE $14 = 0 OR gkey > $15 OR (gkey = $15 AND (tkey < $16 OR (tkey = $16 AND (nkey < $17 OR (nkey = $17 AND id < $18)))))
ORDER BY gkey, tkey DESC, nkey DESC, id DESC LIMIT $19

-- By account and product, which an index has ready: the order of a list that nobody ordered.
-- name: card_find_plain
SELECT c.id, c.sort_account, c.sort_product, 0 FROM cards c
WHERE c.org_id = $1 AND ($2 = '' OR $2 LIKE '%|' || c.kind || '|%') AND ($3 = '' OR $3 LIKE '%|' || c.state || '|%')
AND ($4 = '' OR c.vendors LIKE $4 ESCAPE '\') AND ($5 = '' OR c.integration_ids LIKE $5 ESCAPE '\')
AND ($6 = '' OR c.account_id = $6) AND ($7 = '' OR c.product_id = $7)
AND ($8 = '' OR ($8 = 'none' AND c.contract_id IS NULL) OR c.contract_id = $8 OR (c.contract_id IS NULL AND c.kind <> 'new_revenue' AND c.choices LIKE $9 ESCAPE '\'))
AND ($10 = '' OR EXISTS (SELECT 1 FROM taggings t JOIN tags g ON g.org_id = t.org_id AND g.id = t.tag_id
	WHERE t.org_id = c.org_id AND (g.id = $10 OR g.fold = $10) AND ((t.subject_kind = 'card' AND t.subject_id = c.id)
	OR (t.subject_kind = 'account' AND t.subject_id = c.account_id)
	OR (t.subject_kind = 'product' AND t.subject_id = c.product_id))))
AND ($11 = '' OR c.search LIKE $11 ESCAPE '\')
AND (c.sort_account, c.sort_product, c.id) > ($12, $13, $14)
ORDER BY c.sort_account, c.sort_product, c.id LIMIT $15

-- name: card_get
SELECT c.id, c.kind, c.state, c.state_why, c.account_id, a.name, c.product_id, p.code, p.name, c.contract_id, k.name, c.line_id,
	c.vendors, c.integration_ids, c.unit_basis, c.psa_units, c.vendor_units, c.target_units, c.reconciled_units,
	c.change_units, c.change_money, c.currency, c.value_state, c.effective_day, c.choices, c.sources, c.decision_id,
	c.updated_at, c.why,
	(SELECT COUNT(*) FROM notes n WHERE n.org_id = c.org_id AND n.subject_kind = 'card' AND n.subject_id = c.id),
	(SELECT COUNT(*) FROM taggings t WHERE t.org_id = c.org_id AND t.subject_kind = 'card' AND t.subject_id = c.id),
	k.cycle
FROM cards c
JOIN psa_accounts a ON a.org_id = c.org_id AND a.id = c.account_id
JOIN psa_products p ON p.org_id = c.org_id AND p.id = c.product_id
LEFT JOIN psa_contracts k ON k.org_id = c.org_id AND k.id = c.contract_id
WHERE c.org_id = $1 AND c.id = $2

-- name: card_decisions
SELECT id, kind, batch_id, quantity, seen_psa_units, seen_target_units, effective_day, note, decided_by, decided_at
FROM decisions WHERE org_id = $1 AND card_id = $2 ORDER BY seq DESC LIMIT 100

-- Counts by kind, state and currency; the filters are those of the list. $12 groups as there. Money is per month: what a
-- contract bills by the quarter or the year is spread over its months; a card without a contract counts as monthly.
-- name: card_summary
SELECT x.gid, CASE $12 WHEN 'account' THEN (SELECT a.name FROM psa_accounts a WHERE a.org_id = $1 AND a.id = x.gid)
		WHEN 'product' THEN (SELECT p.name FROM psa_products p WHERE p.org_id = $1 AND p.id = x.gid)
		WHEN 'contract' THEN COALESCE((SELECT k.name FROM psa_contracts k WHERE k.org_id = $1 AND k.id = x.gid), '')
		ELSE x.gid END,
	x.kind, x.state, x.currency, x.cards, x.psa, x.up, x.down, x.gkey, x.vendor, x.reconciled,
	CASE $12 WHEN 'contract' THEN (SELECT a.name FROM psa_contracts k
		JOIN psa_accounts a ON a.org_id = k.org_id AND a.id = k.account_id WHERE k.org_id = $1 AND k.id = x.gid) END
FROM (
SELECT y.gid, y.kind, y.state, y.currency, COUNT(*) AS cards, MIN(y.gkey) AS gkey,
	CAST(SUM(COALESCE(y.psa_units, 0)) AS BIGINT) AS psa, CAST(SUM(COALESCE(y.vendor_units, 0)) AS BIGINT) AS vendor,
	CAST(SUM(COALESCE(y.reconciled_units, y.target_units, 0)) AS BIGINT) AS reconciled,
	CAST(SUM(CASE WHEN y.monthly > 0 THEN y.monthly ELSE 0 END) AS BIGINT) AS up,
	CAST(SUM(CASE WHEN y.monthly < 0 THEN y.monthly ELSE 0 END) AS BIGINT) AS down
FROM (
SELECT c.kind, c.state, c.currency, c.psa_units, c.vendor_units, c.reconciled_units, c.target_units,
	CASE WHEN COALESCE(c.change_money, 0) = 0 THEN 0 WHEN c.contract_id IS NULL THEN c.change_money
		ELSE COALESCE(c.change_money * (SELECT CASE WHEN LOWER(k.cycle) LIKE '%quarter%' THEN 4
		WHEN LOWER(k.cycle) LIKE '%semi%' OR LOWER(k.cycle) LIKE '%half%' THEN 2
		WHEN LOWER(k.cycle) LIKE '%year%' OR LOWER(k.cycle) LIKE '%annual%' THEN 1
		WHEN LOWER(k.cycle) LIKE '%week%' THEN 52 ELSE 12 END
		FROM psa_contracts k WHERE k.org_id = c.org_id AND k.id = c.contract_id) / 12, c.change_money) END AS monthly,
	CASE $12 WHEN 'account' THEN c.account_id WHEN 'product' THEN c.product_id
		WHEN 'contract' THEN COALESCE(c.contract_id, '') WHEN 'vendor' THEN c.vendors ELSE '' END AS gid,
	CASE $12 WHEN 'account' THEN c.sort_account WHEN 'product' THEN c.sort_product WHEN 'contract' THEN c.sort_contract
		WHEN 'vendor' THEN c.vendors ELSE '' END AS gkey
FROM cards c
WHERE c.org_id = $1 AND ($2 = '' OR $2 LIKE '%|' || c.kind || '|%') AND ($3 = '' OR $3 LIKE '%|' || c.state || '|%')
	AND ($4 = '' OR c.vendors LIKE $4 ESCAPE '\') AND ($5 = '' OR c.integration_ids LIKE $5 ESCAPE '\')
	AND ($6 = '' OR c.account_id = $6) AND ($7 = '' OR c.product_id = $7)
	AND ($8 = '' OR ($8 = 'none' AND c.contract_id IS NULL) OR c.contract_id = $8 OR (c.contract_id IS NULL AND c.kind <> 'new_revenue' AND c.choices LIKE $9 ESCAPE '\'))
	AND ($10 = '' OR EXISTS (SELECT 1 FROM taggings t JOIN tags g ON g.org_id = t.org_id AND g.id = t.tag_id
		WHERE t.org_id = c.org_id AND (g.id = $10 OR g.fold = $10) AND ((t.subject_kind = 'card' AND t.subject_id = c.id)
		OR (t.subject_kind = 'account' AND t.subject_id = c.account_id)
		OR (t.subject_kind = 'product' AND t.subject_id = c.product_id))))
	AND ($11 = '' OR c.search LIKE $11 ESCAPE '\')
) y
GROUP BY y.gid, y.kind, y.state, y.currency
) x
ORDER BY x.gkey, x.gid, x.kind, x.state, x.currency

-- The same without groups, of kinds and states alone: along an index that has all of it.
-- name: card_summary_plain
SELECT '', '', y.kind, y.state, y.currency, COUNT(*), CAST(SUM(COALESCE(y.psa_units, 0)) AS BIGINT),
	CAST(SUM(CASE WHEN y.monthly > 0 THEN y.monthly ELSE 0 END) AS BIGINT),
	CAST(SUM(CASE WHEN y.monthly < 0 THEN y.monthly ELSE 0 END) AS BIGINT), '',
	CAST(SUM(COALESCE(y.vendor_units, 0)) AS BIGINT), CAST(SUM(COALESCE(y.reconciled_units, y.target_units, 0)) AS BIGINT),
	NULL
FROM (
SELECT c.kind, c.state, c.currency, c.psa_units, c.vendor_units, c.reconciled_units, c.target_units,
	CASE WHEN COALESCE(c.change_money, 0) = 0 THEN 0 WHEN c.contract_id IS NULL THEN c.change_money
		ELSE COALESCE(c.change_money * (SELECT CASE WHEN LOWER(k.cycle) LIKE '%quarter%' THEN 4
		WHEN LOWER(k.cycle) LIKE '%semi%' OR LOWER(k.cycle) LIKE '%half%' THEN 2
		WHEN LOWER(k.cycle) LIKE '%year%' OR LOWER(k.cycle) LIKE '%annual%' THEN 1
		WHEN LOWER(k.cycle) LIKE '%week%' THEN 52 ELSE 12 END
		FROM psa_contracts k WHERE k.org_id = c.org_id AND k.id = c.contract_id) / 12, c.change_money) END AS monthly
FROM cards c
WHERE c.org_id = $1 AND ($2 = '' OR $2 LIKE '%|' || c.kind || '|%') AND ($3 = '' OR $3 LIKE '%|' || c.state || '|%')
) y
GROUP BY y.kind, y.state, y.currency

-- The same by product, along that index too.
-- name: card_summary_products
SELECT x.gid, p.name, x.kind, x.state, x.currency, x.cards, x.psa, x.up, x.down, p.fold, x.vendor, x.reconciled, NULL
FROM (
SELECT y.product_id AS gid, y.kind, y.state, y.currency, COUNT(*) AS cards,
	CAST(SUM(COALESCE(y.psa_units, 0)) AS BIGINT) AS psa,
	CAST(SUM(CASE WHEN y.monthly > 0 THEN y.monthly ELSE 0 END) AS BIGINT) AS up,
	CAST(SUM(CASE WHEN y.monthly < 0 THEN y.monthly ELSE 0 END) AS BIGINT) AS down,
	CAST(SUM(COALESCE(y.vendor_units, 0)) AS BIGINT) AS vendor,
	CAST(SUM(COALESCE(y.reconciled_units, y.target_units, 0)) AS BIGINT) AS reconciled
FROM (
SELECT c.product_id, c.kind, c.state, c.currency, c.psa_units, c.vendor_units, c.reconciled_units, c.target_units,
	CASE WHEN COALESCE(c.change_money, 0) = 0 THEN 0 WHEN c.contract_id IS NULL THEN c.change_money
		ELSE COALESCE(c.change_money * (SELECT CASE WHEN LOWER(k.cycle) LIKE '%quarter%' THEN 4
		WHEN LOWER(k.cycle) LIKE '%semi%' OR LOWER(k.cycle) LIKE '%half%' THEN 2
		WHEN LOWER(k.cycle) LIKE '%year%' OR LOWER(k.cycle) LIKE '%annual%' THEN 1
		WHEN LOWER(k.cycle) LIKE '%week%' THEN 52 ELSE 12 END
		FROM psa_contracts k WHERE k.org_id = c.org_id AND k.id = c.contract_id) / 12, c.change_money) END AS monthly
FROM cards c
WHERE c.org_id = $1 AND ($2 = '' OR $2 LIKE '%|' || c.kind || '|%') AND ($3 = '' OR $3 LIKE '%|' || c.state || '|%')
) y
GROUP BY y.product_id, y.kind, y.state, y.currency
) x
JOIN psa_products p ON p.org_id = $1 AND p.id = x.gid
ORDER BY p.fold, x.gid, x.kind, x.state, x.currency

-- name: tag_list
SELECT g.id, g.name, g.color, (SELECT COUNT(*) FROM taggings t WHERE t.org_id = g.org_id AND t.tag_id = g.id)
FROM tags g WHERE g.org_id = $1 ORDER BY g.fold, g.id

-- name: tag_get
SELECT id, name, color, 0 FROM tags WHERE org_id = $1 AND id = $2

-- name: tag_by_fold
SELECT id FROM tags WHERE org_id = $1 AND fold = $2

-- name: tag_put
INSERT INTO tags (org_id, id, name, fold, color) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (org_id, id) DO UPDATE SET name = excluded.name, fold = excluded.fold, color = excluded.color

-- name: tag_remove
DELETE FROM tags WHERE org_id = $1 AND id = $2

-- name: tag_forget
DELETE FROM taggings WHERE org_id = $1 AND tag_id = $2

-- name: tagging_add
INSERT INTO taggings (org_id, subject_kind, subject_id, tag_id) VALUES ($1, $2, $3, $4)
ON CONFLICT (org_id, subject_kind, subject_id, tag_id) DO NOTHING

-- name: tagging_clear
DELETE FROM taggings WHERE org_id = $1 AND subject_kind = $2 AND subject_id = $3

-- name: tagging_of
SELECT g.id, g.name, g.color, t.subject_kind FROM taggings t JOIN tags g ON g.org_id = t.org_id AND g.id = t.tag_id
WHERE t.org_id = $1 AND t.subject_kind = $2 AND t.subject_id = $3 ORDER BY g.fold, g.id

-- name: note_add
INSERT INTO notes (org_id, id, subject_kind, subject_id, note, created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)

-- name: note_remove
DELETE FROM notes WHERE org_id = $1 AND id = $2

-- name: note_list
SELECT id, subject_kind, subject_id, note, created_by, created_at FROM notes
WHERE org_id = $1 AND subject_kind = $2 AND subject_id = $3 ORDER BY id DESC LIMIT 500

-- name: note_get
SELECT id, subject_kind, subject_id, note, created_by, created_at FROM notes WHERE org_id = $1 AND id = $2

-- name: subject_account
SELECT id FROM psa_accounts WHERE org_id = $1 AND id = $2

-- name: subject_product
SELECT id FROM psa_products WHERE org_id = $1 AND id = $2

-- name: subject_card
SELECT id FROM cards WHERE org_id = $1 AND id = $2

-- Products of the catalogue with what they cost there and at the vendor. The vendor's cost is known when a person gave it,
-- or when all mapped services that came with a cost agree, in our currency ($6), and no rule counts in other units.
-- name: cost_list
SELECT y.id, y.remote_id, y.code, y.name, y.fold, y.cost, y.vendor, y.hand, y.hand_currency, y.set_by, y.set_at, y.least,
	y.most, y.said_at, y.said, y.foreign_costs, y.converted, y.contracts, y.line_count, y.lines_differ,
	(SELECT COUNT(*) FROM writes w WHERE w.org_id = $1 AND w.card_id = y.id
		AND w.state IN ('planned', 'sending', 'unknown', 'listed')),
	(SELECT w.batch_id FROM writes w WHERE w.org_id = $1 AND w.card_id = y.id ORDER BY w.seq DESC LIMIT 1),
	(SELECT COUNT(*) FROM writes w WHERE w.org_id = $1 AND w.card_id = y.id AND w.state IN ('conflict', 'refused', 'failed')
		AND w.batch_id = (SELECT b.batch_id FROM writes b WHERE b.org_id = $1 AND b.card_id = y.id
			ORDER BY b.seq DESC LIMIT 1)),
	(SELECT MIN(w.detail) FROM writes w WHERE w.org_id = $1 AND w.card_id = y.id
		AND w.state IN ('conflict', 'refused', 'failed')
		AND w.batch_id = (SELECT b.batch_id FROM writes b WHERE b.org_id = $1 AND b.card_id = y.id
			ORDER BY b.seq DESC LIMIT 1))
FROM (SELECT x.*,
	(SELECT COUNT(DISTINCT l.contract_id) FROM psa_lines l
		JOIN psa_contracts c ON c.org_id = l.org_id AND c.id = l.contract_id
		WHERE l.org_id = $1 AND l.product_id = x.id AND l.gone_at IS NULL AND c.gone_at IS NULL
		AND (l.cancelled_day IS NULL OR l.cancelled_day >= $8)) AS contracts,
	(SELECT COUNT(*) FROM psa_lines l JOIN psa_contracts c ON c.org_id = l.org_id AND c.id = l.contract_id
		WHERE l.org_id = $1 AND l.product_id = x.id AND l.gone_at IS NULL AND c.gone_at IS NULL
		AND (l.cancelled_day IS NULL OR l.cancelled_day >= $8)) AS line_count,
	(SELECT COUNT(*) FROM psa_lines l JOIN psa_contracts c ON c.org_id = l.org_id AND c.id = l.contract_id
		WHERE $10 <> '' AND l.org_id = $1 AND l.product_id = x.id AND l.gone_at IS NULL AND c.gone_at IS NULL
		AND (l.cancelled_day IS NULL OR l.cancelled_day >= $8) AND l.fixed IS NULL
		AND COALESCE(NULLIF(c.currency, ''), $6) = $6 AND l.unit_cost <> x.vendor) AS lines_differ
	FROM (SELECT p.id, p.remote_id, p.code, p.name, p.fold, p.cost, h.cost AS hand, h.currency AS hand_currency, h.set_by,
		h.set_at, v.least, v.most, v.said_at, COALESCE(v.said, 0) AS said, COALESCE(v.foreign_costs, 0) AS foreign_costs,
		CASE WHEN u.units = 0 THEN 0 ELSE 1 END AS converted,
		CASE WHEN h.cost IS NOT NULL THEN CASE WHEN h.currency = $6 THEN h.cost END
			WHEN v.least = v.most AND v.foreign_costs = 0 AND u.units = 0 THEN v.least END AS vendor
		FROM psa_products p
		JOIN (SELECT q.id, (SELECT COUNT(*) FROM rules r WHERE r.org_id = $1 AND r.convert_mul IS NOT NULL
			AND (r.convert_div IS NULL OR r.convert_mul <> r.convert_div)
			AND (r.product_id IS NULL OR r.product_id = q.id)) AS units
			FROM psa_products q WHERE q.org_id = $1) u ON u.id = p.id
		LEFT JOIN product_costs h ON h.org_id = p.org_id AND h.product_id = p.id
		LEFT JOIN (SELECT sp.product_id, MIN(k.least) AS least, MAX(k.most) AS most, MAX(k.at) AS said_at, COUNT(*) AS said,
			COUNT(CASE WHEN k.currency = '' OR k.currency = $6 THEN NULL ELSE 1 END) AS foreign_costs
			FROM service_products sp
			JOIN services s ON s.org_id = sp.org_id AND s.id = sp.service_id AND s.mapping = 'mapped'
			JOIN integrations i ON i.org_id = s.org_id AND i.id = s.integration_id AND i.disconnected_at IS NULL
			JOIN service_costs k ON k.org_id = sp.org_id AND k.service_id = sp.service_id
			WHERE sp.org_id = $1 GROUP BY sp.product_id) v ON v.product_id = p.id
		WHERE p.org_id = $1 AND p.gone_at IS NULL AND ($9 = '' OR p.id = $9)
		AND (p.fold LIKE $2 ESCAPE '\' OR p.code_fold LIKE $2 ESCAPE '\')
		AND (p.fold > $3 OR (p.fold = $3 AND p.id > $4))) x) y
WHERE $7 = '' OR ($7 = 'differs' AND y.vendor IS NOT NULL AND (y.cost <> y.vendor OR y.lines_differ > 0))
	OR ($7 = 'same' AND y.vendor IS NOT NULL AND y.cost = y.vendor AND y.lines_differ = 0)
	OR ($7 = 'missing' AND y.vendor IS NULL AND y.line_count > 0)
	OR ($7 = 'used' AND y.line_count > 0)
ORDER BY y.fold, y.id LIMIT $5

-- Lines of a product that are billed on day $3 or later.
-- name: cost_lines
SELECT l.id, l.remote_id, l.unit_cost, l.fixed, c.id, c.remote_id, c.name, c.currency, a.id, a.name
FROM psa_lines l
JOIN psa_contracts c ON c.org_id = l.org_id AND c.id = l.contract_id
JOIN psa_accounts a ON a.org_id = c.org_id AND a.id = c.account_id
WHERE l.org_id = $1 AND l.product_id = $2 AND l.gone_at IS NULL AND c.gone_at IS NULL
AND (l.cancelled_day IS NULL OR l.cancelled_day >= $3)
ORDER BY a.fold, c.fold, l.id LIMIT $4

-- name: cost_service_put
INSERT INTO service_costs (org_id, service_id, least, most, currency, at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (org_id, service_id) DO UPDATE SET least = excluded.least, most = excluded.most,
	currency = excluded.currency, at = excluded.at

-- name: cost_product_put
INSERT INTO product_costs (org_id, product_id, cost, currency, set_by, set_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (org_id, product_id) DO UPDATE SET cost = excluded.cost, currency = excluded.currency,
	set_by = excluded.set_by, set_at = excluded.set_at

-- name: cost_product_forget
DELETE FROM product_costs WHERE org_id = $1 AND product_id = $2

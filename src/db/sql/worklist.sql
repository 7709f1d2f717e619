-- What a person has to do in the PSA. Names as the book has them; a book of another PSA keeps its rows.
-- name: worklist_rows
SELECT w.id, w.batch_id, w.kind, a.name, a.code, a.remote_id, c.name, w.contract_remote_id, p.name, p.code,
	w.product_remote_id, COALESCE(l.description, w.description), w.line_remote_id,
	CASE w.kind WHEN 'add_line' THEN NULL ELSE w.expect END, w.want, w.effective_day,
	COALESCE(w.unit_price, l.unit_price), c.currency, w.request, b.note, b.created_by, w.created_at, w.seq
FROM writes w
LEFT JOIN psa_accounts a ON a.org_id = w.org_id AND a.id = w.account_id
LEFT JOIN psa_contracts c ON c.org_id = w.org_id AND c.id = w.contract_id
LEFT JOIN psa_products p ON p.org_id = w.org_id AND p.id = w.product_id
LEFT JOIN psa_lines l ON l.org_id = w.org_id AND l.id = w.line_id
LEFT JOIN batches b ON b.org_id = w.org_id AND b.id = w.batch_id
WHERE w.org_id = $1 AND w.state = 'listed' AND w.seq > $2 ORDER BY w.seq LIMIT $3

-- Those that the book shows as they were asked for, read after they were approved.
-- name: worklist_shown
SELECT w.id FROM writes w WHERE w.org_id = $1 AND w.state = 'listed' AND (
	(w.kind <> 'add_line' AND EXISTS (SELECT 1 FROM psa_lines l WHERE l.org_id = w.org_id AND l.id = w.line_id
		AND l.gone_at IS NULL AND l.quantity = w.want AND l.read_at > w.created_at))
	OR (w.kind = 'add_line' AND EXISTS (SELECT 1 FROM psa_lines l WHERE l.org_id = w.org_id
		AND l.contract_id = w.contract_id AND l.product_id = w.product_id AND l.gone_at IS NULL
		AND l.quantity = w.want AND l.read_at > w.created_at)))
ORDER BY w.seq LIMIT 1000

-- name: push_find
SELECT k.vendor_hash, k.org_id, k.integration_id, i.strict404, i.state, i.open_run_id, i.closing_at, i.last_count_at,
	a.id, a.mapping, s.id, s.mapping
FROM push_keys k
JOIN integrations i ON i.org_id = k.org_id AND i.id = k.integration_id
LEFT JOIN vendor_accounts a ON a.org_id = k.org_id AND a.integration_id = k.integration_id AND a.vendor_id = $2
LEFT JOIN services s ON s.org_id = k.org_id AND s.id = $3 AND s.integration_id = k.integration_id
WHERE k.partner_hash = $1 AND k.revoked_at IS NULL

-- name: client_page
SELECT id, name FROM psa_accounts
WHERE org_id = $1 AND gone_at IS NULL AND fold LIKE $2 ESCAPE '\' AND id > $3 ORDER BY id LIMIT $4

-- name: integration_insert
INSERT INTO integrations (org_id, id, vendor, vendor_profile_id, name, description, support_url, portal_url, modules,
	settings, state, schedule, stale_after, strict404, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, NULL, $7, $8, '{}', 'inactive', 'default', $9, $10, $11, $11)

-- name: integration_get
SELECT id, vendor, vendor_profile_id, name, description, support_url, portal_url, modules, state, state_detail,
	schedule, stale_after, strict404, open_run_id, closing_at, covered_at, last_count_at, last_synced_at,
	disconnected_at, created_at, updated_at, finished_at
FROM integrations WHERE org_id = $1 AND id = $2

-- name: integration_ids
SELECT id FROM integrations WHERE org_id = $1 AND id > $2 ORDER BY id LIMIT $3

-- name: integration_patch
UPDATE integrations SET name = $3, schedule = $4, stale_after = $5, portal_url = $6, modules = $7, strict404 = $8,
	updated_at = $9
WHERE org_id = $1 AND id = $2

-- name: integration_describe
UPDATE integrations SET name = COALESCE($3, name), description = COALESCE($4, description),
	support_url = COALESCE($5, support_url), portal_url = COALESCE($6, portal_url), updated_at = $7
WHERE org_id = $1 AND id = $2

-- name: integration_set_state
UPDATE integrations SET state = $3, state_detail = $4, updated_at = $5 WHERE org_id = $1 AND id = $2

-- name: integration_disconnect
UPDATE integrations SET state = 'disabled', disconnected_at = $3, updated_at = $3
WHERE org_id = $1 AND id = $2 AND disconnected_at IS NULL

-- name: integration_token_time
SELECT created_at FROM push_keys WHERE org_id = $1 AND integration_id = $2 AND revoked_at IS NULL

-- name: integration_sizes
SELECT (SELECT COUNT(*) FROM vendor_accounts WHERE org_id = $1 AND integration_id = $2),
	(SELECT COUNT(*) FROM vendor_accounts WHERE org_id = $1 AND integration_id = $2 AND mapping = 'mapped'),
	(SELECT COUNT(*) FROM vendor_accounts WHERE org_id = $1 AND integration_id = $2 AND mapping = 'excluded'),
	(SELECT COUNT(*) FROM services WHERE org_id = $1 AND integration_id = $2),
	(SELECT COUNT(*) FROM services WHERE org_id = $1 AND integration_id = $2 AND mapping = 'mapped'),
	(SELECT COUNT(*) FROM services WHERE org_id = $1 AND integration_id = $2 AND mapping = 'excluded')

-- Pairs by what is known of them; what came before $3 is stale.
-- name: integration_pairs
SELECT COUNT(*),
	COALESCE(SUM(CASE WHEN c.observed_at < $3 THEN 1 ELSE 0 END), 0),
	COALESCE(SUM(CASE WHEN c.observed_at >= $3 AND c.units = 0 AND c.units_text IS NULL THEN 1 ELSE 0 END), 0),
	COUNT(DISTINCT c.account_id),
	COUNT(DISTINCT CASE WHEN c.observed_at >= $3 THEN c.account_id END)
FROM services s JOIN counts c ON c.org_id = s.org_id AND c.service_id = s.id
WHERE s.org_id = $1 AND s.integration_id = $2

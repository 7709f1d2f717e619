-- name: pullconfig_get
SELECT vendor, settings, secret_id, secrets_set FROM integrations WHERE org_id = $1 AND id = $2

-- name: pullconfig_put
UPDATE integrations SET settings = $3, secret_id = $4, secrets_set = $5, updated_at = $6 WHERE org_id = $1 AND id = $2

-- Of integrations that are connected: those whose settings name the last day of their key.
-- name: keyend_settings
SELECT name, settings FROM integrations
WHERE org_id = $1 AND disconnected_at IS NULL AND settings LIKE '%"credentials_expire"%' ORDER BY name, id

-- name: pull_gap_add
INSERT INTO run_gaps (org_id, run_id, account_id, reason) VALUES ($1, $2, $3, $4)
ON CONFLICT (org_id, run_id, account_id) DO NOTHING

-- name: pull_gaps
SELECT g.account_id, a.name, g.reason FROM run_gaps g
JOIN vendor_accounts a ON a.org_id = g.org_id AND a.id = g.account_id
WHERE g.org_id = $1 AND g.run_id = (SELECT r.id FROM runs r WHERE r.org_id = $1 AND r.integration_id = $2
	ORDER BY r.started_at DESC, r.id DESC LIMIT 1)
ORDER BY a.name, a.id LIMIT 200

-- What run $3 did not name of an account that it read to its end is zero, at the time of this reading.
-- name: pull_imply
INSERT INTO observations (org_id, service_id, account_id, seq, units, units_text, implied, observed_at, received_at, run_id)
SELECT s.org_id, s.id, $4, $5, 0, NULL, 1, $6, $6, $3
FROM services s LEFT JOIN counts c ON c.org_id = s.org_id AND c.service_id = s.id AND c.account_id = $4
WHERE s.org_id = $1 AND s.integration_id = $2 AND (c.run_id IS NULL OR c.run_id <> $3)

-- name: pull_imply_counts
INSERT INTO counts (org_id, service_id, account_id, seq, units, units_text, observed_at, received_at, run_id)
SELECT s.org_id, s.id, $4, $5, 0, NULL, $6, $6, $3
FROM services s LEFT JOIN counts c ON c.org_id = s.org_id AND c.service_id = s.id AND c.account_id = $4
WHERE s.org_id = $1 AND s.integration_id = $2 AND (c.run_id IS NULL OR c.run_id <> $3)
ON CONFLICT (org_id, service_id, account_id) DO UPDATE SET seq = excluded.seq, units = 0, units_text = NULL,
	observed_at = excluded.observed_at, received_at = excluded.received_at, run_id = excluded.run_id

-- name: pull_run_error
UPDATE runs SET error = $3 WHERE org_id = $1 AND id = $2

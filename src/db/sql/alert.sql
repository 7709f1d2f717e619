-- name: alert_waiting
SELECT id, correlation_id FROM alerts
WHERE org_id = $1 AND integration_id = $2 AND account_id = $3 AND alert_id = $4 AND state = 'pending'
ORDER BY created_at LIMIT 1

-- name: alert_insert
INSERT INTO alerts (org_id, id, integration_id, account_id, service_id, alert_id, correlation_id, title, description,
	priority, status, due_at, state, attempts, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'pending', 0, $13)

-- name: alert_get
SELECT state, status_code, errors, ticket_id, created_at FROM alerts WHERE org_id = $1 AND integration_id = $2 AND id = $3

-- name: alert_next
SELECT a.id, a.title, a.description, a.priority, a.attempts, i.name, v.name, a.service_id, p.remote_id
FROM alerts a
JOIN integrations i ON i.org_id = a.org_id AND i.id = a.integration_id
JOIN vendor_accounts v ON v.org_id = a.org_id AND v.id = a.account_id
LEFT JOIN psa_accounts p ON p.org_id = v.org_id AND p.id = v.psa_account_id AND p.gone_at IS NULL
WHERE a.org_id = $1 AND a.state = 'pending' AND (a.next_try_at IS NULL OR a.next_try_at <= $2 OR a.next_try_at > $3)
ORDER BY a.created_at, a.id LIMIT 1

-- name: alert_end
UPDATE alerts SET state = $3, status_code = $4, errors = $5, ticket_id = $6, attempts = attempts + 1, next_try_at = NULL,
	finished_at = $7
WHERE org_id = $1 AND id = $2

-- name: alert_later
UPDATE alerts SET errors = $3, attempts = attempts + 1, next_try_at = $4 WHERE org_id = $1 AND id = $2

-- name: alert_due
SELECT COUNT(*), MIN(COALESCE(next_try_at, 0)) FROM alerts WHERE org_id = $1 AND state = 'pending'

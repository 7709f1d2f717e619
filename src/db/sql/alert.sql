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

-- Regular work of every organization. 'default' follows the organization's own settings, 'weekly' is its weekly
-- full reading of the PSA.
-- name: schedule_list
SELECT p.org_id AS org_id, 'psa_sync' AS name, 'psa_sync' AS kind, '{"mode":"quick"}' AS args, 'default' AS schedule
FROM psa p
UNION ALL
SELECT p.org_id, 'psa_full_sync', 'psa_sync', '{"mode":"full"}', 'full' FROM psa p
UNION ALL
SELECT i.org_id, i.id, 'integration_sync', '{"integration":"' || i.id || '"}', i.schedule
FROM integrations i WHERE i.state IN ('active', 'error') AND i.disconnected_at IS NULL
UNION ALL
SELECT o.id, 'retain', 'retain', '{}', 'daily 01:20' FROM orgs o
UNION ALL
SELECT o.id, 'rebuild', 'rebuild', '{}', 'daily 00:05' FROM orgs o

-- name: schedule_mark_get
SELECT schedule, next_at FROM schedule_marks WHERE org_id = $1 AND name = $2

-- name: schedule_mark_put
INSERT INTO schedule_marks (org_id, name, schedule, next_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (org_id, name) DO UPDATE SET schedule = excluded.schedule, next_at = excluded.next_at

-- What alarms are made of, of each organization: its oldest change that waits, its oldest of unknown outcome, how many of
-- those there are, and when the PSA was read (NULL without one).
-- name: alarm_look
SELECT o.id, (SELECT MIN(w.created_at) FROM writes w WHERE w.org_id = o.id AND w.state IN ('planned', 'sending')),
	(SELECT MIN(w.created_at) FROM writes w WHERE w.org_id = o.id AND w.state = 'unknown'),
	(SELECT COUNT(*) FROM writes w WHERE w.org_id = o.id AND w.state = 'unknown'),
	(SELECT COALESCE(p.synced_at, p.configured_at) FROM psa p WHERE p.org_id = o.id)
FROM orgs o ORDER BY o.id

-- name: alarm_list
SELECT name, since, detail FROM alarms WHERE org_id = $1 ORDER BY name

-- name: alarm_put
INSERT INTO alarms (org_id, name, since, detail) VALUES ($1, $2, $3, $4)
ON CONFLICT (org_id, name) DO UPDATE SET detail = excluded.detail

-- name: alarm_end
DELETE FROM alarms WHERE org_id = $1 AND name = $2

-- name: alarm_counts
SELECT name, COUNT(*) FROM alarms GROUP BY name ORDER BY name

-- Ages for /metrics, over all organizations: NULL when nothing waits, or nothing was read.
-- name: alarm_ages
SELECT (SELECT MIN(created_at) FROM writes WHERE state IN ('planned', 'sending', 'unknown')),
	(SELECT MIN(COALESCE(synced_at, configured_at)) FROM psa)

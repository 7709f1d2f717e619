-- name: job_insert
INSERT INTO jobs (org_id, id, kind, state, args, dedupe, done, total, attempts, run_at, created_by, created_at)
VALUES ($1, $2, $3, 'queued', $4, $5, 0, 0, 0, $6, $7, $8)

-- name: job_queued_twin
SELECT id FROM jobs
WHERE org_id = $1 AND kind = $2 AND state = 'queued' AND dedupe = $3
ORDER BY created_at LIMIT 1

-- name: job_hasten
UPDATE jobs SET run_at = $3 WHERE org_id = $1 AND id = $2 AND state = 'queued' AND run_at > $3

-- name: job_get
SELECT id, kind, state, phase, done, total, error, result, attempts, created_by, created_at, started_at, finished_at,
	args
FROM jobs WHERE org_id = $1 AND id = $2

-- name: job_list
SELECT id, kind, state, phase, done, total, error, result, attempts, created_by, created_at, started_at, finished_at,
	args
FROM jobs WHERE org_id = $1 AND ($2 = '' OR kind = $2) AND ($3 = '' OR id < $3)
ORDER BY id DESC LIMIT $4

-- A job that waits, or one whose runner died. A sync of the PSA or a drain is alone in its organization; a sync of an
-- integration is alone for that one, and $4 of them run at most: a vendor that is silent holds up no other.
-- name: job_next @sqlite
SELECT j.org_id, j.id FROM jobs j
WHERE ((j.state = 'queued' AND (j.run_at <= $1 OR j.run_at > $2))
	OR (j.state = 'running' AND (j.lease_until < $1 OR j.lease_until > $3)))
AND NOT EXISTS (SELECT 1 FROM jobs r WHERE r.org_id = j.org_id AND r.kind = j.kind AND r.state = 'running'
	AND r.lease_until >= $1 AND r.lease_until <= $3
	AND json_extract(r.args, '$.integration') IS json_extract(j.args, '$.integration'))
AND (SELECT COUNT(*) FROM jobs r WHERE r.org_id = j.org_id AND r.kind = j.kind AND r.state = 'running'
	AND r.lease_until >= $1 AND r.lease_until <= $3) < $4
ORDER BY j.run_at, j.id LIMIT 1

-- name: job_next @postgres
SELECT j.org_id, j.id FROM jobs j
WHERE ((j.state = 'queued' AND (j.run_at <= $1 OR j.run_at > $2))
	OR (j.state = 'running' AND (j.lease_until < $1 OR j.lease_until > $3)))
AND NOT EXISTS (SELECT 1 FROM jobs r WHERE r.org_id = j.org_id AND r.kind = j.kind AND r.state = 'running'
	AND r.lease_until >= $1 AND r.lease_until <= $3
	AND (r.args::json ->> 'integration') IS NOT DISTINCT FROM (j.args::json ->> 'integration'))
AND (SELECT COUNT(*) FROM jobs r WHERE r.org_id = j.org_id AND r.kind = j.kind AND r.state = 'running'
	AND r.lease_until >= $1 AND r.lease_until <= $3) < $4
ORDER BY j.run_at, j.id LIMIT 1

-- name: job_take
UPDATE jobs SET state = 'running', attempts = attempts + 1, lease_owner = $3, lease_until = $4,
	started_at = COALESCE(started_at, $5), phase = NULL
WHERE org_id = $1 AND id = $2 AND ((state = 'queued' AND (run_at <= $5 OR run_at > $6))
	OR (state = 'running' AND (lease_until < $5 OR lease_until > $7)))
RETURNING kind, args, attempts, created_by

-- name: job_next_time
SELECT COALESCE(MIN(run_at), 0) FROM jobs WHERE state = 'queued'

-- name: job_progress
UPDATE jobs SET phase = $4, done = $5, total = $6, lease_until = $7
WHERE org_id = $1 AND id = $2 AND lease_owner = $3 AND state = 'running'

-- name: job_keep
UPDATE jobs SET lease_until = $4 WHERE org_id = $1 AND id = $2 AND lease_owner = $3 AND state = 'running'

-- name: job_finish
UPDATE jobs SET state = $4, error = $5, result = $6, finished_at = $7, lease_owner = NULL, lease_until = NULL
WHERE org_id = $1 AND id = $2 AND lease_owner = $3 AND state = 'running'

-- name: job_again
UPDATE jobs SET state = 'queued', error = $4, run_at = $5, lease_owner = NULL, lease_until = NULL
WHERE org_id = $1 AND id = $2 AND lease_owner = $3 AND state = 'running'

-- name: job_count_by_state
SELECT state, COUNT(*) FROM jobs WHERE state IN ('queued', 'running') GROUP BY state

-- name: job_forget
DELETE FROM jobs WHERE org_id = $1 AND state IN ('done', 'failed') AND finished_at < $2

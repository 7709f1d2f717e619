-- name: run_insert
INSERT INTO runs (org_id, id, integration_id, kind, complete, started_at, accepted) VALUES ($1, $2, $3, $4, $5, $6, 0)

-- name: run_get
SELECT integration_id, complete, started_at FROM runs WHERE org_id = $1 AND id = $2 AND finished_at IS NULL

-- name: run_finish
UPDATE runs SET finished_at = $3, accepted = $4 WHERE org_id = $1 AND id = $2 AND finished_at IS NULL

-- After a run: $3 its end, or NULL when nothing came; $4 its end when it was complete.
-- name: run_integration
UPDATE integrations SET last_synced_at = $5, last_count_at = COALESCE($3, last_count_at),
	covered_at = COALESCE($4, covered_at)
WHERE org_id = $1 AND id = $2

-- name: run_open
UPDATE integrations SET open_run_id = $3 WHERE org_id = $1 AND id = $2 AND open_run_id IS NULL

-- name: run_touch
UPDATE integrations SET last_count_at = $3 WHERE org_id = $1 AND id = $2

-- name: run_closing
UPDATE integrations SET closing_at = $3 WHERE org_id = $1 AND id = $2

-- name: run_shut
UPDATE integrations SET open_run_id = NULL, closing_at = NULL WHERE org_id = $1 AND id = $2

-- name: run_started
SELECT started_at FROM runs WHERE org_id = $1 AND id = $2

-- Pairs whose newest count came with the run.
-- name: run_pairs
SELECT COUNT(*) FROM services s JOIN counts c ON c.org_id = s.org_id AND c.service_id = s.id
WHERE s.org_id = $1 AND s.integration_id = $2 AND c.run_id = $3

-- name: run_last
SELECT id, kind, complete, started_at, finished_at, accepted FROM runs
WHERE org_id = $1 AND integration_id = $2 ORDER BY started_at DESC, id DESC LIMIT 1

-- name: run_list
SELECT id, kind, complete, started_at, finished_at, accepted FROM runs
WHERE org_id = $1 AND integration_id = $2 AND (started_at < $3 OR (started_at = $3 AND id < $4))
ORDER BY started_at DESC, id DESC LIMIT $5

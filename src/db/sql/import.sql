-- name: import_add
INSERT INTO imports (org_id, id, filename, size, content_hash, header_hash, format, encoding, delimiter, worksheet,
	integration_id, settings, state, accepted, rejected, ignored, created_by, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0, 0, 0, $14, $15)

-- name: import_get
SELECT id, filename, size, content_hash, header_hash, format, encoding, delimiter, worksheet, integration_id, settings,
	state, job_id, run_id, accepted, rejected, ignored, error, created_by, created_at, finished_at
FROM imports WHERE org_id = $1 AND id = $2

-- name: import_list
SELECT id, filename, size, content_hash, header_hash, format, encoding, delimiter, worksheet, integration_id, settings,
	state, job_id, run_id, accepted, rejected, ignored, error, created_by, created_at, finished_at
FROM imports WHERE org_id = $1 AND ($2 = '' OR id < $2) ORDER BY id DESC LIMIT $3

-- The newest one before this that brought the same bytes.
-- name: import_twin
SELECT id FROM imports WHERE org_id = $1 AND content_hash = $2 AND id <> $3 AND state IN ('running', 'done')
ORDER BY created_at DESC LIMIT 1

-- name: import_set
UPDATE imports SET header_hash = $3, encoding = $4, delimiter = $5, worksheet = $6, integration_id = $7, settings = $8,
	state = 'ready' WHERE org_id = $1 AND id = $2 AND state IN ('uploaded', 'ready', 'failed')

-- name: import_run
UPDATE imports SET state = 'running', job_id = $3, error = NULL, accepted = 0, rejected = 0, ignored = 0
WHERE org_id = $1 AND id = $2 AND state IN ('ready', 'failed')

-- name: import_progress
UPDATE imports SET accepted = $3, rejected = $4, ignored = $5 WHERE org_id = $1 AND id = $2 AND state = 'running'

-- name: import_end
UPDATE imports SET state = $3, run_id = $4, accepted = $5, rejected = $6, ignored = $7, error = $8, finished_at = $9
WHERE org_id = $1 AND id = $2 AND state = 'running'

-- name: import_piece_add
INSERT INTO import_pieces (org_id, import_id, position, content) VALUES ($1, $2, $3, $4)

-- name: import_pieces
SELECT content FROM import_pieces WHERE org_id = $1 AND import_id = $2 ORDER BY position

-- name: import_pieces_forget
DELETE FROM import_pieces WHERE org_id = $1 AND import_id = $2

-- name: import_reject_add
INSERT INTO import_rejects (org_id, import_id, line, reason) VALUES ($1, $2, $3, $4)
ON CONFLICT (org_id, import_id, line) DO NOTHING

-- name: import_rejects
SELECT line, reason FROM import_rejects WHERE org_id = $1 AND import_id = $2 ORDER BY line LIMIT $3

-- name: import_rejects_forget
DELETE FROM import_rejects WHERE org_id = $1 AND import_id = $2

-- name: import_delete
DELETE FROM imports WHERE org_id = $1 AND id = $2 AND state IN ('uploaded', 'ready', 'failed')

-- Files that nobody came back to.
-- name: import_stale
SELECT id FROM imports WHERE org_id = $1 AND state IN ('uploaded', 'ready', 'failed') AND created_at < $2

-- name: import_profile_put
INSERT INTO import_profiles (org_id, id, name, header_hash, integration_id, settings, created_by, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (org_id, header_hash) DO UPDATE SET name = excluded.name, integration_id = excluded.integration_id,
	settings = excluded.settings, updated_at = excluded.updated_at

-- name: import_profile_find
SELECT id, name, integration_id, settings FROM import_profiles WHERE org_id = $1 AND header_hash = $2

-- name: import_profiles
SELECT id, name, integration_id, settings, updated_at FROM import_profiles WHERE org_id = $1 ORDER BY name, id

-- name: import_profile_delete
DELETE FROM import_profiles WHERE org_id = $1 AND id = $2

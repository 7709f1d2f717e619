-- name: psaconfig_get
SELECT kind, settings, secret_id, configured_at, state, detail, watermark, sync_cursor, sync_mode, full_synced_at,
	synced_at FROM psa WHERE org_id = $1

-- name: psaconfig_put
INSERT INTO psa (org_id, kind, settings, secret_id, configured_at, state, watermark)
VALUES ($1, $2, $3, $4, $5, 'configured', 0)
ON CONFLICT (org_id) DO UPDATE SET kind = excluded.kind, settings = excluded.settings, secret_id = excluded.secret_id,
	configured_at = excluded.configured_at, state = 'configured', detail = NULL, watermark = 0, sync_cursor = NULL,
	sync_mode = NULL, full_synced_at = CASE WHEN psa.kind = excluded.kind THEN psa.full_synced_at END

-- name: psaconfig_state
UPDATE psa SET state = $2, detail = $3 WHERE org_id = $1

-- name: psaconfig_cursor
UPDATE psa SET sync_cursor = $2, sync_mode = $3 WHERE org_id = $1

-- name: psaconfig_synced
UPDATE psa SET state = 'ok', detail = NULL, sync_cursor = NULL, sync_mode = NULL, watermark = $2, synced_at = $3,
	full_synced_at = COALESCE($4, full_synced_at) WHERE org_id = $1

-- name: psaconfig_orgs
SELECT org_id FROM psa ORDER BY org_id

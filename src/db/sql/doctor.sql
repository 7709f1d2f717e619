-- What the doctor counts of an organization.

-- name: doctor_admins
SELECT COUNT(*) FROM users WHERE org_id = $1 AND role = 'admin' AND disabled_at IS NULL AND password_hash IS NOT NULL

-- name: doctor_no_second
SELECT COUNT(*) FROM users u WHERE u.org_id = $1 AND u.role <> 'viewer' AND u.disabled_at IS NULL
AND u.password_hash IS NOT NULL AND u.created_at < $2
AND NOT EXISTS (SELECT 1 FROM second_factors f WHERE f.org_id = u.org_id AND f.user_id = u.id AND f.confirmed_at IS NOT NULL)
AND NOT EXISTS (SELECT 1 FROM passkeys k WHERE k.org_id = u.org_id AND k.user_id = u.id)

-- name: doctor_idle_tokens
SELECT COUNT(*) FROM tokens WHERE org_id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $3)
AND COALESCE(last_used_at, created_at) < $2

-- name: doctor_waiting
SELECT COUNT(*) FROM writes WHERE org_id = $1 AND state IN ('planned', 'sending') AND created_at < $2

-- name: doctor_unknown
SELECT COUNT(*) FROM writes WHERE org_id = $1 AND state = 'unknown' AND created_at < $2

-- name: doctor_unread
SELECT COUNT(*) FROM psa WHERE org_id = $1 AND COALESCE(synced_at, configured_at) < $2

-- name: doctor_stuck_jobs
SELECT COUNT(*) FROM jobs WHERE org_id = $1 AND state = 'queued' AND run_at < $2

-- name: doctor_failing
SELECT COUNT(*) FROM integrations WHERE org_id = $1 AND state = 'error' AND disconnected_at IS NULL

-- name: doctor_alarms
SELECT COUNT(*) FROM alarms WHERE org_id = $1

-- name: doctor_first_row
SELECT COALESCE(MIN(at), 0) FROM audit

-- name: doctor_superuser @sqlite
SELECT 0

-- name: doctor_superuser @postgres
SELECT CASE WHEN current_setting('is_superuser') = 'on' THEN 1 ELSE 0 END

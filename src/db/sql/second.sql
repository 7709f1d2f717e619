-- name: second_get
SELECT secret_id, last_step, confirmed_at,
	(SELECT COUNT(*) FROM recovery_codes c WHERE c.org_id = f.org_id AND c.user_id = f.user_id AND c.used_at IS NULL)
FROM second_factors f WHERE org_id = $1 AND user_id = $2

-- name: second_put
INSERT INTO second_factors (org_id, user_id, secret_id, last_step, created_at) VALUES ($1, $2, $3, 0, $4)
ON CONFLICT (org_id, user_id) DO UPDATE SET secret_id = excluded.secret_id, last_step = 0,
	created_at = excluded.created_at, confirmed_at = NULL

-- Only forward, and only once for each step.
-- name: second_step
UPDATE second_factors SET last_step = $3 WHERE org_id = $1 AND user_id = $2 AND last_step < $3

-- name: second_confirm
UPDATE second_factors SET confirmed_at = $3 WHERE org_id = $1 AND user_id = $2

-- name: second_remove
DELETE FROM second_factors WHERE org_id = $1 AND user_id = $2

-- name: second_code_add
INSERT INTO recovery_codes (org_id, user_id, hash) VALUES ($1, $2, $3)

-- name: second_code_use
UPDATE recovery_codes SET used_at = $4 WHERE org_id = $1 AND user_id = $2 AND hash = $3 AND used_at IS NULL

-- name: second_codes_forget
DELETE FROM recovery_codes WHERE org_id = $1 AND user_id = $2

-- Whether the user has one, and since when the user is there.
-- name: second_owner
SELECT u.created_at, (SELECT COUNT(*) FROM second_factors f
	WHERE f.org_id = u.org_id AND f.user_id = u.id AND f.confirmed_at IS NOT NULL)
FROM users u WHERE u.org_id = $1 AND u.id = $2

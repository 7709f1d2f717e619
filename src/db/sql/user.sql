-- An address belongs to one user of the whole server: nothing is changed when it is taken.
-- name: user_insert
INSERT INTO users (org_id, id, email, email_fold, name, role, password_hash, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (email_fold) DO NOTHING

-- name: user_get
SELECT org_id, id, email, name, role, password_hash, created_at, disabled_at FROM users WHERE org_id = $1 AND id = $2

-- name: user_find
SELECT org_id, id, email, name, role, password_hash, created_at, disabled_at FROM users WHERE email_fold = $1

-- name: user_list
SELECT org_id, id, email, name, role, password_hash, created_at, disabled_at FROM users
WHERE org_id = $1 AND email_fold > $2 ORDER BY email_fold LIMIT $3

-- name: user_change
UPDATE users SET name = $3, role = $4, disabled_at = $5 WHERE org_id = $1 AND id = $2

-- name: user_password
UPDATE users SET password_hash = $3 WHERE org_id = $1 AND id = $2

-- name: user_admins
SELECT email FROM users WHERE org_id = $1 AND role = 'admin' AND disabled_at IS NULL AND password_hash IS NOT NULL
ORDER BY email_fold

-- name: user_other_admins
SELECT COUNT(*) FROM users
WHERE org_id = $1 AND id <> $2 AND role = 'admin' AND disabled_at IS NULL AND password_hash IS NOT NULL

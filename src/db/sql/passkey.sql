-- name: passkey_insert
INSERT INTO passkeys (org_id, id, user_id, name, credential, algorithm, key, uses, challenged_at, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)

-- A browser names the credential alone: whose it is, in whatever organization, is found by it.
-- name: passkey_find
SELECT org_id, id, user_id, algorithm, key, uses FROM passkeys WHERE credential = $1

-- name: passkey_list
SELECT id, name, credential, created_at, used_at FROM passkeys WHERE org_id = $1 AND user_id = $2 ORDER BY id

-- Only forward: a challenge is answered once, and of two answers at the same time one wins.
-- name: passkey_step
UPDATE passkeys SET uses = $4, challenged_at = $5, used_at = $6
WHERE org_id = $1 AND id = $2 AND uses = $3 AND challenged_at < $5

-- name: passkey_remove
DELETE FROM passkeys WHERE org_id = $1 AND user_id = $2 AND ($3 = '' OR id = $3)

-- name: passkey_any
SELECT COUNT(*) FROM (SELECT 1 FROM passkeys LIMIT 1) one

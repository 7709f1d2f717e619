-- name: org_insert
INSERT INTO orgs (id, name, currency, created_at) VALUES ($1, $2, $3, $4)

-- name: org_get
SELECT id, name, currency, created_at FROM orgs WHERE id = $1

-- name: org_list
SELECT id, name, currency, created_at FROM orgs ORDER BY created_at, id

-- name: org_change
UPDATE orgs SET name = $2, currency = $3 WHERE id = $1

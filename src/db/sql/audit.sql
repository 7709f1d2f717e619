-- name: audit_head
SELECT seq, hash FROM audit_heads WHERE org_id = $1

-- name: audit_head_put
INSERT INTO audit_heads (org_id, seq, hash) VALUES ($1, $2, $3)
ON CONFLICT (org_id) DO UPDATE SET seq = excluded.seq, hash = excluded.hash

-- name: audit_insert
INSERT INTO audit (org_id, seq, at, actor, actor_id, event, object, before, after, why, request_id, prev_hash, hash)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)

-- name: audit_chain
SELECT seq, at, actor, actor_id, event, object, before, after, why, request_id, prev_hash, hash FROM audit
WHERE org_id = $1 ORDER BY seq

-- $3 = 1: $2 is the beginning of the event's name.
-- name: audit_list
SELECT seq, at, actor, actor_id, event, object, before, after, why, request_id, prev_hash, hash FROM audit
WHERE org_id = $1 AND ($2 = '' OR event = $2 OR ($3 = 1 AND substr(event, 1, length($2)) = $2))
	AND ($4 = '' OR actor = $4) AND ($5 = '' OR object = $5) AND at >= $6 AND at < $7 AND seq < $8
ORDER BY seq DESC LIMIT $9

-- What the log's objects are called now; a card is a customer and a product.
-- name: audit_name_card
SELECT a.name || ', ' || p.name FROM cards c
JOIN psa_accounts a ON a.org_id = c.org_id AND a.id = c.account_id
JOIN psa_products p ON p.org_id = c.org_id AND p.id = c.product_id
WHERE c.org_id = $1 AND c.id = $2

-- The first of a batch, and how many more.
-- name: audit_name_batch
SELECT MIN(a.name || ', ' || p.name) || CASE WHEN COUNT(*) > 1 THEN ' +' || (COUNT(*) - 1) ELSE '' END FROM decisions d
JOIN cards c ON c.org_id = d.org_id AND c.id = d.card_id
JOIN psa_accounts a ON a.org_id = c.org_id AND a.id = c.account_id
JOIN psa_products p ON p.org_id = c.org_id AND p.id = c.product_id
WHERE d.org_id = $1 AND d.batch_id = $2 HAVING COUNT(*) > 0

-- name: audit_name_write
SELECT COALESCE(a.name || ', ', '') || p.name FROM writes w
LEFT JOIN psa_accounts a ON a.org_id = w.org_id AND a.id = w.account_id
JOIN psa_products p ON p.org_id = w.org_id AND p.id = w.product_id
WHERE w.org_id = $1 AND w.id = $2

-- A customer as a vendor knows it, or as the PSA does.
-- name: audit_name_account
SELECT COALESCE((SELECT v.name FROM vendor_accounts v WHERE v.org_id = $1 AND v.id = $2), a.name) FROM (SELECT 1) one
LEFT JOIN psa_accounts a ON a.org_id = $1 AND a.id = $2

-- name: audit_name_product
SELECT name FROM psa_products WHERE org_id = $1 AND id = $2

-- name: audit_name_service
SELECT name FROM services WHERE org_id = $1 AND id = $2

-- name: audit_name_integration
SELECT name FROM integrations WHERE org_id = $1 AND id = $2

-- name: audit_name_user
SELECT name FROM users WHERE org_id = $1 AND id = $2

-- name: audit_name_token
SELECT name FROM tokens WHERE org_id = $1 AND id = $2

-- name: audit_name_tag
SELECT name FROM tags WHERE org_id = $1 AND id = $2

-- name: audit_name_rule
SELECT name FROM rules WHERE org_id = $1 AND id = $2

-- name: audit_name_override
SELECT a.name || ', ' || p.name FROM overrides o
JOIN psa_accounts a ON a.org_id = o.org_id AND a.id = o.account_id
JOIN psa_products p ON p.org_id = o.org_id AND p.id = o.product_id
WHERE o.org_id = $1 AND o.id = $2

-- name: audit_name_approval
SELECT name FROM approval_rules WHERE org_id = $1 AND id = $2

-- name: audit_name_import
SELECT filename FROM imports WHERE org_id = $1 AND id = $2

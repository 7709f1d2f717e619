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

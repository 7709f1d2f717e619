-- name: rollback_count
SELECT COUNT(*) FROM writes WHERE org_id = $1 AND batch_id = $2

-- Newest first. Those that another rollback is undoing already are left out.
-- name: rollback_writes
SELECT w.id FROM writes w WHERE w.org_id = $1 AND w.batch_id = $2
AND NOT EXISTS (SELECT 1 FROM writes u WHERE u.org_id = w.org_id AND u.rollback_of = w.id
	AND u.state IN ('planned', 'sending', 'unknown', 'listed', 'applied'))
ORDER BY w.seq DESC

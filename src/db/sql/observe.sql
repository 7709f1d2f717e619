-- name: observe_add
INSERT INTO observations (org_id, service_id, account_id, seq, units, units_text, implied, observed_at, received_at, run_id)
VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8, $9)

-- The pair's newest count, by the time it is of; of two of one time the later one.
-- name: observe_count
INSERT INTO counts (org_id, service_id, account_id, seq, units, units_text, observed_at, received_at, run_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (org_id, service_id, account_id) DO UPDATE SET seq = excluded.seq, units = excluded.units,
	units_text = excluded.units_text, observed_at = excluded.observed_at, received_at = excluded.received_at,
	run_id = excluded.run_id
WHERE excluded.observed_at > counts.observed_at
	OR (excluded.observed_at = counts.observed_at AND excluded.seq > counts.seq)

-- What the complete run $3 did not name is zero; what is zero already needs no word. Accounts and services
-- that came after the run began are not its business.
-- name: observe_imply
INSERT INTO observations (org_id, service_id, account_id, seq, units, units_text, implied, observed_at, received_at, run_id)
SELECT s.org_id, s.id, a.id, $4, 0, NULL, 1, $5, $5, $3
FROM services s
JOIN vendor_accounts a ON a.org_id = s.org_id AND a.integration_id = s.integration_id
LEFT JOIN counts c ON c.org_id = s.org_id AND c.service_id = s.id AND c.account_id = a.id
WHERE s.org_id = $1 AND s.integration_id = $2 AND s.created_at <= $6 AND a.created_at <= $6
	AND (c.run_id IS NULL OR (c.run_id <> $3 AND c.observed_at <= $5 AND (c.units <> 0 OR c.units_text IS NOT NULL)))

-- name: observe_imply_counts
INSERT INTO counts (org_id, service_id, account_id, seq, units, units_text, observed_at, received_at, run_id)
SELECT s.org_id, s.id, a.id, $4, 0, NULL, $5, $5, $3
FROM services s
JOIN vendor_accounts a ON a.org_id = s.org_id AND a.integration_id = s.integration_id
LEFT JOIN counts c ON c.org_id = s.org_id AND c.service_id = s.id AND c.account_id = a.id
WHERE s.org_id = $1 AND s.integration_id = $2 AND s.created_at <= $6 AND a.created_at <= $6
	AND (c.run_id IS NULL OR (c.run_id <> $3 AND c.observed_at <= $5 AND (c.units <> 0 OR c.units_text IS NOT NULL)))
ON CONFLICT (org_id, service_id, account_id) DO UPDATE SET seq = excluded.seq, units = 0, units_text = NULL,
	observed_at = excluded.observed_at, received_at = excluded.received_at, run_id = excluded.run_id

-- name: observe_list
SELECT o.service_id, o.account_id, o.seq, o.units, o.units_text, o.implied, o.observed_at, o.received_at, o.run_id, c.seq,
	s.name, a.name
FROM services s
JOIN observations o ON o.org_id = s.org_id AND o.service_id = s.id
JOIN vendor_accounts a ON a.org_id = o.org_id AND a.id = o.account_id
LEFT JOIN counts c ON c.org_id = o.org_id AND c.service_id = o.service_id AND c.account_id = o.account_id
WHERE s.org_id = $1 AND s.integration_id = $2 AND ($3 = '' OR s.id = $3) AND ($4 = '' OR o.account_id = $4)
	AND o.observed_at >= $5 AND o.observed_at < $6
	AND (o.seq > $7 OR (o.seq = $7 AND (o.service_id > $8 OR (o.service_id = $8 AND o.account_id > $9))))
ORDER BY o.seq, o.service_id, o.account_id LIMIT $10

-- The same for one pair: a walk along the key.
-- name: observe_list_pair
SELECT o.service_id, o.account_id, o.seq, o.units, o.units_text, o.implied, o.observed_at, o.received_at, o.run_id, c.seq,
	s.name, a.name
FROM observations o
JOIN services s ON s.org_id = o.org_id AND s.id = o.service_id
JOIN vendor_accounts a ON a.org_id = o.org_id AND a.id = o.account_id
LEFT JOIN counts c ON c.org_id = o.org_id AND c.service_id = o.service_id AND c.account_id = o.account_id
WHERE o.org_id = $1 AND o.service_id = $2 AND o.account_id = $3 AND o.observed_at >= $4 AND o.observed_at < $5
	AND o.seq > $6
ORDER BY o.seq LIMIT $7

-- Each pair's newest count of before $5.
-- name: observe_as_of
SELECT o.service_id, o.account_id, o.seq, o.units, o.units_text, o.implied, o.observed_at, o.received_at, o.run_id, o.seq,
	s.name, a.name
FROM services s
JOIN counts c ON c.org_id = s.org_id AND c.service_id = s.id
JOIN vendor_accounts a ON a.org_id = c.org_id AND a.id = c.account_id
JOIN observations o ON o.org_id = c.org_id AND o.service_id = c.service_id AND o.account_id = c.account_id
	AND o.seq = (SELECT x.seq FROM observations x
		WHERE x.org_id = c.org_id AND x.service_id = c.service_id AND x.account_id = c.account_id AND x.observed_at < $5
		ORDER BY x.observed_at DESC, x.seq DESC LIMIT 1)
WHERE s.org_id = $1 AND s.integration_id = $2 AND ($3 = '' OR s.id = $3) AND ($4 = '' OR c.account_id = $4)
	AND (c.service_id > $6 OR (c.service_id = $6 AND c.account_id > $7))
ORDER BY c.service_id, c.account_id LIMIT $8

-- When pairs were last covered by a run that said "these are all", before $3.
-- name: observe_covered
SELECT COALESCE(MAX(finished_at), 0) FROM runs
WHERE org_id = $1 AND integration_id = $2 AND complete = 1 AND finished_at < $3

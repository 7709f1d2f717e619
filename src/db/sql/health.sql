-- What /readyz and /metrics ask, over all organizations.

-- name: health_ping
SELECT COUNT(*) FROM schema_version

-- name: health_jobs
SELECT state, COUNT(*) FROM jobs GROUP BY state ORDER BY state

-- name: health_writes
SELECT state, COUNT(*) FROM writes GROUP BY state ORDER BY state

-- Sample data: its mark, and its end.

-- name: demo_get
SELECT job_id, filled_at FROM demo WHERE org_id = $1

-- What shows that somebody has begun with data of their own. A PSA that was never read is none of it.
-- name: demo_taken
SELECT (SELECT COUNT(*) FROM psa WHERE org_id = $1 AND synced_at IS NOT NULL) + (SELECT COUNT(*) FROM integrations WHERE org_id = $1)
	+ (SELECT COUNT(*) FROM psa_accounts WHERE org_id = $1) + (SELECT COUNT(*) FROM imports WHERE org_id = $1)

-- name: demo_put
INSERT INTO demo (org_id, job_id, started_by, started_at) VALUES ($1, $2, $3, $4)

-- name: demo_filled
UPDATE demo SET filled_at = $2 WHERE org_id = $1

-- Jobs that run now end first; those that wait never begin.
-- name: demo_jobs_waiting
DELETE FROM jobs WHERE org_id = $1 AND state <> 'running'

-- name: demo_jobs_running
SELECT COUNT(*) FROM jobs WHERE org_id = $1

-- Credentials of a PSA or vendor; those of people and of their sign-in stay.
-- name: demo_clear_secrets
DELETE FROM secrets WHERE org_id = $1 AND (id IN (SELECT secret_id FROM psa WHERE org_id = $1)
	OR id IN (SELECT secret_id FROM integrations WHERE org_id = $1))

-- The rest, a table each. What stays: the organization, its people with their ways in, its settings, and the log.
-- name: demo_clear_alarms
DELETE FROM alarms WHERE org_id = $1

-- name: demo_clear_alerts
DELETE FROM alerts WHERE org_id = $1

-- name: demo_clear_aliases
DELETE FROM aliases WHERE org_id = $1

-- name: demo_clear_approval_rules
DELETE FROM approval_rules WHERE org_id = $1

-- name: demo_clear_approvals_awaiting
DELETE FROM approvals_awaiting WHERE org_id = $1

-- name: demo_clear_batches
DELETE FROM batches WHERE org_id = $1

-- name: demo_clear_cards
DELETE FROM cards WHERE org_id = $1

-- name: demo_clear_counts
DELETE FROM counts WHERE org_id = $1

-- name: demo_clear_decisions
DELETE FROM decisions WHERE org_id = $1

-- name: demo_clear_import_pieces
DELETE FROM import_pieces WHERE org_id = $1

-- name: demo_clear_import_profiles
DELETE FROM import_profiles WHERE org_id = $1

-- name: demo_clear_import_rejects
DELETE FROM import_rejects WHERE org_id = $1

-- name: demo_clear_imports
DELETE FROM imports WHERE org_id = $1

-- name: demo_clear_integrations
DELETE FROM integrations WHERE org_id = $1

-- name: demo_clear_line_history
DELETE FROM line_history WHERE org_id = $1

-- name: demo_clear_notes
DELETE FROM notes WHERE org_id = $1

-- name: demo_clear_observations
DELETE FROM observations WHERE org_id = $1

-- name: demo_clear_overrides
DELETE FROM overrides WHERE org_id = $1

-- name: demo_clear_product_costs
DELETE FROM product_costs WHERE org_id = $1

-- name: demo_clear_psa
DELETE FROM psa WHERE org_id = $1

-- name: demo_clear_psa_accounts
DELETE FROM psa_accounts WHERE org_id = $1

-- name: demo_clear_psa_contracts
DELETE FROM psa_contracts WHERE org_id = $1

-- name: demo_clear_psa_file_pieces
DELETE FROM psa_file_pieces WHERE org_id = $1

-- name: demo_clear_psa_files
DELETE FROM psa_files WHERE org_id = $1

-- name: demo_clear_psa_lines
DELETE FROM psa_lines WHERE org_id = $1

-- name: demo_clear_psa_products
DELETE FROM psa_products WHERE org_id = $1

-- name: demo_clear_psa_skips
DELETE FROM psa_skips WHERE org_id = $1

-- name: demo_clear_push_keys
DELETE FROM push_keys WHERE org_id = $1

-- name: demo_clear_rules
DELETE FROM rules WHERE org_id = $1

-- name: demo_clear_run_gaps
DELETE FROM run_gaps WHERE org_id = $1

-- name: demo_clear_runs
DELETE FROM runs WHERE org_id = $1

-- name: demo_clear_schedule_marks
DELETE FROM schedule_marks WHERE org_id = $1

-- name: demo_clear_service_costs
DELETE FROM service_costs WHERE org_id = $1

-- name: demo_clear_service_products
DELETE FROM service_products WHERE org_id = $1

-- name: demo_clear_services
DELETE FROM services WHERE org_id = $1

-- name: demo_clear_taggings
DELETE FROM taggings WHERE org_id = $1

-- name: demo_clear_tags
DELETE FROM tags WHERE org_id = $1

-- name: demo_clear_vendor_accounts
DELETE FROM vendor_accounts WHERE org_id = $1

-- name: demo_clear_write_steps
DELETE FROM write_steps WHERE org_id = $1

-- name: demo_clear_writes
DELETE FROM writes WHERE org_id = $1

-- name: demo_clear_demo
DELETE FROM demo WHERE org_id = $1

-- Integrations, what they know, and the observation ledger.

-- open_run_id: the burst of single pushes that goes on. closing_at: when a job that ends it was queued for.
-- covered_at: end of the newest run that said "these are all". stale_after: microseconds.
CREATE TABLE integrations (
	org_id TEXT NOT NULL,
	id TEXT NOT NULL,
	vendor TEXT NOT NULL,
	vendor_profile_id TEXT NOT NULL,
	name TEXT NOT NULL,
	description TEXT NOT NULL,
	support_url TEXT,
	portal_url TEXT,
	modules TEXT NOT NULL,
	settings TEXT NOT NULL,
	secret_id TEXT,
	state TEXT NOT NULL,
	state_detail TEXT,
	schedule TEXT NOT NULL,
	stale_after BIGINT NOT NULL,
	strict404 BIGINT NOT NULL,
	finished_at BIGINT,
	automapped_at BIGINT,
	last_count_at BIGINT,
	last_synced_at BIGINT,
	open_run_id TEXT,
	closing_at BIGINT,
	covered_at BIGINT,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	disconnected_at BIGINT,
	PRIMARY KEY (org_id, id)
);

-- Keys of the push API, as hashes. The newest row of an integration that is not revoked counts.
CREATE TABLE push_keys (
	org_id TEXT NOT NULL,
	integration_id TEXT NOT NULL,
	id TEXT NOT NULL,
	vendor_hash TEXT NOT NULL,
	partner_hash TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	revoked_at BIGINT,
	PRIMARY KEY (org_id, integration_id, id)
);
CREATE UNIQUE INDEX push_keys_by_partner ON push_keys (partner_hash);
CREATE INDEX push_keys_by_vendor ON push_keys (vendor_hash);

-- psa_account_id is set exactly when mapping = 'mapped'.
CREATE TABLE vendor_accounts (
	org_id TEXT NOT NULL,
	id TEXT NOT NULL,
	integration_id TEXT NOT NULL,
	vendor_id TEXT NOT NULL,
	vendor_id_fold TEXT NOT NULL,
	name TEXT NOT NULL,
	fold TEXT NOT NULL,
	description TEXT NOT NULL,
	is_active BIGINT NOT NULL,
	is_arrears BIGINT NOT NULL,
	detect_new_revenue BIGINT NOT NULL,
	mapping TEXT NOT NULL,
	mapping_id TEXT,
	psa_account_id TEXT,
	mapped_how TEXT,
	mapped_by TEXT,
	mapped_at BIGINT,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (org_id, id)
);
CREATE UNIQUE INDEX vendor_accounts_by_vendor_id ON vendor_accounts (org_id, integration_id, vendor_id);
CREATE INDEX vendor_accounts_by_vendor_fold ON vendor_accounts (org_id, integration_id, vendor_id_fold);
CREATE INDEX vendor_accounts_by_fold ON vendor_accounts (org_id, integration_id, fold, id);

-- kind: 'vendor' (id chosen by us) or 'organization' (id chosen by the vendor).
CREATE TABLE services (
	org_id TEXT NOT NULL,
	id TEXT NOT NULL,
	integration_id TEXT NOT NULL,
	kind TEXT NOT NULL,
	vendor_id TEXT NOT NULL,
	vendor_id_fold TEXT NOT NULL,
	name TEXT NOT NULL,
	fold TEXT NOT NULL,
	description TEXT NOT NULL,
	category TEXT,
	subcategory TEXT,
	support_article TEXT,
	support_contact TEXT,
	is_active BIGINT NOT NULL,
	is_arrears BIGINT NOT NULL,
	detect_new_revenue BIGINT NOT NULL,
	mapping TEXT NOT NULL,
	mapping_id TEXT,
	mode TEXT,
	unit_basis TEXT,
	mapped_how TEXT,
	mapped_by TEXT,
	mapped_at BIGINT,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (org_id, id)
);
CREATE UNIQUE INDEX services_by_vendor_id ON services (org_id, integration_id, kind, vendor_id);
CREATE INDEX services_by_vendor_fold ON services (org_id, integration_id, vendor_id_fold);
CREATE INDEX services_by_fold ON services (org_id, integration_id, fold, id);

CREATE TABLE service_products (
	org_id TEXT NOT NULL,
	service_id TEXT NOT NULL,
	position BIGINT NOT NULL,
	product_id TEXT NOT NULL,
	PRIMARY KEY (org_id, service_id, position)
);

-- One reading of one vendor: a pull, a bulk push, a file, or a burst of single pushes.
CREATE TABLE runs (
	org_id TEXT NOT NULL,
	id TEXT NOT NULL,
	integration_id TEXT NOT NULL,
	kind TEXT NOT NULL,
	complete BIGINT NOT NULL,
	started_at BIGINT NOT NULL,
	finished_at BIGINT,
	accepted BIGINT NOT NULL,
	error TEXT,
	PRIMARY KEY (org_id, id)
);
CREATE INDEX runs_by_integration ON runs (org_id, integration_id, started_at);

-- Every count ever received, never changed. units_text holds the exact decimal text when it has
-- more digits than `units` can (then units is the rounded value). implied = 1: a zero that follows
-- from "these are all".
CREATE TABLE observations (
	org_id TEXT NOT NULL,
	service_id TEXT NOT NULL,
	account_id TEXT NOT NULL,
	seq BIGINT NOT NULL,
	units BIGINT NOT NULL,
	units_text TEXT,
	implied BIGINT NOT NULL,
	observed_at BIGINT NOT NULL,
	received_at BIGINT NOT NULL,
	run_id TEXT NOT NULL,
	PRIMARY KEY (org_id, service_id, account_id, seq)
) /* clustered */;

-- The newest observation of each pair; a view of the ledger that can be rebuilt from it.
CREATE TABLE counts (
	org_id TEXT NOT NULL,
	service_id TEXT NOT NULL,
	account_id TEXT NOT NULL,
	seq BIGINT NOT NULL,
	units BIGINT NOT NULL,
	units_text TEXT,
	observed_at BIGINT NOT NULL,
	received_at BIGINT NOT NULL,
	run_id TEXT NOT NULL,
	PRIMARY KEY (org_id, service_id, account_id)
) /* clustered */;

CREATE TABLE alerts (
	org_id TEXT NOT NULL,
	id TEXT NOT NULL,
	integration_id TEXT NOT NULL,
	account_id TEXT NOT NULL,
	service_id TEXT,
	alert_id TEXT NOT NULL,
	correlation_id TEXT NOT NULL,
	title TEXT NOT NULL,
	description TEXT NOT NULL,
	priority BIGINT NOT NULL,
	status BIGINT NOT NULL,
	due_at BIGINT,
	state TEXT NOT NULL,
	status_code BIGINT,
	errors TEXT,
	ticket_id TEXT,
	attempts BIGINT NOT NULL,
	next_try_at BIGINT,
	created_at BIGINT NOT NULL,
	finished_at BIGINT,
	PRIMARY KEY (org_id, id)
);
CREATE INDEX alerts_by_alert ON alerts (org_id, integration_id, account_id, alert_id);
CREATE INDEX alerts_by_state ON alerts (org_id, state, next_try_at);

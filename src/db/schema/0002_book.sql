-- The book: what the PSA says, as last read. Ids are derived from the remote ids, so that a book
-- read again from nothing has the same ids.

CREATE TABLE psa (
	org_id TEXT NOT NULL,
	kind TEXT NOT NULL,
	settings TEXT NOT NULL,
	secret_id TEXT,
	configured_at BIGINT NOT NULL,
	state TEXT NOT NULL,
	detail TEXT,
	watermark BIGINT NOT NULL,
	sync_cursor TEXT,
	sync_mode TEXT,
	full_synced_at BIGINT,
	synced_at BIGINT,
	PRIMARY KEY (org_id)
);

CREATE TABLE psa_accounts (
	org_id TEXT NOT NULL,
	id TEXT NOT NULL,
	remote_id TEXT NOT NULL,
	code TEXT,
	name TEXT NOT NULL,
	fold TEXT NOT NULL,
	status TEXT,
	types TEXT,
	domain TEXT,
	seen_run BIGINT NOT NULL,
	gone_at BIGINT,
	PRIMARY KEY (org_id, id)
);
CREATE INDEX psa_accounts_by_fold ON psa_accounts (org_id, fold, id);

CREATE TABLE psa_products (
	org_id TEXT NOT NULL,
	id TEXT NOT NULL,
	remote_id TEXT NOT NULL,
	code TEXT NOT NULL,
	code_fold TEXT NOT NULL,
	name TEXT NOT NULL,
	fold TEXT NOT NULL,
	product_class TEXT,
	unit TEXT,
	price BIGINT,
	cost BIGINT,
	inactive BIGINT NOT NULL,
	serialized BIGINT NOT NULL,
	seen_run BIGINT NOT NULL,
	gone_at BIGINT,
	PRIMARY KEY (org_id, id)
);
CREATE INDEX psa_products_by_fold ON psa_products (org_id, fold, id);

CREATE TABLE psa_contracts (
	org_id TEXT NOT NULL,
	id TEXT NOT NULL,
	remote_id TEXT NOT NULL,
	account_id TEXT NOT NULL,
	name TEXT NOT NULL,
	fold TEXT NOT NULL,
	contract_type TEXT,
	status TEXT,
	cycle TEXT,
	currency TEXT,
	parent_remote_id TEXT,
	prorates BIGINT NOT NULL,
	start_day BIGINT,
	end_day BIGINT,
	billed_through BIGINT,
	seen_run BIGINT NOT NULL,
	gone_at BIGINT,
	PRIMARY KEY (org_id, id)
);
CREATE INDEX psa_contracts_by_account ON psa_contracts (org_id, account_id, id);

CREATE TABLE psa_lines (
	org_id TEXT NOT NULL,
	id TEXT NOT NULL,
	remote_id TEXT NOT NULL,
	contract_id TEXT NOT NULL,
	product_id TEXT NOT NULL,
	description TEXT,
	version TEXT,
	quantity BIGINT NOT NULL,
	included BIGINT NOT NULL,
	unit_price BIGINT,
	unit_cost BIGINT,
	serialized BIGINT NOT NULL,
	billable BIGINT NOT NULL,
	effective_day BIGINT,
	cancelled_day BIGINT,
	read_at BIGINT NOT NULL,
	gone_at BIGINT,
	PRIMARY KEY (org_id, id)
);
CREATE INDEX psa_lines_by_contract ON psa_lines (org_id, contract_id, id);

-- What the last sync left out, and why.
CREATE TABLE psa_skips (
	org_id TEXT NOT NULL,
	what TEXT NOT NULL,
	remote_id TEXT NOT NULL,
	name TEXT,
	reason TEXT NOT NULL,
	seen_run BIGINT NOT NULL,
	PRIMARY KEY (org_id, what, remote_id)
);

-- Every quantity a line was seen with, from when on.
CREATE TABLE line_history (
	org_id TEXT NOT NULL,
	line_id TEXT NOT NULL,
	at BIGINT NOT NULL,
	quantity BIGINT NOT NULL,
	PRIMARY KEY (org_id, line_id, at)
) /* clustered */;

-- Changes that two persons must approve: each rule says which. NULL: whatever it is. Amounts are of one billing period.
CREATE TABLE approval_rules (
	org_id TEXT NOT NULL,
	id TEXT NOT NULL,
	name TEXT NOT NULL,
	direction TEXT NOT NULL,
	account_id TEXT,
	min_units BIGINT,
	min_money BIGINT,
	created_by TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	PRIMARY KEY (org_id, id)
);

-- What a first person approved, until a second one does. The terms are what both must have seen.
CREATE TABLE approvals_awaiting (
	org_id TEXT NOT NULL,
	card_id TEXT NOT NULL,
	rule_id TEXT NOT NULL,
	terms TEXT NOT NULL,
	quantity BIGINT NOT NULL,
	psa_units BIGINT,
	note TEXT,
	asked_by TEXT NOT NULL,
	asked_by_id TEXT NOT NULL,
	asked_at BIGINT NOT NULL,
	PRIMARY KEY (org_id, card_id)
);

-- What a token may reach: names of scopes, blank between them. NULL: all that its role may.
ALTER TABLE tokens ADD COLUMN scopes TEXT;

-- What was learnt of names, the rules, and the cards made from all of it.

-- A pair of names that a person accepted or rejected; kind is 'account' or 'service'.
CREATE TABLE aliases (
	org_id TEXT NOT NULL,
	kind TEXT NOT NULL,
	fold TEXT NOT NULL,
	target_id TEXT NOT NULL,
	verdict TEXT NOT NULL,
	decided_by TEXT,
	decided_at BIGINT NOT NULL,
	PRIMARY KEY (org_id, kind, fold, target_id)
);

-- A rule holds where every scope it names fits (NULL = any). Version grows with each change.
CREATE TABLE rules (
	org_id TEXT NOT NULL,
	id TEXT NOT NULL,
	version BIGINT NOT NULL,
	name TEXT NOT NULL,
	product_id TEXT,
	account_id TEXT,
	contract_id TEXT,
	convert_mul BIGINT,
	convert_div BIGINT,
	included BIGINT,
	minimum BIGINT,
	maximum BIGINT,
	round_mode TEXT,
	round_step BIGINT,
	reason TEXT,
	created_by TEXT,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (org_id, id)
);

-- "Bill this customer N of this product", with a reason and an end.
CREATE TABLE overrides (
	org_id TEXT NOT NULL,
	id TEXT NOT NULL,
	account_id TEXT NOT NULL,
	product_id TEXT NOT NULL,
	contract_id TEXT,
	quantity BIGINT NOT NULL,
	reason TEXT NOT NULL,
	expires_day BIGINT,
	created_by TEXT,
	created_at BIGINT NOT NULL,
	PRIMARY KEY (org_id, id)
);

-- A view: rebuilt from book, counts, mappings, rules and decisions. line_id and contract_id are
-- NULL for new revenue and where several lines match (then `choices` holds them as JSON). digest: of all
-- that a rebuild would write; whoever else changes a card gives it another one.
CREATE TABLE cards (
	org_id TEXT NOT NULL,
	id TEXT NOT NULL,
	kind TEXT NOT NULL,
	state TEXT NOT NULL,
	state_why TEXT,
	account_id TEXT NOT NULL,
	product_id TEXT NOT NULL,
	contract_id TEXT,
	line_id TEXT,
	integration_ids TEXT NOT NULL,
	vendors TEXT NOT NULL,
	unit_basis TEXT,
	psa_units BIGINT,
	vendor_units BIGINT,
	target_units BIGINT,
	reconciled_units BIGINT,
	change_units BIGINT NOT NULL,
	change_money BIGINT,
	currency TEXT,
	value_state TEXT NOT NULL,
	effective_day BIGINT,
	choices TEXT,
	sources TEXT NOT NULL,
	why TEXT NOT NULL,
	sort_account TEXT NOT NULL,
	sort_product TEXT NOT NULL,
	sort_contract TEXT NOT NULL,
	search TEXT NOT NULL,
	decision_id TEXT,
	digest BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (org_id, id)
);
-- What the sums are made of, and the order of a list.
CREATE INDEX cards_by_state ON cards (org_id, state, kind, currency, product_id, contract_id, change_money, psa_units, vendor_units,
	target_units, reconciled_units);
CREATE INDEX cards_by_account ON cards (org_id, sort_account, sort_product, id);
-- What a rebuild compares with, without reading the cards themselves.
CREATE INDEX cards_by_digest ON cards (org_id, id, digest, line_id);

-- Append-only. seen_* is what the person looked at.
CREATE TABLE decisions (
	org_id TEXT NOT NULL,
	id TEXT NOT NULL,
	seq BIGINT NOT NULL,
	card_id TEXT NOT NULL,
	batch_id TEXT NOT NULL,
	kind TEXT NOT NULL,
	quantity BIGINT,
	seen_psa_units BIGINT,
	seen_target_units BIGINT,
	seen_line_id TEXT,
	effective_day BIGINT,
	note TEXT,
	decided_by TEXT NOT NULL,
	decided_by_id TEXT,
	decided_at BIGINT NOT NULL,
	PRIMARY KEY (org_id, id)
);
CREATE INDEX decisions_by_card ON decisions (org_id, card_id, seq);
CREATE INDEX decisions_by_batch ON decisions (org_id, batch_id);

CREATE TABLE batches (
	org_id TEXT NOT NULL,
	id TEXT NOT NULL,
	kind TEXT NOT NULL,
	rollback_of TEXT,
	note TEXT,
	created_by TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	PRIMARY KEY (org_id, id)
);

CREATE TABLE tags (
	org_id TEXT NOT NULL,
	id TEXT NOT NULL,
	name TEXT NOT NULL,
	fold TEXT NOT NULL,
	color TEXT NOT NULL,
	PRIMARY KEY (org_id, id)
);
CREATE UNIQUE INDEX tags_by_fold ON tags (org_id, fold);

-- subject_kind: 'account', 'product' or 'card'.
CREATE TABLE taggings (
	org_id TEXT NOT NULL,
	subject_kind TEXT NOT NULL,
	subject_id TEXT NOT NULL,
	tag_id TEXT NOT NULL,
	PRIMARY KEY (org_id, subject_kind, subject_id, tag_id)
);

CREATE TABLE notes (
	org_id TEXT NOT NULL,
	id TEXT NOT NULL,
	subject_kind TEXT NOT NULL,
	subject_id TEXT NOT NULL,
	note TEXT NOT NULL,
	created_by TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	PRIMARY KEY (org_id, id)
);
CREATE INDEX notes_by_subject ON notes (org_id, subject_kind, subject_id, id);

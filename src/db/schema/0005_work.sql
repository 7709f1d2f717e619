-- The outbox and the jobs.

-- kind: set_quantity, set_from_date, add_line, remove_added. State moves only through
-- outbox_move(). `journal` is the connector's own resume mark.
CREATE TABLE writes (
	org_id TEXT NOT NULL,
	id TEXT NOT NULL,
	seq BIGINT NOT NULL,
	batch_id TEXT NOT NULL,
	card_id TEXT NOT NULL,
	decision_id TEXT NOT NULL,
	rollback_of TEXT,
	kind TEXT NOT NULL,
	state TEXT NOT NULL,
	account_id TEXT NOT NULL,
	contract_id TEXT NOT NULL,
	line_id TEXT,
	product_id TEXT NOT NULL,
	contract_remote_id TEXT NOT NULL,
	line_remote_id TEXT,
	product_remote_id TEXT NOT NULL,
	expect BIGINT NOT NULL,
	want BIGINT NOT NULL,
	effective_day BIGINT,
	billed_through BIGINT,
	unit_price BIGINT,
	description TEXT,
	request TEXT NOT NULL,
	journal TEXT,
	before TEXT,
	after TEXT,
	read_back TEXT,
	result_line_remote_id TEXT,
	detail TEXT,
	attempts BIGINT NOT NULL,
	next_try_at BIGINT,
	lease_owner TEXT,
	lease_until BIGINT,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (org_id, id)
);
CREATE INDEX writes_by_batch ON writes (org_id, batch_id, seq);
CREATE INDEX writes_by_state ON writes (org_id, state, seq);
CREATE INDEX writes_by_card ON writes (org_id, card_id, seq);

-- Every step of every write.
CREATE TABLE write_steps (
	org_id TEXT NOT NULL,
	write_id TEXT NOT NULL,
	seq BIGINT NOT NULL,
	at BIGINT NOT NULL,
	from_state TEXT NOT NULL,
	to_state TEXT NOT NULL,
	detail TEXT,
	PRIMARY KEY (org_id, write_id, seq)
) /* clustered */;

-- state: queued, running, done, failed. A running job whose lease ran out is taken again.
CREATE TABLE jobs (
	org_id TEXT NOT NULL,
	id TEXT NOT NULL,
	kind TEXT NOT NULL,
	state TEXT NOT NULL,
	args TEXT NOT NULL,
	dedupe TEXT,
	phase TEXT,
	done BIGINT NOT NULL,
	total BIGINT NOT NULL,
	error TEXT,
	result TEXT,
	attempts BIGINT NOT NULL,
	run_at BIGINT NOT NULL,
	lease_owner TEXT,
	lease_until BIGINT,
	created_by TEXT,
	created_at BIGINT NOT NULL,
	started_at BIGINT,
	finished_at BIGINT,
	PRIMARY KEY (org_id, id)
);
CREATE INDEX jobs_by_state ON jobs (state, run_at);
CREATE INDEX jobs_by_kind ON jobs (org_id, kind, created_at);

-- When each regular work of an organization is due next, under the schedule text it was computed from.
CREATE TABLE schedule_marks (
	org_id TEXT NOT NULL,
	name TEXT NOT NULL,
	schedule TEXT NOT NULL,
	next_at BIGINT NOT NULL,
	PRIMARY KEY (org_id, name)
);

-- Files that people bring: what came in, how it is read, and what became of each row.

-- state: uploaded (not said yet what is what), ready, running, done, failed. settings: JSON of core/usage/import.h.
CREATE TABLE imports (
	org_id TEXT NOT NULL,
	id TEXT NOT NULL,
	filename TEXT NOT NULL,
	size BIGINT NOT NULL,
	content_hash TEXT NOT NULL,
	header_hash TEXT,
	format TEXT NOT NULL,
	encoding TEXT NOT NULL,
	delimiter TEXT,
	worksheet TEXT,
	integration_id TEXT,
	settings TEXT NOT NULL,
	state TEXT NOT NULL,
	job_id TEXT,
	run_id TEXT,
	accepted BIGINT NOT NULL,
	rejected BIGINT NOT NULL,
	ignored BIGINT NOT NULL,
	error TEXT,
	created_by TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	finished_at BIGINT,
	PRIMARY KEY (org_id, id)
);
CREATE INDEX imports_by_hash ON imports (org_id, content_hash);

-- The file itself, compressed and in base64, in pieces; kept until the import is done.
CREATE TABLE import_pieces (
	org_id TEXT NOT NULL,
	import_id TEXT NOT NULL,
	position BIGINT NOT NULL,
	content TEXT NOT NULL,
	PRIMARY KEY (org_id, import_id, position)
) /* clustered */;

-- Rows as they were read. quantity NULL: the row was rejected, and its pair waits with it.
CREATE TABLE import_lines (
	org_id TEXT NOT NULL,
	import_id TEXT NOT NULL,
	line BIGINT NOT NULL,
	account TEXT NOT NULL,
	service TEXT NOT NULL,
	quantity BIGINT,
	unit_cost BIGINT,
	currency TEXT,
	period TEXT,
	note TEXT,
	PRIMARY KEY (org_id, import_id, line)
) /* clustered */;

CREATE TABLE import_rejects (
	org_id TEXT NOT NULL,
	import_id TEXT NOT NULL,
	line BIGINT NOT NULL,
	reason TEXT NOT NULL,
	PRIMARY KEY (org_id, import_id, line)
) /* clustered */;

-- How a file with these headings is read, remembered for the next month.
CREATE TABLE import_profiles (
	org_id TEXT NOT NULL,
	id TEXT NOT NULL,
	name TEXT NOT NULL,
	header_hash TEXT NOT NULL,
	integration_id TEXT NOT NULL,
	settings TEXT NOT NULL,
	created_by TEXT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (org_id, id)
);
CREATE UNIQUE INDEX import_profiles_by_header ON import_profiles (org_id, header_hash);

-- The line report of a PSA over files: the newest one.
CREATE TABLE psa_files (
	org_id TEXT NOT NULL,
	filename TEXT NOT NULL,
	size BIGINT NOT NULL,
	content_hash TEXT NOT NULL,
	created_by TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	PRIMARY KEY (org_id)
);

CREATE TABLE psa_file_pieces (
	org_id TEXT NOT NULL,
	position BIGINT NOT NULL,
	content TEXT NOT NULL,
	PRIMARY KEY (org_id, position)
) /* clustered */;

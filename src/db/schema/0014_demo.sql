-- Organizations that hold sample data instead of somebody's own: one row while they do. job_id: the job that makes it.
-- filled_at: when the vendors' part of it was taken in.
CREATE TABLE demo (
	org_id TEXT NOT NULL,
	job_id TEXT NOT NULL,
	started_by TEXT NOT NULL,
	started_at BIGINT NOT NULL,
	filled_at BIGINT,
	PRIMARY KEY (org_id)
);

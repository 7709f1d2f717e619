-- What waits in the dark: one row while it lasts.
CREATE TABLE alarms (
	org_id TEXT NOT NULL,
	name TEXT NOT NULL,
	since BIGINT NOT NULL,
	detail TEXT NOT NULL,
	PRIMARY KEY (org_id, name)
);

-- PostgreSQL: the last commit of each writer. After a server that died the number of a transaction may be another's;
-- this row is the proof of whose it was. SQLite needs none: its writer cannot be cut off from it.
CREATE TABLE commit_marks (
	writer TEXT NOT NULL,
	mark BIGINT NOT NULL,
	marked_at BIGINT NOT NULL,
	PRIMARY KEY (writer)
);

-- Which schema steps this store has seen. Made before all others, by every program that opens the store.

CREATE TABLE IF NOT EXISTS schema_version (
	number BIGINT NOT NULL,
	name TEXT NOT NULL,
	applied_at BIGINT NOT NULL,
	PRIMARY KEY (number)
);

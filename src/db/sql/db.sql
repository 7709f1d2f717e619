-- The store's own statements.

-- name: schema_table_exists @sqlite
SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table' AND name = 'schema_version'

-- name: schema_table_exists @postgres
SELECT COUNT(*) FROM pg_class WHERE oid = to_regclass('schema_version')

-- name: schema_other_tables @sqlite
SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table' AND name <> 'schema_version'

-- A PostgreSQL schema may hold tables of other programs.
-- name: schema_other_tables @postgres
SELECT 0

-- name: schema_list
SELECT number, name FROM schema_version ORDER BY number

-- name: schema_note
INSERT INTO schema_version (number, name, applied_at) VALUES ($1, $2, $3)

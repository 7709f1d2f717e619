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

-- Whether the engine finds its own file in order: the first complaint, or 'ok'. A PostgreSQL server looks after its own.
-- name: store_check @sqlite
PRAGMA integrity_check(1)

-- name: store_check @postgres
SELECT 'ok'

-- The latest moment the store knows of.
-- name: store_newest
SELECT COALESCE(MAX(at), 0) FROM audit

-- name: psafile_put
INSERT INTO psa_files (org_id, filename, size, content_hash, created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (org_id) DO UPDATE SET filename = excluded.filename, size = excluded.size,
	content_hash = excluded.content_hash, created_by = excluded.created_by, created_at = excluded.created_at

-- name: psafile_forget
DELETE FROM psa_file_pieces WHERE org_id = $1

-- name: psafile_piece_add
INSERT INTO psa_file_pieces (org_id, position, content) VALUES ($1, $2, $3)

-- name: psafile_get
SELECT filename FROM psa_files WHERE org_id = $1

-- name: psafile_pieces
SELECT content FROM psa_file_pieces WHERE org_id = $1 ORDER BY position

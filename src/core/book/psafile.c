#include "core/book/psafile.h"

#include "base/clock.h"
#include "base/codec.h"
#include "core/pack.h"

#include <stdlib.h>

struct pieces {
	struct tx *tx;
	const char *org;
	int64_t position;
};

static enum rc put_piece(void *arg, const char *text, struct err *e)
{
	struct pieces *p = arg;

	return sql_exec(p->tx, e, SQL_PSAFILE_PIECE_ADD, "tit", p->org, p->position++, text);
}

enum rc psafile_put(struct tx *tx, const char *org, const char *name, const void *content, size_t len, const char *who,
	struct err *e)
{
	struct pieces pieces = { tx, org, 0 };
	char hash[HASH_TEXT];
	enum rc rc;

	hash_hex(content, len, hash);
	rc = sql_exec(tx, e, SQL_PSAFILE_PUT, "ttitti", org, name, (int64_t)len, hash, who, clock_now());
	if (rc == RC_OK)
		rc = sql_exec(tx, e, SQL_PSAFILE_FORGET, "t", org);
	return rc == RC_OK ? pack_text(content, len, put_piece, &pieces, e) : rc;
}

static enum rc read_name(struct tx *tx, struct arena *a, const char *org, const char **ret, struct err *e)
{
	struct rows r;

	*ret = NULL;
	sql_query(tx, &r, SQL_PSAFILE_GET, "t", org);
	if (rows_next(&r))
		*ret = rows_dup(&r, a, 0);
	return rows_end(&r, e);
}

static enum rc unpack(struct tx *tx, const char *org, FILE *out, struct err *e)
{
	struct unpacker *u = unpacker_new(out);
	struct rows r;
	enum rc rc = RC_OK, end;

	sql_query(tx, &r, SQL_PSAFILE_PIECES, "t", org);
	while (rc == RC_OK && rows_next(&r))
		rc = unpacker_put(u, rows_text(&r, 0), e);
	end = rows_end(&r, rc == RC_OK ? e : NULL);
	if (rc == RC_OK)
		rc = end;
	if (rc == RC_OK)
		rc = unpacker_end(u, e);
	unpacker_free(u);
	return rc;
}

enum rc psafile_get(struct tx *tx, struct arena *a, const char *org, char **ret_content, size_t *ret_len,
	const char **ret_name, struct err *e)
{
	enum rc rc = read_name(tx, a, org, ret_name, e);
	FILE *out;

	*ret_content = NULL;
	*ret_len = 0;
	if (rc != RC_OK || !*ret_name)
		return rc;
	out = open_memstream(ret_content, ret_len);
	if (!out)
		return err_set(e, RC_INTERNAL, "The file cannot be opened in memory.");
	rc = unpack(tx, org, out, e);
	fclose(out);
	if (rc != RC_OK) {
		free(*ret_content);
		*ret_content = NULL;
	}
	return rc;
}

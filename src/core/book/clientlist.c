#include "core/book/clientlist.h"

#include "base/text.h"

struct client {
	const char *id, *name;
};

static enum rc read_page(struct tx *tx, const char *org, const char *search, const char *previous, struct client *ret,
	size_t *ret_count, struct err *e)
{
	struct arena *a = tx_arena(tx);
	struct rows r;

	*ret_count = 0;
	sql_query(tx, &r, SQL_CLIENT_PAGE, "ttti", org, text_like(a, search ? text_fold(a, search) : ""),
		previous ? previous : "", (int64_t)CLIENT_PAGE + 1);
	while (rows_next(&r)) {
		ret[*ret_count].id = rows_dup(&r, a, 0);
		ret[(*ret_count)++].name = rows_dup(&r, a, 1);
	}
	return rows_end(&r, e);
}

enum rc client_write_page(
	struct tx *tx, const char *org, const char *search, const char *previous, struct jsonw *w, struct err *e)
{
	struct client clients[CLIENT_PAGE + 1];
	size_t read, count;
	enum rc rc = read_page(tx, org, search, previous, clients, &read, e);

	if (rc != RC_OK)
		return rc;
	count = read > CLIENT_PAGE ? CLIENT_PAGE : read;
	jsonw_object(w);
	jsonw_key(w, "meta");
	jsonw_object(w);
	jsonw_kv_int(w, "count", (int64_t)count);
	jsonw_kv_bool(w, "hasMore", read > count);
	jsonw_kv(w, "previousId", count ? clients[count - 1].id : previous);
	jsonw_end_object(w);
	jsonw_key(w, "clients");
	jsonw_array(w);
	for (size_t i = 0; i < count; i++) {
		jsonw_object(w);
		jsonw_kv(w, "_id", clients[i].id);
		jsonw_kv(w, "id", clients[i].id);
		jsonw_kv(w, "name", clients[i].name);
		jsonw_end_object(w);
	}
	jsonw_end_array(w);
	jsonw_end_object(w);
	return RC_OK;
}

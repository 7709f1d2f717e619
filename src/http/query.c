/* query.c - parameters after the question mark. */
#include "base/codec.h"
#include "http/http.h"

#include <string.h>

const char *http_query_nth(struct request *rq, const char *name, unsigned n)
{
	size_t want = strlen(name), len, eq;
	char *key;

	for (const char *p = rq->query; *p; p += len + (p[len] == '&')) {
		len = strcspn(p, "&");
		eq = strcspn(p, "=&");
		if (eq < want)
			continue;
		key = url_decode(&rq->arena, p, eq, true);
		if (strcmp(key, name) != 0 || n-- > 0)
			continue;
		return p[eq] == '=' ? url_decode(&rq->arena, p + eq + 1, len - eq - 1, true) : "";
	}
	return NULL;
}

const char *http_query(struct request *rq, const char *name)
{
	return http_query_nth(rq, name, 0);
}

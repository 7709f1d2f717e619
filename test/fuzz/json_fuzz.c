/* JSON: what is read and written again reads the same. */
#include "fuzz.h"

#include "base/json.h"

#include <string.h>

static void print(const struct json *v, struct buf *out, unsigned flags)
{
	struct jsonw w;

	jsonw_init(&w, out, flags);
	jsonw_value(&w, v);
}

static void read_again(struct arena *a, const struct json *v, unsigned flags)
{
	static const struct json_limits limits = JSON_LIMITS_DEFAULT;
	struct buf once = BUF_INIT(1 << 24), twice = BUF_INIT(1 << 24);
	struct json *again;
	struct err e;

	print(v, &once, flags);
	HOLDS(!once.failed);
	HOLDS(json_parse(a, once.data, once.len, &limits, &again, &e) == RC_OK);
	print(again, &twice, flags);
	HOLDS(once.len == twice.len && memcmp(once.data, twice.data, once.len) == 0);
	buf_release(&once);
	buf_release(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct json_limits limits = { 1 << 16, 16, 1 << 12 };
	AUTO(arena) a = ARENA_INIT;
	struct json *v;
	struct err e = ERR_INIT;

	if (json_parse(&a, (const char *)data, len, &limits, &v, &e) == RC_OK) {
		read_again(&a, v, 0);
		read_again(&a, v, JSONW_ASCII);
	} else {
		HOLDS(e.rc == RC_INVALID && e.text[0]);
	}
	return 0;
}

/* Signed tokens of a sign-in provider: the first line is a token, what follows the provider's keys. Nobody holds the
 * keys of the kept inputs, so no input may ever pass. */
#include "fuzz.h"

#include "core/people/jwt.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct json_limits limits = JSON_LIMITS_DEFAULT;
	const char *end = len ? memchr(data, '\n', len) : NULL;
	size_t first = end ? (size_t)(end - (const char *)data) : len;
	AUTO(arena) a = ARENA_INIT;
	struct json *keys = NULL, *claims = NULL;
	struct err e = ERR_INIT;
	enum rc rc;

	if (!end || json_parse(&a, end + 1, len - first - 1, &limits, &keys, &e) != RC_OK)
		return 0;
	rc = jwt_verify(&a, arena_strndup(&a, (const char *)data, first), keys, &claims, &e);
	HOLDS(rc == RC_DENIED || rc == RC_INVALID);
	HOLDS(e.text[0]);
	return 0;
}

/* Base64, URL escapes and encodings: what is decoded and encoded again decodes the same. */
#include "fuzz.h"

#include "base/codec.h"

#include <string.h>

static void check_base64(struct arena *a, const char *text)
{
	char *bytes, *again;
	size_t len, again_len;

	if (base64_decode(a, text, &bytes, &len) != RC_OK)
		return;
	HOLDS(base64_decode(a, base64_encode(a, bytes, len), &again, &again_len) == RC_OK);
	HOLDS(len == again_len && memcmp(bytes, again, len) == 0);
}

static void check_url(struct arena *a, const char *text)
{
	const char *escaped = url_encode(a, text);

	HOLDS(strspn(escaped, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~%") ==
		strlen(escaped));
	HOLDS(strcmp(url_decode(a, escaped, strlen(escaped), false), text) == 0);
	HOLDS(strcmp(url_decode(a, escaped, strlen(escaped), true), text) == 0);
	HOLDS(strlen(url_decode(a, text, strlen(text), true)) <= strlen(text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	AUTO(arena) a = ARENA_INIT;
	const char *text = arena_strndup(&a, (const char *)data, len);
	size_t size;
	char *utf8;

	check_base64(&a, text);
	check_url(&a, text);
	utf8 = text_to_utf8(&a, (const char *)data, len, &size);
	HOLDS(utf8_valid(utf8, size) && utf8[size] == '\0');
	return 0;
}

/* Addresses from settings and answers, and the tokens of vendors: what passes the strict rule passes the wide one, is
 * https without a name and password in it, and is of its own origin; a token that is read has whole hashes. */
#include "fuzz.h"

#include "core/usage/pushkey.h"
#include "net/hostrule.h"

#include <string.h>
#include <strings.h>

static void check_rule(const char *url)
{
	struct err e = ERR_INIT;
	const char *host;

	if (hostrule_check(url, false, &e) != RC_OK) {
		HOLDS(e.rc == RC_INVALID && *e.text);
		return;
	}
	HOLDS(hostrule_check(url, true, &e) == RC_OK);
	/* libcurl, which calls it, takes one slash to three. */
	HOLDS(strncasecmp(url, "https:", 6) == 0);
	host = url + 6 + strspn(url + 6, "/");
	HOLDS(!memchr(host, '@', strcspn(host, "/?#")));
	HOLDS(hostrule_same_origin(url, url));
}

static void check_token(struct arena *a, const char *header)
{
	struct pushkey_hash h = { 0 };
	struct err e = ERR_INIT;

	if (pushkey_read(a, header, &h, &e) != RC_OK) {
		HOLDS(e.rc == RC_UNAUTHORIZED);
		return;
	}
	HOLDS(strlen(h.vendor) == 64);
	HOLDS(h.vendor_only || strlen(h.partner) == 64);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	AUTO(arena) a = ARENA_INIT;
	char *text = arena_strndup(&a, (const char *)data, len);
	char *second = strchr(text, '\n');

	check_token(&a, text);
	if (second) {
		*second++ = '\0';
		HOLDS(hostrule_same_origin(text, second) == hostrule_same_origin(second, text));
	}
	check_rule(text);
	return 0;
}

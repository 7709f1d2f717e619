/* A webhook of Coro: signed by HMAC-SHA-256 over its id, not over its body. So it is taken as a reason to read again,
 * never as a figure. Whether the signature is hex or base64 is not published; both are understood. */
#include "vendor/coro/coro.h"

#include <sodium.h>
#include <string.h>

#include "base/codec.h"

enum { HOOK_ID_MAX = 256 };

bool coro_hook(const struct json *settings, const char *(*header)(void *arg, const char *name), void *arg)
{
	const char *secret = json_text_or(json_get(settings, "webhook_secret"), "");
	const char *id = header(arg, "X-Coro-Hook-Id"), *signature = header(arg, "X-Coro-Signature");
	unsigned char mac[crypto_auth_hmacsha256_BYTES];
	char hex[2 * sizeof(mac) + 1];
	crypto_auth_hmacsha256_state state;
	struct arena a = ARENA_INIT;
	bool good;

	if (!*secret || !id || !*id || strlen(id) > HOOK_ID_MAX || !signature)
		return false;
	crypto_auth_hmacsha256_init(&state, (const unsigned char *)secret, strlen(secret));
	crypto_auth_hmacsha256_update(&state, (const unsigned char *)id, strlen(id));
	crypto_auth_hmacsha256_final(&state, mac);
	hex_encode(mac, sizeof(mac), hex);
	good = same_secret(signature, hex) || same_secret(signature, base64_encode(&a, mac, sizeof(mac)));
	arena_release(&a);
	return good;
}

#include "vendor/declared/jwt.h"

#include "base/codec.h"

#include <sodium.h>
#include <string.h>

const char *jwt_hs512(struct arena *a, const char *claims, const char *secret)
{
	static const char head[] = "{\"alg\":\"HS512\",\"typ\":\"JWT\"}";
	const char *text = arena_printf(a, "%s.%s", base64url_encode(a, head, sizeof(head) - 1),
		base64url_encode(a, claims, strlen(claims)));
	unsigned char mac[crypto_auth_hmacsha512_BYTES];
	crypto_auth_hmacsha512_state state;

	crypto_auth_hmacsha512_init(&state, (const unsigned char *)secret, strlen(secret));
	crypto_auth_hmacsha512_update(&state, (const unsigned char *)text, strlen(text));
	crypto_auth_hmacsha512_final(&state, mac);
	return arena_printf(a, "%s.%s", text, base64url_encode(a, mac, sizeof(mac)));
}

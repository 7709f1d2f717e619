#include "vendor/declared/jwt.h"

#include <sodium.h>
#include <string.h>

static const char *part(struct arena *a, const void *data, size_t len)
{
	size_t room = sodium_base64_encoded_len(len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	char *text = arena_alloc(a, room);

	return sodium_bin2base64(text, room, data, len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

const char *jwt_hs512(struct arena *a, const char *claims, const char *secret)
{
	static const char head[] = "{\"alg\":\"HS512\",\"typ\":\"JWT\"}";
	const char *text = arena_printf(a, "%s.%s", part(a, head, sizeof(head) - 1), part(a, claims, strlen(claims)));
	unsigned char mac[crypto_auth_hmacsha512_BYTES];
	crypto_auth_hmacsha512_state state;

	crypto_auth_hmacsha512_init(&state, (const unsigned char *)secret, strlen(secret));
	crypto_auth_hmacsha512_update(&state, (const unsigned char *)text, strlen(text));
	crypto_auth_hmacsha512_final(&state, mac);
	return arena_printf(a, "%s.%s", text, part(a, mac, sizeof(mac)));
}

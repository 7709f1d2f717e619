#include "base/codec.h"

#include <sodium.h>
#include <string.h>

void hex_encode(const void *data, size_t len, char *out)
{
	sodium_bin2hex(out, 2 * len + 1, data, len);
}

char *base64_encode(struct arena *a, const void *data, size_t len)
{
	size_t size = sodium_base64_encoded_len(len, sodium_base64_VARIANT_ORIGINAL);
	char *out = arena_alloc(a, size);

	return sodium_bin2base64(out, size, data, len, sodium_base64_VARIANT_ORIGINAL);
}

/* Alphabet made standard, padding and blanks around taken off. Result without NUL in `out`. */
static size_t base64_plain(const char *text, char *out)
{
	size_t len = 0, end = strlen(text), at = strspn(text, " \t\r\n");

	while (end > at && strchr(" \t\r\n", text[end - 1]))
		end--;
	while (end > at && text[end - 1] == '=')
		end--;
	for (; at < end; at++)
		out[len++] = text[at] == '-' ? '+' : text[at] == '_' ? '/' : text[at];
	return len;
}

char *base64url_encode(struct arena *a, const void *data, size_t len)
{
	size_t room = sodium_base64_encoded_len(len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);

	return sodium_bin2base64(arena_alloc(a, room), room, data, len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

enum rc base64_decode(struct arena *a, const char *text, char **ret, size_t *ret_len)
{
	char *plain = arena_alloc(a, strlen(text) + 1);
	size_t len = base64_plain(text, plain);
	size_t size = len / 4 * 3 + 3;
	char *out = arena_alloc(a, size + 1);
	const char *end;

	if (sodium_base642bin((unsigned char *)out, size, plain, len, NULL, ret_len, &end,
		    sodium_base64_VARIANT_ORIGINAL_NO_PADDING) != 0 || end != plain + len)
		return RC_INVALID;
	*ret = out;
	return RC_OK;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

char *url_decode(struct arena *a, const char *s, size_t len, bool plus)
{
	char *out = arena_alloc(a, len + 1);
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		int high = s[i] == '%' && i + 2 < len ? hex_digit(s[i + 1]) : -1;
		int low = high >= 0 ? hex_digit(s[i + 2]) : -1;

		if (low >= 0) {
			out[n++] = (char)(high * 16 + low);
			i += 2;
		} else {
			out[n++] = plus && s[i] == '+' ? ' ' : s[i];
		}
	}
	return out;
}

static bool unreserved(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c && strchr("-._~", c));
}

char *url_encode(struct arena *a, const char *s)
{
	static const char digits[] = "0123456789ABCDEF";
	char *out = arena_alloc(a, strlen(s) * 3 + 1);
	size_t n = 0;

	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (unreserved(c)) {
			out[n++] = (char)c;
			continue;
		}
		out[n++] = '%';
		out[n++] = digits[c >> 4];
		out[n++] = digits[c & 15];
	}
	return out;
}

/* Length of the valid sequence at `s`, 0 when there is none (RFC 3629: no overlong, no surrogates). */
static size_t utf8_sequence(const unsigned char *s, size_t len)
{
	unsigned char low = 0x80, high = 0xbf;
	size_t need;

	if (s[0] < 0x80)
		return 1;
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	need = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	if (len < need)
		return 0;
	if (s[0] == 0xe0)
		low = 0xa0;
	else if (s[0] == 0xed)
		high = 0x9f;
	else if (s[0] == 0xf0)
		low = 0x90;
	else if (s[0] == 0xf4)
		high = 0x8f;
	if (s[1] < low || s[1] > high)
		return 0;
	for (size_t i = 2; i < need; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	}
	return need;
}

bool utf8_valid(const char *s, size_t len)
{
	const unsigned char *u = (const unsigned char *)s;
	size_t at = 0;

	while (at < len) {
		size_t width = utf8_sequence(u + at, len - at);

		if (!width)
			return false;
		at += width;
	}
	return true;
}

/* Code points of the bytes 0x80 to 0x9f in windows-1252 (WHATWG Encoding, index windows-1252). */
static const unsigned short cp1252[32] = {
	0x20ac, 0x0081, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0x008d,
	0x017d, 0x008f, 0x0090, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a,
	0x0153, 0x009d, 0x017e, 0x0178,
};

size_t utf8_put(char *out, unsigned c)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

char *text_to_utf8(struct arena *a, const char *s, size_t len, size_t *ret_len)
{
	char *out;
	size_t n = 0;

	if (len >= 3 && memcmp(s, "\xef\xbb\xbf", 3) == 0) {
		s += 3;
		len -= 3;
	}
	if (utf8_valid(s, len)) {
		*ret_len = len;
		return arena_strndup(a, s, len);
	}
	out = arena_alloc(a, len * 3 + 1);
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];

		n += utf8_put(out + n, c >= 0x80 && c < 0xa0 ? cp1252[c - 0x80] : c);
	}
	*ret_len = n;
	return out;
}

void hash_hex(const void *data, size_t len, char out[HASH_TEXT])
{
	unsigned char hash[crypto_hash_sha256_BYTES];

	crypto_hash_sha256(hash, data, len);
	hex_encode(hash, sizeof(hash), out);
}

bool same_secret(const char *a, const char *b)
{
	size_t len = strlen(a);

	return len == strlen(b) && sodium_memcmp(a, b, len) == 0;
}

char *id_derive(struct arena *a, const char *first, ...)
{
	crypto_hash_sha256_state state;
	unsigned char hash[crypto_hash_sha256_BYTES];
	char *out = arena_alloc(a, 25);
	va_list ap;

	crypto_hash_sha256_init(&state);
	va_start(ap, first);
	/* The NUL goes in too, so that "a","bc" and "ab","c" differ. */
	for (const char *part = first; part; part = va_arg(ap, const char *))
		crypto_hash_sha256_update(&state, (const unsigned char *)part, strlen(part) + 1);
	va_end(ap);
	crypto_hash_sha256_final(&state, hash);
	hex_encode(hash, 12, out);
	return out;
}

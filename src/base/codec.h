/* codec.h - bytes and texts in other clothes: hex, base64, URL, UTF-8, hashes. */
#ifndef BASE_CODEC_H
#define BASE_CODEC_H

#include "base/buf.h"
#include "base/err.h"

void hex_encode(const void *data, size_t len, char *out);	/* out: 2 * len + 1 bytes */
char *base64_encode(struct arena *a, const void *data, size_t len);
/* The URL-safe alphabet, without padding. */
char *base64url_encode(struct arena *a, const void *data, size_t len);
/* Standard or URL-safe alphabet, padding or none, blanks around tolerated. RC_INVALID. */
enum rc base64_decode(struct arena *a, const char *text, char **ret, size_t *ret_len) MUST_CHECK;

/* %XX decoding; '+' becomes a blank when `plus`. Never fails: a bad escape stays as it is. */
char *url_decode(struct arena *a, const char *s, size_t len, bool plus);
/* Escapes all but unreserved characters. */
char *url_encode(struct arena *a, const char *s);

bool utf8_valid(const char *s, size_t len);
/* Writes the code point as 1 to 4 bytes and says how many. */
size_t utf8_put(char *out, unsigned code_point);
/* A text in the encoding vendors send without naming it: a BOM goes, UTF-8 stays, anything else
 * is read as windows-1252. Result is valid UTF-8 in the arena, NUL-ended. */
char *text_to_utf8(struct arena *a, const char *s, size_t len, size_t *ret_len);

/* SHA-256 of the bytes as 64 hex digits. */
#define HASH_TEXT 65
void hash_hex(const void *data, size_t len, char out[HASH_TEXT]);
/* Equal length and content, in time that depends on the length only. */
bool same_secret(const char *a, const char *b);
/* 24 hex digits from SHA-256 over the parts (NULL ends the list), for ids that must come out the
 * same at every rebuild. */
char *id_derive(struct arena *a, const char *first, ...) __attribute__((sentinel));

#endif

/* pack.h - a file as texts for the store: compressed (zstd), base64, in pieces of at most 256 KiB. */
#ifndef CORE_PACK_H
#define CORE_PACK_H

#include <stdio.h>

#include "base/err.h"

/* Gives `fn` each piece in order; an error of it ends the packing. */
enum rc pack_text(const void *data, size_t len, enum rc (*fn)(void *arg, const char *text, struct err *e),
	void *arg, struct err *e) MUST_CHECK;

struct unpacker;

/* Writes what comes out to `out`, which stays the caller's. */
struct unpacker *unpacker_new(FILE *out);
void unpacker_free(struct unpacker *u);
/* RC_IO: damaged, or the disk is full. */
enum rc unpacker_put(struct unpacker *u, const char *piece, struct err *e) MUST_CHECK;
/* RC_IO: pieces are missing. */
enum rc unpacker_end(struct unpacker *u, struct err *e) MUST_CHECK;

#endif

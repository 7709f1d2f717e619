#include "core/pack.h"

#include <stdlib.h>
#include <zstd.h>

#include "base/codec.h"

#define PIECE (192u << 10)	/* becomes 256 KiB of base64 */
#define LEVEL 3

enum rc pack_text(const void *data, size_t len, enum rc (*fn)(void *arg, const char *text, struct err *e),
	void *arg, struct err *e)
{
	size_t room = ZSTD_compressBound(len), packed;
	char *out = xmalloc(room);
	enum rc rc = RC_OK;

	packed = ZSTD_compress(out, room, data, len, LEVEL);
	if (ZSTD_isError(packed))
		BUG("zstd: %s", ZSTD_getErrorName(packed));
	for (size_t at = 0; rc == RC_OK && at < packed; at += PIECE) {
		struct arena scratch = ARENA_INIT;
		size_t part = packed - at < PIECE ? packed - at : PIECE;

		rc = fn(arg, base64_encode(&scratch, out + at, part), e);
		arena_release(&scratch);
	}
	free(out);
	return rc;
}

struct unpacker {
	ZSTD_DStream *stream;
	FILE *out;
	size_t left;		/* what zstd still waits for; 0 at the end of a frame */
};

struct unpacker *unpacker_new(FILE *out)
{
	struct unpacker *u = xcalloc(1, sizeof(*u));

	u->stream = ZSTD_createDStream();
	if (!u->stream)
		BUG("out of memory");
	u->out = out;
	u->left = 1;
	return u;
}

void unpacker_free(struct unpacker *u)
{
	if (!u)
		return;
	ZSTD_freeDStream(u->stream);
	free(u);
}

static enum rc unpack(struct unpacker *u, ZSTD_inBuffer *in, struct err *e)
{
	char block[65536];

	while (in->pos < in->size) {
		ZSTD_outBuffer out = { block, sizeof(block), 0 };

		u->left = ZSTD_decompressStream(u->stream, &out, in);
		if (ZSTD_isError(u->left))
			return err_set(
				e, RC_IO, "The kept file is damaged (%s); bring it again.", ZSTD_getErrorName(u->left));
		if (fwrite(block, 1, out.pos, u->out) != out.pos)
			return err_set(
				e, RC_IO, "The file could not be unpacked: the disk for temporary files is full.");
	}
	return RC_OK;
}

enum rc unpacker_put(struct unpacker *u, const char *piece, struct err *e)
{
	struct arena a = ARENA_INIT;
	ZSTD_inBuffer in = { 0 };
	char *data;
	enum rc rc;

	if (base64_decode(&a, piece, &data, &in.size) != RC_OK) {
		rc = err_set(e, RC_IO, "The kept file is damaged; bring it again.");
	} else {
		in.src = data;
		rc = unpack(u, &in, e);
	}
	arena_release(&a);
	return rc;
}

enum rc unpacker_end(struct unpacker *u, struct err *e)
{
	/* What the stream still holds comes out with empty input. */
	while (u->left) {
		char block[65536];
		ZSTD_inBuffer in = { "", 0, 0 };
		ZSTD_outBuffer out = { block, sizeof(block), 0 };
		size_t left = ZSTD_decompressStream(u->stream, &out, &in);

		if (ZSTD_isError(left) || (out.pos == 0 && left))
			return err_set(e, RC_IO, "The kept file is not whole; bring it again.");
		if (fwrite(block, 1, out.pos, u->out) != out.pos)
			return err_set(
				e, RC_IO, "The file could not be unpacked: the disk for temporary files is full.");
		u->left = left;
	}
	if (fflush(u->out) != 0)
		return err_set(e, RC_IO, "The file could not be unpacked: the disk for temporary files is full.");
	return RC_OK;
}

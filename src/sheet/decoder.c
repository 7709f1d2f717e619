/* The text of a file as UTF-8: the encoding is found out, iconv turns it, line ends become one. */
#include "sheet/source.h"

#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>

#include "base/codec.h"

#define BLOCK 65536

struct decoder {
	FILE *file;
	const char *encoding;
	long begin;		/* after the mark of byte order */
	iconv_t iconv;		/* (iconv_t)-1 for UTF-8 */
	char raw[BLOCK];
	size_t raw_len;		/* bytes kept from the block before: a sequence cut in two */
	char text[BLOCK * 3];
	size_t text_at, text_len;
	bool after_cr, ended;
};

static const struct encoding {
	const char *name, *iconv_name, *mark;
} encodings[] = {
	{ "utf-8", NULL, "\xef\xbb\xbf" },
	{ "utf-16le", "UTF-16LE", "\xff\xfe" },
	{ "utf-16be", "UTF-16BE", "\xfe\xff" },
	{ "windows-1252", "WINDOWS-1252", "" },
};

static const struct encoding *encoding_named(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(encodings); i++) {
		if (strcmp(encodings[i].name, name) == 0)
			return &encodings[i];
	}
	return NULL;
}

static bool has_mark(const struct encoding *c, const char *head, size_t len)
{
	size_t mark = strlen(c->mark);

	return mark && len >= mark && memcmp(head, c->mark, mark) == 0;
}

/* Latin text in UTF-16 without mark has a NUL in every second byte. */
static const struct encoding *by_nuls(const char *head, size_t len)
{
	size_t even = 0, odd = 0;

	for (size_t i = 0; i < len; i++) {
		if (!head[i])
			(*(i % 2 ? &odd : &even))++;
	}
	if (odd > len / 4 && even <= odd / 16)
		return &encodings[1];
	if (even > len / 4 && odd <= even / 16)
		return &encodings[2];
	return NULL;
}

/* Longest end of `s` that may be the beginning of a sequence. */
static size_t cut_sequence(const char *s, size_t len)
{
	for (size_t back = 1; back <= 3 && back <= len; back++) {
		unsigned char c = (unsigned char)s[len - back];

		if (c >= 0xc0)
			return (c >= 0xf0 ? 4u : c >= 0xe0 ? 3u : 2u) > back ? back : 0;
		if (c < 0x80)
			return 0;
	}
	return 0;
}

/* Reads all of the file: a single letter at its end decides too. */
static bool all_utf8(FILE *f, char *block)
{
	size_t kept = 0, got;
	bool good = true;

	rewind(f);
	while (good && (got = fread(block + kept, 1, BLOCK - kept, f)) > 0) {
		size_t len = kept + got, cut = cut_sequence(block, len);

		good = utf8_valid(block, len - cut);
		memmove(block, block + len - cut, cut);
		kept = cut;
	}
	rewind(f);
	return good && kept == 0;
}

static enum rc find_encoding(FILE *f, char *block, const struct encoding **ret, struct err *e)
{
	size_t len = fread(block, 1, BLOCK, f);

	rewind(f);
	for (size_t i = 0; i < ARRAY_LEN(encodings); i++) {
		if (has_mark(&encodings[i], block, len)) {
			*ret = &encodings[i];
			return RC_OK;
		}
	}
	*ret = by_nuls(block, len < 4096 ? len : 4096);
	if (*ret)
		return RC_OK;
	if (memchr(block, '\0', len))
		return err_set(e, RC_INVALID,
			"The file holds NUL bytes; it is not a table of text. Export it as CSV or XLSX.");
	*ret = all_utf8(f, block) ? &encodings[0] : &encodings[3];
	return RC_OK;
}

enum rc decoder_new(FILE *f, const char *encoding, struct decoder **ret, struct err *e)
{
	struct decoder *d = xcalloc(1, sizeof(*d));
	const struct encoding *c = encoding ? encoding_named(encoding) : NULL;
	enum rc rc = RC_OK;
	size_t len;

	if (!encoding)
		rc = find_encoding(f, d->raw, &c, e);
	if (rc == RC_OK && !c)
		rc = err_set(e, RC_INVALID,
			"There is no encoding %s here; use utf-8, utf-16le, utf-16be or windows-1252.", encoding);
	if (rc != RC_OK) {
		free(d);
		return rc;
	}
	rewind(f);
	len = fread(d->raw, 1, 8, f);
	d->begin = has_mark(c, d->raw, len) ? (long)strlen(c->mark) : 0;
	d->file = f;
	d->encoding = c->name;
	d->iconv = c->iconv_name ? iconv_open("UTF-8", c->iconv_name) : (iconv_t)-1;
	decoder_rewind(d);
	*ret = d;
	return RC_OK;
}

void decoder_free(struct decoder *d)
{
	if (!d)
		return;
	if (d->iconv != (iconv_t)-1)
		iconv_close(d->iconv);
	free(d);
}

const char *decoder_encoding(const struct decoder *d)
{
	return d->encoding;
}

void decoder_rewind(struct decoder *d)
{
	(void)fseek(d->file, d->begin, SEEK_SET);
	d->raw_len = d->text_at = d->text_len = 0;
	d->after_cr = d->ended = false;
}

/* What cannot be turned becomes U+FFFD, so that the rest of the row can still be read and shown. */
static void turn_with_iconv(struct decoder *d, size_t len, bool last)
{
	char *in = d->raw, *out = d->text;
	size_t left = len, room = sizeof(d->text);

	while (left && iconv(d->iconv, &in, &left, &out, &room) == (size_t)-1) {
		size_t skip = d->encoding[3] == '-' && d->encoding[4] == '1' ? 2 : 1;

		if (errno == E2BIG || room < 3 || (errno == EINVAL && !last))
			break;
		memcpy(out, "\xef\xbf\xbd", 3);
		out += 3;
		room -= 3;
		skip = skip < left ? skip : left;
		in += skip;
		left -= skip;
	}
	memmove(d->raw, in, left);
	d->raw_len = last ? 0 : left;
	d->text_len = (size_t)(out - d->text);
}

static void turn_utf8(struct decoder *d, size_t len, bool last)
{
	size_t cut = last ? 0 : cut_sequence(d->raw, len);
	struct arena a = ARENA_INIT;

	len -= cut;
	if (utf8_valid(d->raw, len)) {
		memcpy(d->text, d->raw, len);
		d->text_len = len;
	} else {
		/* Only when a person insisted on UTF-8 for what is none. */
		char *text = text_to_utf8(&a, d->raw, len, &d->text_len);

		memcpy(d->text, text, d->text_len);
		arena_release(&a);
	}
	memmove(d->raw, d->raw + len, cut);
	d->raw_len = cut;
}

/* "\r\n" and a lone "\r" become "\n", also when a block ends between the two. Works in place. */
static void one_line_end(struct decoder *d)
{
	size_t out = 0;

	for (size_t i = 0; i < d->text_len; i++) {
		char c = d->text[i];

		if (c == '\n' && d->after_cr) {
			d->after_cr = false;
			continue;
		}
		d->after_cr = c == '\r';
		d->text[out++] = c == '\r' ? '\n' : c;
	}
	d->text_len = out;
}

static enum rc fill(struct decoder *d, struct err *e)
{
	size_t got = fread(d->raw + d->raw_len, 1, BLOCK - d->raw_len, d->file), len = d->raw_len + got;

	if (ferror(d->file))
		return err_set(e, RC_IO, "The file cannot be read to its end.");
	d->ended = got == 0;
	d->text_at = 0;
	if (d->iconv != (iconv_t)-1)
		turn_with_iconv(d, len, d->ended);
	else
		turn_utf8(d, len, d->ended);
	if (memchr(d->text, '\0', d->text_len))
		return err_set(e, RC_INVALID,
			"The file holds NUL characters; it is not a table of text. Export it as CSV or XLSX.");
	one_line_end(d);
	return RC_OK;
}

enum rc decoder_read(struct decoder *d, char *out, size_t size, size_t *ret_len, struct err *e)
{
	size_t len;

	while (d->text_at == d->text_len && !d->ended) {
		enum rc rc = fill(d, e);

		if (rc != RC_OK)
			return rc;
	}
	len = d->text_len - d->text_at;
	len = len < size ? len : size;
	memcpy(out, d->text + d->text_at, len);
	d->text_at += len;
	*ret_len = len;
	return RC_OK;
}

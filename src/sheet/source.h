/* source.h - inside of sheet: what each format does, and the text of a file as UTF-8. */
#ifndef SHEET_SOURCE_H
#define SHEET_SOURCE_H

#include "base/buf.h"
#include "base/num.h"
#include "sheet/sheet.h"

struct sheet_ops {
	enum rc (*next)(struct sheet *s, struct sheet_row *ret, struct err *e);
	void (*close)(struct sheet *s);
};

struct sheet {
	const struct sheet_ops *ops;
	struct sheet_facts facts;
	int64_t rows;
};

enum rc sheet_open_text(FILE *f, const struct sheet_options *options, struct sheet **ret, struct err *e) MUST_CHECK;
enum rc sheet_open_xlsx(FILE *f, const struct sheet_options *options, struct sheet **ret, struct err *e) MUST_CHECK;

/* Rows that are read and not yet asked for. Their cells live in the arena of the block that they came in. */
struct row_queue {
	struct arena arena;
	struct queued_row *first, **last;
};

void row_queue_init(struct row_queue *q);
/* Copies the pointers; the texts must be from the queue's arena. */
void row_queue_add(struct row_queue *q, int64_t line, const char *const *cell, size_t count);
/* False when it is empty. */
bool row_queue_take(struct row_queue *q, struct sheet_row *ret);
/* Forgets what was taken. `keep` are texts of a row that goes on in the next block; they move over. */
void row_queue_next_block(struct row_queue *q, const char **keep, size_t count);

struct decoder;

/* Reads `f` from its beginning. `encoding` NULL = find out. RC_INVALID: unknown encoding, or NULs: not a text. */
enum rc decoder_new(FILE *f, const char *encoding, struct decoder **ret, struct err *e) MUST_CHECK;
void decoder_free(struct decoder *d);
const char *decoder_encoding(const struct decoder *d);
/* Up to `size` bytes of UTF-8 with line ends made '\n'; *ret_len 0 at the end. */
enum rc decoder_read(struct decoder *d, char *out, size_t size, size_t *ret_len, struct err *e) MUST_CHECK;
/* Starts again at the beginning. */
void decoder_rewind(struct decoder *d);

#endif

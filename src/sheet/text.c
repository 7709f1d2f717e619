/* CSV, TSV and their kin: libcsv splits, this finds the delimiter and counts the lines. */
#include "sheet/source.h"
#include "sheet/writer.h"

#include <csv.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK 32768
#define SAMPLE_LINES 60

struct text_sheet {
	struct sheet base;
	struct decoder *decoder;
	struct csv_parser parser;
	struct row_queue queue;
	const char **cell;		/* of the row being read */
	size_t cells, cell_room;
	int64_t line;			/* where the row being read began */
	int64_t line_ends;		/* inside its quoted cells */
	bool ended;
	const char *broken;		/* a limit that was passed */
};

static void on_cell(void *data, size_t len, void *arg)
{
	struct text_sheet *t = arg;
	const char *text = data;

	if (len > SHEET_CELL_MAX) {
		t->broken = "a cell is longer than a megabyte; is a quotation mark missing?";
		len = 0;
	}
	if (t->cells == SHEET_COLUMNS_MAX) {
		t->broken = "a row has more than 2,000 columns";
		return;
	}
	if (t->cells == t->cell_room) {
		t->cell_room = t->cell_room ? t->cell_room * 2 : 64;
		t->cell = xrealloc(t->cell, t->cell_room * sizeof(*t->cell));
	}
	for (size_t i = 0; i < len; i++)
		t->line_ends += text[i] == '\n';
	/* The mark that writer.h puts before what looks like a formula. */
	if (len > 1 && text[0] == '\'' && sheet_is_formula((const char[]){ text[1], '\0' })) {
		text++;
		len--;
	}
	t->cell[t->cells++] = arena_strndup(&t->queue.arena, text ? text : "", len);
}

static void on_row(int end, void *arg)
{
	struct text_sheet *t = arg;
	/* A line of nothing: libcsv gives no cell for it, or an empty one when it holds blanks. */
	bool blank = t->cells == 1 && !*t->cell[0];

	row_queue_add(&t->queue, t->line, t->cell, blank ? 0 : t->cells);
	t->cells = 0;
	t->line += 1 + t->line_ends;
	t->line_ends = 0;
}

static enum rc read_block(struct text_sheet *t, struct err *e)
{
	char block[BLOCK];
	size_t len;
	enum rc rc = decoder_read(t->decoder, block, sizeof(block), &len, e);

	if (rc != RC_OK)
		return rc;
	row_queue_next_block(&t->queue, t->cell, t->cells);
	if (len == 0) {
		t->ended = true;
		csv_fini(&t->parser, on_cell, on_row, t);
	} else if (csv_parse(&t->parser, block, len, on_cell, on_row, t) != len) {
		return err_set(e, RC_INVALID, "Line %lld cannot be read: %s.", (long long)t->line,
			csv_strerror(csv_error(&t->parser)));
	}
	if (csv_get_buffer_size(&t->parser) > 2 * SHEET_CELL_MAX)
		t->broken = "a cell is longer than a megabyte; is a quotation mark missing?";
	if (t->broken)
		return err_set(e, RC_INVALID, "Line %lld cannot be read: %s.", (long long)t->line, t->broken);
	return RC_OK;
}

static enum rc text_next(struct sheet *s, struct sheet_row *ret, struct err *e)
{
	struct text_sheet *t = (struct text_sheet *)s;

	while (!row_queue_take(&t->queue, ret)) {
		enum rc rc = t->ended ? RC_NOT_FOUND : read_block(t, e);

		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

static void text_close(struct sheet *s)
{
	struct text_sheet *t = (struct text_sheet *)s;

	csv_free(&t->parser);
	decoder_free(t->decoder);
	arena_release(&t->queue.arena);
	free(t->cell);
	free(t);
}

static const struct sheet_ops text_ops = { text_next, text_close };

/* How often each candidate stands outside quotes, line by line. */
struct sample {
	size_t lines;
	unsigned count[SAMPLE_LINES];
};

static void count_delimiter(const char *text, size_t len, char delimiter, struct sample *ret)
{
	bool quoted = false, any = false;

	memset(ret, 0, sizeof(*ret));
	for (size_t i = 0; i < len && ret->lines < SAMPLE_LINES; i++) {
		if (text[i] == '"')
			quoted = !quoted;
		if (quoted)
			continue;
		if (text[i] == '\n') {
			/* Blank lines say nothing. */
			if (any)
				ret->lines++;
			any = false;
			if (ret->lines < SAMPLE_LINES)
				ret->count[ret->lines] = 0;
			continue;
		}
		any = true;
		ret->count[ret->lines] += text[i] == delimiter;
	}
	if (any && ret->lines < SAMPLE_LINES && len < BLOCK)
		ret->lines++;
}

/* Lines that have the commonest number of delimiters, and that number. A good delimiter makes rows of one width. */
static unsigned long agreement(const struct sample *s)
{
	unsigned long best = 0;

	for (size_t i = 0; i < s->lines; i++) {
		unsigned long same = 0;

		for (size_t k = 0; k < s->lines; k++)
			same += s->count[k] == s->count[i];
		if (s->count[i] && same * 100 + (s->count[i] < 99 ? s->count[i] : 99) > best)
			best = same * 100 + (s->count[i] < 99 ? s->count[i] : 99);
	}
	return best;
}

/* "sep=;" in the first line is what Excel writes and reads; it is no row. Gives its length with the line end. */
static size_t separator_line(const char *text, size_t len, char *ret)
{
	if (len < 5 || memcmp(text, "sep=", 4) != 0 || (len > 5 && text[5] != '\n'))
		return 0;
	/* Not the first byte of a longer character, and nothing that a row consists of. */
	if (!strchr("\t!#$%&*+,-./:;<=>?@\\^_`|~ ", text[4]) || !text[4])
		return 0;
	*ret = text[4];
	return len > 5 ? 6 : 5;
}

static char find_delimiter(const char *text, size_t len)
{
	static const char candidates[] = { ',', ';', '\t', '|' };
	unsigned long most = 0;
	char best = ',';

	for (size_t i = 0; i < sizeof(candidates); i++) {
		struct sample s;
		unsigned long agreed;

		count_delimiter(text, len, candidates[i], &s);
		agreed = agreement(&s);
		if (agreed > most) {
			most = agreed;
			best = candidates[i];
		}
	}
	return best;
}

/* Looks at the first block, then stands at the first row. */
static enum rc find_dialect(struct text_sheet *t, const struct sheet_options *o, struct err *e)
{
	char block[BLOCK], said = 0;
	size_t len, skip;
	enum rc rc = decoder_read(t->decoder, block, sizeof(block), &len, e);

	if (rc != RC_OK)
		return rc;
	skip = separator_line(block, len, &said);
	t->base.facts.delimiter = o->delimiter ? o->delimiter : said ? said : find_delimiter(block, len);
	decoder_rewind(t->decoder);
	t->line = 1;
	if (skip) {
		rc = decoder_read(t->decoder, block, skip, &len, e);
		t->line = 2;
	}
	return rc;
}

enum rc sheet_open_text(FILE *f, const struct sheet_options *options, struct sheet **ret, struct err *e)
{
	struct text_sheet *t;
	struct decoder *d;
	enum rc rc = decoder_new(f, options->encoding, &d, e);

	if (rc != RC_OK)
		return rc;
	t = xcalloc(1, sizeof(*t));
	t->base.ops = &text_ops;
	t->decoder = d;
	row_queue_init(&t->queue);
	t->base.facts = (struct sheet_facts){ .format = SHEET_TEXT, .encoding = decoder_encoding(d) };
	if (csv_init(&t->parser, CSV_REPALL_NL) != 0)
		BUG("out of memory");
	rc = find_dialect(t, options, e);
	if (rc != RC_OK) {
		text_close(&t->base);
		return rc;
	}
	csv_set_delim(&t->parser, (unsigned char)t->base.facts.delimiter);
	*ret = &t->base;
	return RC_OK;
}

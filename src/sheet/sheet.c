#include "sheet/source.h"

#include <string.h>

static enum rc check_size(FILE *f, struct err *e)
{
	long size;

	if (fseek(f, 0, SEEK_END) != 0 || (size = ftell(f)) < 0)
		return err_set(e, RC_IO, "The file cannot be read.");
	rewind(f);
	if (size == 0)
		return err_set(e, RC_INVALID, "The file is empty.");
	if (size > SHEET_BYTES_MAX)
		return err_set(e, RC_INVALID, "The file is larger than %lld MB; split it.",
			(long long)(SHEET_BYTES_MAX >> 20));
	return RC_OK;
}

enum rc sheet_open(FILE *f, const struct sheet_options *options, struct sheet **ret, struct err *e)
{
	static const struct sheet_options none;
	unsigned char magic[8] = { 0 };
	enum rc rc = check_size(f, e);
	size_t got;

	if (rc != RC_OK)
		return rc;
	if (!options)
		options = &none;
	got = fread(magic, 1, sizeof(magic), f);
	rewind(f);
	if (got >= 4 && memcmp(magic, "PK\x03\x04", 4) == 0)
		return sheet_open_xlsx(f, options, ret, e);
	if (got == 8 && memcmp(magic, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8) == 0)
		return err_set(e, RC_INVALID,
			"This is an old Excel file (.xls) or one with a password; save it as .xlsx or CSV without "
			"one.");
	if (got >= 4 && memcmp(magic, "%PDF", 4) == 0)
		return err_set(e, RC_INVALID, "This is a PDF; a table as CSV or XLSX is needed.");
	return sheet_open_text(f, options, ret, e);
}

void sheet_close(struct sheet *s)
{
	if (s)
		s->ops->close(s);
}

struct sheet_facts sheet_facts(const struct sheet *s)
{
	return s->facts;
}

enum rc sheet_next(struct sheet *s, struct sheet_row *ret, struct err *e)
{
	enum rc rc = s->ops->next(s, ret, e);

	if (rc == RC_OK && ++s->rows > SHEET_ROWS_MAX)
		return err_set(e, RC_INVALID, "The file has more than %lld rows; split it.", (long long)SHEET_ROWS_MAX);
	return rc;
}

/* Table files: any bytes give rows or a sentence, and every cell is UTF-8. */
#include "fuzz.h"

#include "base/codec.h"
#include "sheet/sheet.h"

#include <string.h>

static void read_rows(struct sheet *s)
{
	struct sheet_row row;
	struct err e = ERR_INIT;
	int64_t line = 0;
	enum rc rc;

	while ((rc = sheet_next(s, &row, &e)) == RC_OK) {
		HOLDS(row.line > line);
		HOLDS(row.count <= SHEET_COLUMNS_MAX);
		line = row.line;
		for (size_t i = 0; i < row.count; i++)
			HOLDS(row.cell[i] && utf8_valid(row.cell[i], strlen(row.cell[i])));
	}
	HOLDS(rc == RC_NOT_FOUND || (rc == RC_INVALID && e.text[0]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct sheet_options options = { 0 };
	struct err e = ERR_INIT;
	struct sheet *s;
	FILE *f;

	if (!len)
		return 0;
	f = fmemopen((void *)(uintptr_t)data, len, "rb");
	HOLDS(f != NULL);
	if (sheet_open(f, &options, &s, &e) == RC_OK) {
		read_rows(s);
		sheet_close(s);
	} else {
		HOLDS(e.text[0]);
	}
	fclose(f);
	return 0;
}

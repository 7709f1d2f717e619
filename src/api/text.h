/* text.h - small JSON texts that a handler makes for the audit row. */
#ifndef API_TEXT_H
#define API_TEXT_H

#include "base/json.h"

struct text_out {
	struct buf buf;
	struct jsonw w;
};

/* text_begin(&t); write one JSON value into t.w; s = text_end(&t, arena). A value over 64 KiB becomes "null". */
void text_begin(struct text_out *t);
const char *text_end(struct text_out *t, struct arena *a);

#endif

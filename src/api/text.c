#include "api/text.h"

enum { TEXT_MAX = 64 * 1024 };

void text_begin(struct text_out *t)
{
	buf_init(&t->buf, TEXT_MAX);
	jsonw_init(&t->w, &t->buf, 0);
}

const char *text_end(struct text_out *t, struct arena *a)
{
	const char *text = t->buf.failed ? "null" : arena_strdup(a, buf_text(&t->buf));

	buf_release(&t->buf);
	return text;
}

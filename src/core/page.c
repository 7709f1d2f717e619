#include "core/page.h"

#include "base/codec.h"

#include <string.h>

enum { SEPARATOR = 0x1f };

char *page_cursor(struct arena *a, const char *first, ...)
{
	AUTO(buf) b = BUF_INIT(8192);
	const char *part;
	va_list ap;

	buf_puts(&b, first);
	va_start(ap, first);
	while ((part = va_arg(ap, const char *))) {
		buf_putc(&b, SEPARATOR);
		buf_puts(&b, part);
	}
	va_end(ap);
	return base64_encode(a, b.data ? b.data : "", b.len);
}

enum rc page_read(struct arena *a, const char *cursor, const char **parts, unsigned count, struct err *e)
{
	char *text, *end;
	size_t len;

	for (unsigned i = 0; i < count; i++)
		parts[i] = "";
	if (!cursor)
		return RC_OK;
	if (base64_decode(a, cursor, &text, &len) != RC_OK || !len || strlen(text) != len || !utf8_valid(text, len))
		return err_set(e, RC_INVALID, "The cursor is not one this list gave out. Start again without it.");
	for (unsigned i = 0; i < count; i++) {
		parts[i] = text;
		end = strchr(text, SEPARATOR);
		if (!end != (i + 1 == count))
			return err_set(e, RC_INVALID, "The cursor belongs to another list. Start again without it.");
		if (end) {
			*end = '\0';
			text = end + 1;
		}
	}
	return RC_OK;
}

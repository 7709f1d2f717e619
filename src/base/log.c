#include "base/log.h"

#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"

#define LINE_MAX_BYTES 16384

static _Atomic int least = LOG_INFO;

void log_set_level(enum log_level level)
{
	least = level;
}

static void write_fields(struct jsonw *w, va_list ap)
{
	const char *key;

	while ((key = va_arg(ap, const char *)))
		jsonw_kv(w, key, va_arg(ap, const char *));
}

/* One write(2) a line, so that lines of many threads do not mix. */
static void write_line(struct buf *line)
{
	size_t at = 0;

	buf_putc(line, '\n');
	while (at < line->len) {
		ssize_t n = write(STDERR_FILENO, line->data + at, line->len - at);

		if (n <= 0)
			return;
		at += (size_t)n;
	}
}

void log_event(enum log_level level, const char *event, ...)
{
	static const char *const names[] = { "debug", "info", "warn", "error" };
	struct buf line = BUF_INIT(LINE_MAX_BYTES);
	char at[CLOCK_TEXT];
	struct jsonw w;
	va_list ap;

	if ((int)level < least)
		return;
	jsonw_init(&w, &line, 0);
	jsonw_object(&w);
	jsonw_kv(&w, "at", clock_format(clock_now(), at));
	jsonw_kv(&w, "level", names[level]);
	jsonw_kv(&w, "event", event);
	va_start(ap, event);
	write_fields(&w, ap);
	va_end(ap);
	jsonw_end_object(&w);
	write_line(&line);
	buf_release(&line);
}

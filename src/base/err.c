#include "base/err.h"

#include <stdio.h>
#include <string.h>

static const char *const names[RC_MAX] = {
	[RC_OK] = "ok",
	[RC_NOT_FOUND] = "not_found",
	[RC_CONFLICT] = "conflict",
	[RC_INVALID] = "invalid",
	[RC_DENIED] = "denied",
	[RC_UNAUTHORIZED] = "unauthorized",
	[RC_BUSY] = "busy",
	[RC_REMOTE] = "remote",
	[RC_IO] = "io",
	[RC_INTERNAL] = "internal",
};

const char *rc_name(enum rc rc)
{
	return rc >= 0 && rc < RC_MAX ? names[rc] : "unknown";
}

static enum rc fill(struct err *e, enum rc rc, const char *pointer, const char *fmt, va_list ap)
{
	if (!e)
		return rc;
	e->rc = rc;
	e->status = 0;
	e->retry_after = 0;
	vsnprintf(e->text, sizeof(e->text), fmt, ap);
	snprintf(e->pointer, sizeof(e->pointer), "%s", pointer);
	return rc;
}

enum rc (err_set)(struct err *e, enum rc rc, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fill(e, rc, "", fmt, ap);
	va_end(ap);
	return rc;
}

enum rc (err_at)(struct err *e, enum rc rc, const char *pointer, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fill(e, rc, pointer, fmt, ap);
	va_end(ap);
	return rc;
}

enum rc err_prefix(struct err *e, const char *fmt, ...)
{
	char front[512], back[sizeof(e->text)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(front, sizeof(front), fmt, ap);
	va_end(ap);
	memcpy(back, e->text, sizeof(back));
	snprintf(e->text, sizeof(e->text), "%s: %.*s", front, (int)(sizeof(back) - sizeof(front) - 4), back);
	return e->rc;
}

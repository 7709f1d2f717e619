#include "psa/syncing.h"

#include <stdlib.h>
#include <string.h>

enum { TRIES = 8 };

static void take_cursor(struct syncing *s)
{
	const char *cursor = s->how->cursor ? s->how->cursor : "";
	size_t len = strcspn(cursor, " ");
	char *rest;

	if (!cursor[len] || len >= sizeof(s->phase))
		return;
	memcpy(s->phase, cursor, len);
	s->after = strtoll(cursor + len, &rest, 10);
	s->seen = strtoll(rest, NULL, 10);
}

void syncing_begin(struct syncing *s, struct psa_sync *how, const struct psa_sink *sink, struct wire *w)
{
	*s = (struct syncing){ .how = how, .sink = sink, .wire = w, .tries = w->tries };
	w->stop = sink->cancelled;
	w->stop_arg = sink->arg;
	w->tries = TRIES;
	take_cursor(s);
}

void syncing_end(struct syncing *s)
{
	s->wire->stop = NULL;
	s->wire->tries = s->tries;
}

bool syncing_unchanged(struct syncing *s, utime changed, utime overlap)
{
	if (changed > s->seen)
		s->seen = changed;
	return !s->how->full && s->how->since && changed && changed <= s->how->since - overlap;
}

enum rc syncing_skip(
	struct syncing *s, const char *what, const char *id, const char *name, const char *reason, struct err *e)
{
	return s->sink->skip(s->sink->arg, what, id, name, reason, e);
}

enum rc syncing_progress(struct syncing *s, const char *phase, int64_t total, struct err *e)
{
	return s->sink->progress(s->sink->arg, phase, s->done, total, e);
}

enum rc syncing_checkpoint(struct syncing *s, const char *phase, int64_t last, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;

	return s->sink->checkpoint(
		s->sink->arg, arena_printf(&a, "%s %lld %lld", phase, (long long)last, (long long)s->seen), e);
}

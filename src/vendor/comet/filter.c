/* A JSON text walked once: what the shape names is copied, all else is stepped over and never stored. */
#include "vendor/comet/comet.h"

#include <string.h>

enum { DEPTH_MAX = 64 };

struct walk {
	const char *at, *end;
	struct buf *out;
	unsigned depth;
};

static void blanks(struct walk *w)
{
	while (w->at < w->end && strchr(" \t\r\n", *w->at))
		w->at++;
}

static bool take(struct walk *w, char c)
{
	blanks(w);
	if (w->at == w->end || *w->at != c)
		return false;
	w->at++;
	return true;
}

/* Behind the closing quote; false when there is none. */
static bool string(struct walk *w)
{
	if (!take(w, '"'))
		return false;
	for (; w->at < w->end && *w->at != '"'; w->at++) {
		if (*w->at == '\\' && ++w->at == w->end)
			return false;
	}
	return take(w, '"');
}

static bool scalar(struct walk *w)
{
	const char *from;

	blanks(w);
	if (w->at < w->end && *w->at == '"')
		return string(w);
	from = w->at;
	while (w->at < w->end && !strchr(",}] \t\r\n{[\"", *w->at))
		w->at++;
	return w->at > from;
}

/* Over a whole value of any kind. */
static bool skip(struct walk *w)
{
	unsigned depth = 0;

	do {
		blanks(w);
		if (w->at == w->end || (depth == 0 && strchr("}],:", *w->at)))
			return false;
		if (strchr("{[", *w->at))
			depth++, w->at++;
		else if (strchr("}]", *w->at))
			w->at++, depth = depth ? depth - 1 : 0;
		else if (strchr(",:", *w->at))
			w->at++;
		else if (!scalar(w))
			return false;
	} while (depth > 0);
	return true;
}

static const struct comet_shape *shape_of(const struct comet_shape *shape, const char *name, size_t len)
{
	for (; shape->name; shape++) {
		if (strcmp(shape->name, "*") == 0 ||
			(strlen(shape->name) == len && strncmp(shape->name, name, len) == 0))
			return shape;
	}
	return NULL;
}

static bool object(struct walk *w, const struct comet_shape *shape);

/* A value that is wanted; one of another kind than the shape says is left out, like the lists. */
static bool value(struct walk *w, const struct comet_shape *shape, const char *name, size_t name_len, bool *first)
{
	bool is_object, is_list;
	const char *from;

	blanks(w);
	is_object = w->at < w->end && *w->at == '{';
	is_list = w->at < w->end && *w->at == '[';
	if (is_list || is_object != (shape->members != NULL))
		return skip(w);
	if (!*first)
		buf_putc(w->out, ',');
	*first = false;
	buf_put(w->out, name, name_len);
	buf_putc(w->out, ':');
	if (is_object)
		return object(w, shape->members);
	from = w->at;
	if (!scalar(w))
		return false;
	buf_put(w->out, from, (size_t)(w->at - from));
	return true;
}

static bool member(struct walk *w, const struct comet_shape *shape, bool *first)
{
	const struct comet_shape *wanted;
	const char *name;
	size_t len;

	blanks(w);
	name = w->at;
	if (!string(w))
		return false;
	len = (size_t)(w->at - name);
	if (!take(w, ':'))
		return false;
	wanted = shape_of(shape, name + 1, len - 2);
	return wanted ? value(w, wanted, name, len, first) : skip(w);
}

static bool object(struct walk *w, const struct comet_shape *shape)
{
	bool first = true;

	if (!take(w, '{') || ++w->depth > DEPTH_MAX)
		return false;
	buf_putc(w->out, '{');
	if (!take(w, '}')) {
		do {
			if (!member(w, shape, &first))
				return false;
		} while (take(w, ','));
		if (!take(w, '}'))
			return false;
	}
	w->depth--;
	buf_putc(w->out, '}');
	return true;
}

enum rc comet_filter(const char *text, size_t len, const struct comet_shape *shape, struct buf *out, struct err *e)
{
	struct walk w = { text, text + len, out, 0 };

	/* The mark that some programs put before UTF-8, as the JSON reader takes it. */
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		w.at += 3;
	if (!object(&w, shape) || (blanks(&w), w.at != w.end))
		return err_set(
			e, RC_INVALID, "it is no whole JSON object (byte %zu of %zu)", (size_t)(w.at - text), len);
	return out->failed ? err_set(e, RC_INVALID, "it is too long") : RC_OK;
}

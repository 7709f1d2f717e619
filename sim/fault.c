/* fault.c - what goes wrong on purpose, as POST /_faults asked for it. */
#include "sim.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	enum fault_do what;
} words[] = {
	{ "timeout_after_apply", FAULT_TIMEOUT_AFTER_APPLY },
	{ "timeout_before", FAULT_TIMEOUT_BEFORE },
	{ "reset_after_apply", FAULT_RESET_AFTER_APPLY },
	{ "reset", FAULT_RESET },
	{ "status", FAULT_STATUS },
	{ "status_after_apply", FAULT_STATUS_AFTER_APPLY },
	{ "truncate", FAULT_TRUNCATE },
	{ "garble", FAULT_GARBLE },
	{ "ignore_patch", FAULT_IGNORE },
	{ "slow", FAULT_SLOW },
};

static enum fault_do word(const char *name)
{
	for (size_t i = 0; name && i < ARRAY_LEN(words); i++)
		if (strcmp(words[i].name, name) == 0)
			return words[i].what;
	return FAULT_NONE;
}

/* "do":"truncate", or for short "truncate":true. */
static enum fault_do what_of(const struct json *v)
{
	if (json_member(v, "do"))
		return word(json_member(v, "do"));
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (json_true(json_get(v, words[i].name)))
			return words[i].what;
	return json_get(v, "status") ? FAULT_STATUS : FAULT_NONE;
}

static int number(const struct json *v, const char *key, int fallback)
{
	int64_t n;

	return json_int(json_get(v, key), 0, INT32_MAX, &n) == RC_OK ? (int)n : fallback;
}

static char *own(const char *s)
{
	return s ? xstrdup(s) : NULL;
}

static enum rc add_one(struct sim *s, const struct json *v, struct err *e)
{
	struct fault *f, **link = &s->faults;

	if (what_of(v) == FAULT_NONE)
		return err_set(e, RC_INVALID, "a fault needs a known \"do\"");
	f = xcalloc(1, sizeof(*f));
	f->what = what_of(v);
	f->method = own(json_text(json_path(v, "match/method")));
	f->path = own(json_text(json_path(v, "match/path")));
	f->text = own(json_text(json_path(v, "match/text")));
	f->query = own(json_text(json_path(v, "match/query")));
	f->changed = json_true(json_path(v, "match/changed"));
	f->body = own(json_member(v, "body"));
	f->type = own(json_member(v, "type"));
	f->skip = number(v, "skip", 0);
	f->times = number(v, "times", 1);
	f->status = number(v, "status", 503);
	f->retry_after = number(v, "retry_after", 0);
	f->delay_ms = number(v, "delay_ms", f->what == FAULT_SLOW ? 1000 : 120000);
	while (*link)
		link = &(*link)->next;
	*link = f;
	return RC_OK;
}

enum rc fault_add(struct sim *s, const struct json *list, struct err *e)
{
	enum rc rc = RC_OK;

	if (json_is(list, JSON_OBJECT))
		return add_one(s, list, e);
	if (!json_is(list, JSON_ARRAY))
		return err_set(e, RC_INVALID, "faults are an array of objects");
	for (const struct json *v = list->child; v && rc == RC_OK; v = v->next)
		rc = add_one(s, v, e);
	return rc;
}

void fault_clear(struct sim *s)
{
	struct fault *f, *next;

	for (f = s->faults; f; f = next) {
		next = f->next;
		free(f->method);
		free(f->path);
		free(f->text);
		free(f->query);
		free(f->body);
		free(f->type);
		free(f);
	}
	s->faults = NULL;
}

static bool matches(const struct sim *s, const struct fault *f, const struct request *r)
{
	if ((f->method && strcmp(f->method, r->method) != 0) || (f->path && !strstr(r->path, f->path)))
		return false;
	if (f->query && (strcmp(f->query, r->query) != 0 || (f->path && strcmp(f->path, r->path) != 0)))
		return false;
	if (f->text && (!r->body || !memmem(r->body, r->body_len, f->text, strlen(f->text))))
		return false;
	return !f->changed || s->ledger->child;
}

const struct fault *fault_meet(struct sim *s, const struct request *r)
{
	for (struct fault *f = s->faults; f; f = f->next) {
		if (!matches(s, f, r))
			continue;
		if (f->hits >= f->skip + f->times)
			continue;
		f->hits++;
		return f->hits > f->skip ? f : NULL;
	}
	return NULL;
}

static const char *name_of(enum fault_do what)
{
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (words[i].what == what)
			return words[i].name;
	return NULL;
}

void fault_write(const struct sim *s, struct jsonw *w)
{
	jsonw_array(w);
	for (const struct fault *f = s->faults; f; f = f->next) {
		jsonw_object(w);
		jsonw_kv(w, "do", name_of(f->what));
		jsonw_kv(w, "method", f->method);
		jsonw_kv(w, "path", f->path);
		jsonw_kv_int(w, "hits", f->hits > f->skip ? f->hits - f->skip : 0);
		jsonw_kv_int(w, "left", f->skip + f->times - f->hits);
		jsonw_end_object(w);
	}
	jsonw_end_array(w);
}

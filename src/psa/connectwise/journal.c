#include "psa/connectwise/journal.h"

#include <string.h>

static const char *const names[] = { [CW_STEP_NONE] = "none",
	[CW_STEP_PATCH] = "patch",
	[CW_STEP_BEGIN] = "begin",
	[CW_STEP_END] = "end",
	[CW_STEP_ADD] = "add",
	[CW_STEP_UNDO] = "undo",
	[CW_STEP_UNDO_PATCH] = "undo_patch" };

static const char *const nobody[] = { NULL };

static day day_of_text(const struct json *v, const char *key)
{
	const char *text = json_member(v, key);
	day d;

	return text && day_parse(text, &d) == RC_OK ? d : DAY_NONE;
}

static const char *const *texts(struct arena *a, const struct json *list)
{
	const char **all = arena_array(a, (list ? list->count : 0) + 1, sizeof(*all));
	size_t n = 0;

	for (const struct json *v = list ? list->child : NULL; v; v = v->next)
		all[n++] = json_text_or(v, "");
	return all;
}

enum rc cw_journal_read(struct arena *a, const char *text, struct cw_journal *ret, struct err *e)
{
	static const struct json_limits limits = { 1 << 20, 8, 100000 };
	struct json *v;
	const char *step;

	*ret = (struct cw_journal){ .was = DAY_NONE, .effective = DAY_NONE, .known = nobody };
	if (!text)
		return RC_OK;
	if (json_parse(a, text, strlen(text), &limits, &v, e) != RC_OK)
		return err_set(
			e, RC_INVALID, "The note of how far this write came cannot be read. Look in ConnectWise.");
	step = json_text_or(json_get(v, "step"), "");
	while ((size_t)ret->step < ARRAY_LEN(names) && strcmp(names[ret->step], step) != 0)
		ret->step++;
	if ((size_t)ret->step == ARRAY_LEN(names))
		return err_set(e, RC_INVALID, "The note of how far this write came is of another program.");
	ret->old = json_member(v, "old");
	ret->fresh = json_member(v, "new");
	ret->was = day_of_text(v, "was");
	ret->effective = day_of_text(v, "effective");
	ret->known = texts(a, json_get(v, "known"));
	if (!json_member(v, "at") || clock_parse(json_member(v, "at"), &ret->at) != RC_OK)
		return err_set(e, RC_INVALID, "The note of how far this write came has no time.");
	return RC_OK;
}

static void kv_day(struct jsonw *w, const char *key, day d)
{
	char text[DAY_TEXT];

	jsonw_kv(w, key, d == DAY_NONE ? NULL : day_format(d, text));
}

char *cw_journal_text(struct arena *a, const struct cw_journal *j)
{
	AUTO(buf) b = BUF_INIT(1 << 20);
	char at[CLOCK_TEXT];
	struct jsonw w;

	jsonw_init(&w, &b, 0);
	jsonw_object(&w);
	jsonw_kv(&w, "step", names[j->step]);
	jsonw_kv(&w, "old", j->old);
	jsonw_kv(&w, "new", j->fresh);
	kv_day(&w, "was", j->was);
	kv_day(&w, "effective", j->effective);
	jsonw_kv(&w, "at", clock_format(j->at, at));
	jsonw_key(&w, "known");
	jsonw_array(&w);
	for (const char *const *k = j->known; *k; k++)
		jsonw_string(&w, *k);
	jsonw_end_array(&w);
	jsonw_end_object(&w);
	if (b.failed)
		BUG("a journal of more than a megabyte");
	return arena_strdup(a, buf_text(&b));
}

bool cw_journal_knows(const struct cw_journal *j, const char *id)
{
	for (const char *const *k = j->known; *k; k++) {
		if (strcmp(*k, id) == 0)
			return true;
	}
	return false;
}

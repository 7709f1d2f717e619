#include "psa/mark.h"

#include <string.h>

bool mark_read(struct arena *a, const char *text, struct mark *ret)
{
	static const struct json_limits limits = { 1 << 20, 8, 1000 };
	const char *from, *at;
	struct json *v;

	*ret = (struct mark){ .step = "", .effective = DAY_NONE, .known = "" };
	if (!text)
		return true;
	if (json_parse(a, text, strlen(text), &limits, &v, NULL) != RC_OK)
		return false;
	ret->step = json_text_or(json_get(v, "step"), "");
	ret->known = json_text_or(json_get(v, "known"), "");
	from = json_member(v, "effective");
	at = json_member(v, "at");
	if (from && day_parse(from, &ret->effective) != RC_OK)
		return false;
	return *ret->step && at && clock_parse(at, &ret->at) == RC_OK;
}

bool mark_is(const struct mark *m, const char *step)
{
	return strcmp(m->step, step) == 0;
}

bool mark_note(struct writing *w, struct mark *m, const char *step)
{
	AUTO(buf) b = BUF_INIT(1 << 18);
	char from[DAY_TEXT], at[CLOCK_TEXT];
	struct jsonw j;

	m->step = step;
	m->at = clock_now();
	jsonw_init(&j, &b, 0);
	jsonw_object(&j);
	jsonw_kv(&j, "step", step);
	jsonw_kv(&j, "effective", m->effective == DAY_NONE ? NULL : day_format(m->effective, from));
	jsonw_kv(&j, "at", clock_format(m->at, at));
	jsonw_kv_qty(&j, "have", w->change->expect);
	jsonw_kv_qty(&j, "want", w->change->want);
	jsonw_kv(&j, "known", m->known);
	jsonw_end_object(&j);
	return writing_journal(w, buf_text(&b));
}

bool mark_old(const struct mark *m)
{
	return clock_now() >= m->at + WRITING_GRACE;
}

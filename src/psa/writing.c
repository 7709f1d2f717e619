#include "psa/writing.h"

#include <stdio.h>

enum sent writing_class(const struct httpc_answer *answer)
{
	if (answer->fate != HTTPC_ANSWERED)
		return answer->fate == HTTPC_NOT_SENT ? SENT_NOT : SENT_MAYBE;
	if (answer->status >= 200 && answer->status < 300)
		return SENT_OK;
	if (answer->status >= 500 || answer->status == 408)
		return SENT_MAYBE;
	return answer->status == 429 || answer->status == 409 ? SENT_NOT : SENT_REFUSED;
}

enum psa_outcome writing_outcome(enum sent sent)
{
	static const enum psa_outcome outcomes[] = { [SENT_OK] = PSA_APPLIED,
		[SENT_NOT] = PSA_NOT_APPLIED,
		[SENT_MAYBE] = PSA_UNKNOWN,
		[SENT_REFUSED] = PSA_REFUSED };

	return outcomes[sent];
}

void writing_end(struct writing *w, enum psa_outcome outcome, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	w->result->outcome = outcome;
	vsnprintf(w->result->err.text, sizeof(w->result->err.text), fmt, ap);
	w->result->err.rc = RC_REMOTE;
	va_end(ap);
}

void writing_end_error(struct writing *w, enum psa_outcome outcome, const struct err *why)
{
	w->result->outcome = outcome;
	w->result->err = *why;
	w->result->retry_after = why->retry_after;
}

void writing_applied(struct writing *w, const char *line_id, const char *read_back)
{
	w->result->outcome = PSA_APPLIED;
	w->result->line_remote_id = arena_strdup(w->a, line_id);
	w->result->read_back = read_back;
}

bool writing_look_failed(struct writing *w, enum rc rc, const struct err *why)
{
	if (rc == RC_NOT_FOUND)
		writing_end(w, PSA_CONFLICT, "What this change is about is gone from %s. Synchronize, then look again.",
			w->who);
	else if (w->sent)
		writing_end_error(w, PSA_UNKNOWN, why);
	else if (rc == RC_DENIED || rc == RC_UNAUTHORIZED || rc == RC_INVALID)
		writing_end_error(w, PSA_REFUSED, why);
	else
		writing_end_error(w, PSA_NOT_APPLIED, why);
	return false;
}

bool writing_journal(struct writing *w, const char *text)
{
	struct err why = ERR_INIT;

	if (w->change->journal(w->change->journal_arg, text, &why) == RC_OK)
		return true;
	writing_end_error(w, w->sent ? PSA_UNKNOWN : PSA_NOT_APPLIED, &why);
	return false;
}

bool writing_lock_billed(struct writing *w, day now)
{
	char a[DAY_TEXT], b[DAY_TEXT];
	day seen = w->change->billed_through;

	if (now == DAY_NONE || (seen != DAY_NONE && now <= seen))
		return true;
	writing_end(w, PSA_CONFLICT,
		"An invoice was made since this was decided: billing went through %s then, and goes through %s now. "
		"Nothing was changed; look at it again.",
		seen == DAY_NONE ? "no known day" : day_format(seen, a), day_format(now, b));
	return false;
}

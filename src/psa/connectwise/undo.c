/* Undoing a line that was begun or added: never a delete. The old line of a pair is opened again first, so that
 * no day is without; then the new one gets no unit and an end on its first day, and stays in the history. Both
 * calls set absolute values and may be repeated. */
#include "psa/connectwise/write.h"

#include <string.h>

static bool is_void(const struct psa_line *l)
{
	return l->quantity == 0 && l->cancelled != DAY_NONE && l->cancelled <= l->effective;
}

/* Sets the end of the old line and reads it. */
static bool reopen(struct cw_write *w, struct cw_seen *old)
{
	struct err why = ERR_INIT;
	enum sent sent;

	if (!cw_load(w, w->j.old, old))
		return false;
	if (old->line.cancelled == w->j.was)
		return true;
	sent = cw_patch(w, w->j.old, cw_body_end(w->w.a, w->j.was), &why);
	if (sent == SENT_REFUSED)
		writing_end_error(&w->w, PSA_REFUSED, &why);
	else if (sent != SENT_OK)
		writing_end_error(&w->w, PSA_UNKNOWN, &why);
	if (sent != SENT_OK || !cw_load(w, w->j.old, old))
		return false;
	if (old->line.cancelled == w->j.was)
		return true;
	writing_end(&w->w, PSA_REFUSED,
		"ConnectWise answered that the old addition %s was opened again, but it still ends. Open it in "
		"ConnectWise.",
		w->j.old);
	return false;
}

/* The new line cannot be taken out of billing, so the old one must end again. */
static void give_up(struct cw_write *w, const char *why_not)
{
	struct err why = ERR_INIT;

	if (w->j.old && cw_patch(w, w->j.old, cw_body_end(w->w.a, w->j.effective - 1), &why) != SENT_OK)
		writing_end(&w->w, PSA_REFUSED,
			"The addition %s cannot be taken out of billing: %s The old one, %s, was opened again, so both "
			"bill "
			"now. Correct this in ConnectWise.",
			w->j.fresh, why_not, w->j.old);
	else
		writing_end(&w->w, PSA_REFUSED, "The addition %s cannot be taken out of billing: %s All is as before.",
			w->j.fresh, why_not);
}

static bool make_void(struct cw_write *w, struct cw_seen *fresh)
{
	struct err why = ERR_INIT;
	enum sent sent;

	if (!cw_load(w, w->j.fresh, fresh))
		return false;
	if (is_void(&fresh->line))
		return true;
	sent = cw_patch(w, w->j.fresh, cw_body_void(w->w.a, fresh->line.effective), &why);
	if (sent == SENT_REFUSED)
		give_up(w, why.text);
	else if (sent != SENT_OK)
		writing_end_error(&w->w, PSA_UNKNOWN, &why);
	if (sent != SENT_OK || !cw_load(w, w->j.fresh, fresh))
		return false;
	if (is_void(&fresh->line))
		return true;
	give_up(w, "ConnectWise answered that it was, but it still bills.");
	return false;
}

static void go_on(struct cw_write *w)
{
	struct cw_seen old = { 0 }, fresh = { 0 };

	w->w.sent = true;
	if (w->j.old && !reopen(w, &old))
		return;
	if (w->j.fresh && !make_void(w, &fresh))
		return;
	if (w->j.old && !w->j.fresh)
		cw_applied(w, w->j.old, old.json, NULL);
	else if (w->j.old)
		cw_applied(w, w->j.old, old.json, fresh.json);
	else
		cw_applied(w, w->j.fresh, fresh.json, NULL);
}

static bool lock_old(struct cw_write *w)
{
	struct cw_seen old;

	if (!w->j.old)
		return true;
	if (!cw_load(w, w->j.old, &old))
		return false;
	if (old.line.cancelled == w->j.effective - 1)
		return true;
	writing_end(&w->w, PSA_CONFLICT,
		"The old addition %s no longer ends on the day that this change gave it. Nothing was changed; look at "
		"it "
		"in ConnectWise.",
		w->j.old);
	return false;
}

static void start(struct cw_write *w)
{
	struct cw_seen fresh;

	if (!cw_load(w, w->w.change->line_remote_id, &fresh))
		return;
	w->w.result->before = wire_text(w->w.a, fresh.json);
	/* A line that was only ended has no other beside it, and its quantity was never touched. */
	if (w->j.step == CW_STEP_END && !w->j.fresh) {
		if (!cw_lock_contract(w, &fresh) || !lock_old(w))
			return;
	} else if (cw_lock(w, &fresh) && lock_old(w)) {
		w->j.fresh = w->w.change->line_remote_id;
	} else {
		return;
	}
	if (cw_note(w, CW_STEP_UNDO))
		go_on(w);
}

void cw_write_undo(struct cw_write *w)
{
	if (w->j.step == CW_STEP_PATCH || w->j.step == CW_STEP_UNDO_PATCH)
		cw_write_quantity(w, CW_STEP_UNDO_PATCH);
	else if (w->j.step == CW_STEP_UNDO)
		go_on(w);
	else if (w->w.settle)
		writing_end(&w->w, PSA_NOT_APPLIED, "The try before did not come to the point of sending anything.");
	else
		start(w);
}

/* Additions that begin: the pair of a dated change, and a product that is added to an agreement.
 *
 * A POST cannot be repeated, and ConnectWise knows no key to recognise it by. So before it the additions of the
 * product are noted: one that begins on that day with that quantity and is not among them is ours. Of a pair the
 * new one is begun first, so that no day is ever without; until the old one is ended the journal names both, and
 * whoever comes next finishes it.
 */
#include "psa/connectwise/write.h"

#include "base/codec.h"

#include <string.h>

/* How long a POST without answer may still arrive. */
#define GRACE (60 * CLOCK_SECOND)

struct look {
	struct cw_write *w;
	const char *known[2000];
	size_t known_count;
	const char *fresh; /* ours, or NULL */
	bool same_day; /* another one of the product begins on the day, too */
};

static enum rc look_row(void *arg, struct arena *a, const struct json *v, struct err *e)
{
	struct look *k = arg;
	struct cw_write *w = k->w;
	struct psa_line l;

	if (cw_line(v, w->w.change->contract_remote_id, &l) ||
		strcmp(l.product_remote_id, w->w.change->product_remote_id) != 0)
		return RC_OK;
	if (k->known_count == ARRAY_LEN(k->known) - 1)
		return err_set(e, RC_INVALID, "The agreement has too many additions of this product.");
	k->known[k->known_count++] = arena_strdup(w->w.a, l.remote_id);
	if (l.effective != w->j.effective || (l.cancelled != DAY_NONE && l.cancelled < l.effective))
		return RC_OK;
	if (w->j.old && strcmp(l.remote_id, w->j.old) == 0)
		return RC_OK;
	if (l.quantity == w->w.change->want && !cw_journal_knows(&w->j, l.remote_id))
		k->fresh = k->known[k->known_count - 1];
	else if (l.quantity)
		k->same_day = true;
	return RC_OK;
}

/* False when the additions could not be listed; the write has its outcome then. */
static bool look(struct cw_write *w, struct look *k)
{
	struct cw_list list = { .query = "", .arg = k, .row = look_row };
	struct err why = ERR_INIT;
	enum rc rc;

	memset(k, 0, sizeof(*k));
	k->w = w;
	list.path = arena_printf(
		w->w.a, "/finance/agreements/%s/additions", url_encode(w->w.a, w->w.change->contract_remote_id));
	rc = cw_list(w->c, &list, &why);
	if (rc == RC_OK)
		return true;
	if (w->w.sent)
		writing_end_error(&w->w, PSA_UNKNOWN, &why);
	else
		writing_end_error(&w->w, rc == RC_REMOTE || rc == RC_BUSY ? PSA_NOT_APPLIED : PSA_REFUSED, &why);
	return false;
}

static void note_known(struct cw_write *w, const struct look *k)
{
	const char **known = arena_array(w->w.a, k->known_count + 1, sizeof(*known));

	memcpy(known, k->known, k->known_count * sizeof(*known));
	w->j.known = known;
}

/* Sends the POST and finds what came of it. The id of the new addition, or NULL with the outcome set. */
static const char *post(struct cw_write *w, const char *body, enum cw_step step)
{
	const char *path = arena_printf(
		w->w.a, "/finance/agreements/%s/additions", url_encode(w->w.a, w->w.change->contract_remote_id));
	struct err why = ERR_INIT;
	struct look *k = ARENA_NEW(w->w.a, struct look);
	enum sent sent;

	if (!cw_note(w, step))
		return NULL;
	sent = cw_write_call(w, "POST", path, body, NULL, &why);
	if (sent == SENT_NOT || sent == SENT_REFUSED) {
		writing_end_error(&w->w, sent == SENT_NOT ? PSA_NOT_APPLIED : PSA_REFUSED, &why);
		return NULL;
	}
	if (!look(w, k))
		return NULL;
	if (!k->fresh && sent == SENT_OK)
		writing_end(&w->w, PSA_UNKNOWN,
			"ConnectWise answered that the addition was made, but does not show it yet.");
	else if (!k->fresh)
		writing_end_error(&w->w, PSA_UNKNOWN, &why);
	return k->fresh;
}

/* A try before may have begun one. The id when it did; NULL with `*ret_go` when another POST is right. */
static const char *find_again(struct cw_write *w, bool *ret_go)
{
	struct look *k = ARENA_NEW(w->w.a, struct look);

	*ret_go = false;
	w->w.sent = true;
	if (!look(w, k) || k->fresh)
		return k->fresh;
	if (w->w.settle && clock_now() < w->j.at + GRACE)
		writing_end(&w->w, PSA_UNKNOWN,
			"The new addition is not in ConnectWise yet; it may still arrive. Looking again soon.");
	else if (w->w.settle)
		writing_end(&w->w, PSA_NOT_APPLIED, "The try before did not change anything in ConnectWise.");
	else
		*ret_go = true;
	w->w.sent = false;
	return NULL;
}

/* The old addition cannot be ended, so the new one must not stand either. */
static void take_back(struct cw_write *w, const char *why_not)
{
	struct err why = ERR_INIT;
	struct cw_seen s;
	enum sent sent;

	if (!w->j.fresh) {
		writing_end(&w->w, PSA_REFUSED, "The addition cannot be ended: %s", why_not);
		return;
	}
	sent = cw_patch(w, w->j.fresh, cw_body_void(w->w.a, w->j.effective), &why);
	if (sent == SENT_NOT || sent == SENT_MAYBE) {
		writing_end_error(&w->w, PSA_UNKNOWN, &why);
		return;
	}
	if (!cw_load(w, w->j.fresh, &s))
		return;
	if (s.line.quantity == 0)
		writing_end(&w->w, PSA_REFUSED,
			"The old addition cannot be ended: %s The new one (%s) was taken out of billing again, so all "
			"is as "
			"before.",
			why_not, w->j.fresh);
	else
		writing_end(&w->w, PSA_REFUSED,
			"The old addition %s cannot be ended: %s The new one, %s, stands beside it and both bill from "
			"the "
			"effective date on. Correct this in ConnectWise.",
			w->j.old, why_not, w->j.fresh);
}

static void confirm_pair(struct cw_write *w, const struct cw_seen *old)
{
	char now[QTY_TEXT];
	struct cw_seen fresh;

	if (!w->j.fresh) {
		cw_applied(w, w->j.old, old->json, NULL);
		return;
	}
	if (!cw_load(w, w->j.fresh, &fresh))
		return;
	if (fresh.line.quantity == w->w.change->want && fresh.line.effective == w->j.effective)
		cw_applied(w, w->j.fresh, old->json, fresh.json);
	else
		writing_end(&w->w, PSA_CONFLICT,
			"The new addition %s was changed by somebody else: it is %s now. Look at it again.", w->j.fresh,
			qty_format(fresh.line.quantity, now));
}

/* Ends the old addition, where it is not ended yet. May be repeated. Of none units there is no new one. */
static void end_old(struct cw_write *w)
{
	day last = w->j.effective - 1;
	struct err why = ERR_INIT;
	struct cw_seen old;
	enum sent sent;

	w->w.sent = true;
	if (!cw_load(w, w->j.old, &old))
		return;
	if (old.line.cancelled != last && old.line.cancelled != w->j.was) {
		writing_end(&w->w, PSA_CONFLICT,
			"Somebody else ended the addition %s on another day%s%s. Look at it in ConnectWise.", w->j.old,
			w->j.fresh ? ", and the new one stands beside it: " : "", w->j.fresh ? w->j.fresh : "");
		return;
	}
	if (old.line.cancelled != last) {
		sent = cw_patch(w, w->j.old, cw_body_end(w->w.a, last), &why);
		if (sent == SENT_REFUSED)
			take_back(w, why.text);
		else if (sent != SENT_OK)
			writing_end_error(&w->w, PSA_UNKNOWN, &why);
		if (sent != SENT_OK || !cw_load(w, w->j.old, &old))
			return;
	}
	if (old.line.cancelled == last)
		confirm_pair(w, &old);
	else
		take_back(w, "ConnectWise answered that it was, but the date did not change.");
}

static void begin_pair(struct cw_write *w, const struct cw_seen *old)
{
	const char *fresh = post(w, cw_body_begin(w->w.a, old->json, w->w.change->want, w->j.effective), CW_STEP_BEGIN);

	if (!fresh)
		return;
	w->j.fresh = fresh;
	w->w.sent = true;
	if (cw_note(w, CW_STEP_END))
		end_old(w);
}

/* All that must hold before the first call of a pair. */
static bool may_begin(struct cw_write *w, const struct cw_seen *old)
{
	struct err why = ERR_INIT;

	if (!cw_lock(w, old))
		return false;
	if (cw_check_date(w->w.change, &old->line, &old->contract, &why) != RC_OK) {
		writing_end_error(&w->w, PSA_CONFLICT, &why);
		return false;
	}
	if (old->line.has_price || w->w.change->want == 0)
		return true;
	writing_end(&w->w, PSA_REFUSED,
		"ConnectWise hides the price of this addition from the API member, so a new one would get another "
		"price. "
		"Allow the member to see prices, or change the quantity without a date.");
	return false;
}

static void start_pair(struct cw_write *w, const struct cw_seen *old)
{
	struct look *k = ARENA_NEW(w->w.a, struct look);

	w->j.old = w->w.change->line_remote_id;
	w->j.was = old->line.cancelled;
	w->j.effective = w->w.change->effective;
	if (w->w.change->want == 0) {
		if (cw_note(w, CW_STEP_END))
			end_old(w);
		return;
	}
	if (!look(w, k))
		return;
	if (k->fresh || k->same_day) {
		writing_end(&w->w, PSA_CONFLICT,
			"Another addition of this product begins on that day already. Nothing was changed; look at it "
			"in "
			"ConnectWise.");
		return;
	}
	note_known(w, k);
	begin_pair(w, old);
}

static void resume_pair(struct cw_write *w)
{
	bool go;
	struct cw_seen old;
	const char *fresh = find_again(w, &go);

	if (fresh) {
		w->j.fresh = fresh;
		w->w.sent = true;
		if (cw_note(w, CW_STEP_END))
			end_old(w);
	} else if (go && cw_load(w, w->j.old, &old) && may_begin(w, &old)) {
		begin_pair(w, &old);
	}
}

void cw_write_dated(struct cw_write *w)
{
	struct cw_seen old;

	if (w->j.step == CW_STEP_PATCH) {
		cw_write_quantity(w, CW_STEP_PATCH);
	} else if (w->j.step == CW_STEP_BEGIN) {
		resume_pair(w);
	} else if (w->j.step == CW_STEP_END) {
		end_old(w);
	} else if (w->w.settle) {
		writing_end(&w->w, PSA_NOT_APPLIED, "The try before did not come to the point of sending anything.");
	} else if (cw_load(w, w->w.change->line_remote_id, &old)) {
		w->w.result->before = wire_text(w->w.a, old.json);
		if (!may_begin(w, &old))
			return;
		/* A line that is yet to begin on that day or later needs no second one. */
		if (old.line.effective != DAY_NONE && old.line.effective >= w->w.change->effective)
			cw_write_quantity(w, CW_STEP_PATCH);
		else
			start_pair(w, &old);
	}
}

static void confirm_added(struct cw_write *w, const char *id)
{
	struct cw_seen s;

	if (cw_load(w, id, &s))
		cw_applied(w, id, s.json, NULL);
}

static void add_now(struct cw_write *w)
{
	const char *id = post(w, cw_body_add(w->w.a, w->w.change, w->j.effective), CW_STEP_ADD);

	if (id)
		confirm_added(w, id);
}

static void start_add(struct cw_write *w)
{
	struct look *k = ARENA_NEW(w->w.a, struct look);
	struct err why = ERR_INIT;
	struct cw_seen s = { .line = { .cancelled = DAY_NONE } };

	if (!cw_load_contract(w, &s) || !cw_lock_contract(w, &s))
		return;
	if (cw_check_date(w->w.change, NULL, &s.contract, &why) != RC_OK) {
		writing_end_error(&w->w, PSA_CONFLICT, &why);
		return;
	}
	w->j.effective = w->w.change->effective == DAY_NONE ? w->c->host.today : w->w.change->effective;
	if (!look(w, k))
		return;
	if (k->fresh) {
		writing_end(&w->w, PSA_CONFLICT,
			"An addition of this product with that quantity begins on that day already (%s). Nothing was "
			"changed; "
			"synchronize, then look again.",
			k->fresh);
		return;
	}
	note_known(w, k);
	add_now(w);
}

void cw_write_add(struct cw_write *w)
{
	struct cw_seen s;
	const char *id;
	bool go;

	if (w->j.step != CW_STEP_ADD && w->w.settle) {
		writing_end(&w->w, PSA_NOT_APPLIED, "The try before did not come to the point of sending anything.");
	} else if (w->j.step != CW_STEP_ADD) {
		start_add(w);
	} else {
		id = find_again(w, &go);
		if (id)
			confirm_added(w, id);
		else if (go && cw_load_contract(w, &s) && cw_lock_contract(w, &s))
			add_now(w);
	}
}

/* Tickets for alerts. Our reference goes to externalID, by which a ticket is looked for before one is made. */
#include "psa/autotask/at.h"

#include "base/codec.h"

#include <string.h>

enum { TITLE_MAX = 250, TEXT_MAX = 7900, REFERENCE_MAX = 50 };

/* At most `max` bytes, cut between characters. */
static const char *cut(struct arena *a, const char *text, size_t max)
{
	size_t len = strlen(text);

	if (len > max) {
		len = max;
		while (len && ((unsigned char)text[len] & 0xc0) == 0x80)
			len--;
	}
	return arena_strndup(a, text, len);
}

/* externalID is short. */
static const char *short_reference(struct arena *a, const char *reference)
{
	char hash[HASH_TEXT];

	if (strlen(reference) <= REFERENCE_MAX)
		return reference;
	hash_hex(reference, strlen(reference), hash);
	return arena_printf(a, "trueup:%.40s", hash);
}

struct found {
	struct arena *a;
	const char *id;
};

static enum rc found_row(void *arg, struct arena *a, const struct json *v, struct err *e)
{
	struct found *f = arg;

	f->id = arena_strdup(f->a, at_text(v, "id"));
	return RC_OK;
}

static enum rc find(struct psa_conn *c, struct arena *a, const char *reference, const char **ret_id, struct err *e)
{
	AUTO(buf) b = BUF_INIT(4096);
	struct found f = { a, NULL };
	struct at_query q = { .entity = "Tickets", .arg = &f, .row = found_row };
	struct jsonw w;
	enum rc rc;

	jsonw_init(&w, &b, 0);
	jsonw_object(&w);
	jsonw_kv(&w, "op", "eq");
	jsonw_kv(&w, "field", "externalID");
	jsonw_kv(&w, "value", reference);
	jsonw_end_object(&w);
	q.filter = buf_text(&b);
	rc = at_query(c, &q, e);
	*ret_id = f.id;
	return rc;
}

static enum rc value_of(
	const struct at_labels *l, const char *field, const char *label, const char **ret, struct err *e)
{
	*ret = *label ? at_value(l, field, label) : NULL;
	if (*label && !*ret)
		return err_set(e, RC_INVALID,
			"Autotask has no %s named \"%.100s\". Correct it in the settings of Autotask.",
			strcmp(field, "queueID") == 0 ? "queue" : "priority", label);
	return RC_OK;
}

static const char *priority_of(const struct psa_conn *c, const struct psa_ticket *t)
{
	return *c->ticket_priority ? c->ticket_priority : t->priority >= 3 ? "High" : "Medium";
}

static void kv_number(struct jsonw *w, const char *key, const char *id)
{
	if (!id || !wire_is_id(id, true))
		return;
	jsonw_key(w, key);
	jsonw_number(w, id);
}

static enum rc body_of(struct psa_conn *c, struct arena *a, const struct psa_ticket *t, const char *reference,
	const char **ret, struct err *e)
{
	struct at_labels *labels = ARENA_NEW(a, struct at_labels);
	AUTO(buf) b = BUF_INIT(1 << 20);
	const char *queue = NULL, *priority = NULL;
	char due[CLOCK_TEXT];
	struct jsonw w;
	enum rc rc = at_read_labels(c, a, "Tickets", labels, e);

	if (rc == RC_OK)
		rc = value_of(labels, "queueID", c->ticket_queue, &queue, e);
	if (rc == RC_OK)
		rc = value_of(labels, "priority", priority_of(c, t), &priority, e);
	if (rc != RC_OK)
		return rc;
	jsonw_init(&w, &b, 0);
	jsonw_object(&w);
	jsonw_kv_int(&w, "id", 0);
	kv_number(&w, "companyID", t->account_remote_id ? t->account_remote_id : c->ticket_company);
	jsonw_kv(&w, "title", cut(a, t->title, TITLE_MAX));
	jsonw_kv(&w, "description", cut(a, t->description, TEXT_MAX));
	jsonw_kv_int(&w, "status", 1);
	kv_number(&w, "priority", priority);
	kv_number(&w, "queueID", queue);
	jsonw_kv(&w, "dueDateTime", clock_format_ms(clock_now() + CLOCK_DAY, due));
	jsonw_kv(&w, "externalID", reference);
	jsonw_end_object(&w);
	*ret = arena_strdup(a, buf_text(&b));
	return b.failed ? err_set(e, RC_INVALID, "The alert's text is too long for a ticket.") : RC_OK;
}

/* A create whose fate is not known is looked up; when nothing is found the caller comes again later, and looks
 * first. */
static enum rc create(struct psa_conn *c, struct arena *a, const char *body, const char *reference, const char **ret_id,
	struct err *e)
{
	struct err ignored = ERR_INIT;
	struct httpc_answer answer;
	struct json *v;

	at_post(c, a, "Tickets", body, &answer);
	if (answer.fate == HTTPC_ANSWERED && answer.status == 200 &&
		wire_json(c->wire.who, a, &answer, "Tickets", &v, &ignored) == RC_OK && *at_text(v, "itemId")) {
		*ret_id = arena_strdup(a, at_text(v, "itemId"));
		return RC_OK;
	}
	if (answer.fate != HTTPC_NOT_SENT && (answer.status < 300 || answer.status >= 500) &&
		find(c, a, reference, ret_id, &ignored) == RC_OK && *ret_id)
		return RC_OK;
	if (answer.fate != HTTPC_ANSWERED)
		return wire_unreached(c->wire.who, &answer, e);
	if (answer.status >= 200 && answer.status < 300)
		return err_set(e, RC_REMOTE, "Autotask answered that the ticket was made, but does not show it yet.");
	return at_judge(c, &answer, "Tickets", e);
}

enum rc at_ticket(struct psa_conn *c, struct arena *a, const struct psa_ticket *t, const char **ret_id, struct err *e)
{
	const char *reference = short_reference(a, t->reference), *body;
	enum rc rc = find(c, a, reference, ret_id, e);

	if (rc != RC_OK || *ret_id)
		return rc;
	rc = body_of(c, a, t, reference, &body, e);
	return rc == RC_OK ? create(c, a, body, reference, ret_id, e) : rc;
}

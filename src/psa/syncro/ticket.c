/* Tickets for alerts. Syncro has no member for a foreign key, so our reference stands in the subject, by which a ticket
 * is looked for before one is made. */
#include "psa/syncro/syncro.h"

#include "base/codec.h"

#include <string.h>

enum { KEY = 12 };

/* A short word that no other ticket holds: "TU-1a2b3c4d5e6f". */
static const char *key_of(struct arena *a, const char *reference)
{
	char hash[HASH_TEXT];

	hash_hex(reference, strlen(reference), hash);
	return arena_printf(a, "TU-%.*s", KEY, hash);
}

static enum rc find(struct psa_conn *c, struct arena *a, const char *key, const char **ret_id, struct err *e)
{
	struct json *v;
	const struct json *rows;
	enum rc rc = syncro_get(c, a, arena_printf(a, "/tickets?query=%s", url_encode(a, key)), "tickets", &v, e);

	*ret_id = NULL;
	if (rc != RC_OK)
		return rc;
	rows = json_get(v, "tickets");
	for (const struct json *t = rows ? rows->child : NULL; t && !*ret_id; t = t->next) {
		if (strstr(json_text_or(json_get(t, "subject"), ""), key))
			*ret_id = json_scalar(json_get(t, "id"));
	}
	return RC_OK;
}

static const char *body_of(struct psa_conn *c, struct arena *a, const struct psa_ticket *t, const char *key)
{
	static const char *const priorities[] = { "3 Low", "2 Normal", "1 High", "0 Urgent" };
	int priority = t->priority < 1 ? 1 : t->priority > 4 ? 4 : t->priority;
	AUTO(buf) b = BUF_INIT(1 << 20);
	struct jsonw w;

	jsonw_init(&w, &b, 0);
	jsonw_object(&w);
	jsonw_kv(&w, "customer_id", t->account_remote_id ? t->account_remote_id : c->ticket_customer);
	jsonw_kv(&w, "subject", arena_printf(a, "%s [%s]", t->title, key));
	jsonw_kv(&w, "problem_type", c->ticket_problem_type);
	jsonw_kv(&w, "status", "New");
	jsonw_kv(&w, "priority", priorities[priority - 1]);
	jsonw_key(&w, "comments_attributes");
	jsonw_array(&w);
	jsonw_object(&w);
	jsonw_kv(&w, "subject", "Initial Issue");
	jsonw_kv(&w, "body", t->description ? t->description : "");
	jsonw_kv_bool(&w, "hidden", true);
	jsonw_kv_bool(&w, "do_not_email", true);
	jsonw_end_object(&w);
	jsonw_end_array(&w);
	jsonw_end_object(&w);
	return b.failed ? NULL : arena_strdup(a, buf_text(&b));
}

/* A POST whose fate is not known is looked up; when nothing is found the caller comes again later, and looks first. */
static enum rc create(
	struct psa_conn *c, struct arena *a, const char *body, const char *key, const char **ret_id, struct err *e)
{
	struct err why = ERR_INIT, ignored = ERR_INIT;
	struct json *v;
	enum sent sent = syncro_send(c, a, "POST", "/tickets", body, "a new ticket", &v, &why);

	if (sent == SENT_OK && json_scalar(json_path(v, "ticket/id"))) {
		*ret_id = json_scalar(json_path(v, "ticket/id"));
		return RC_OK;
	}
	if ((sent == SENT_OK || sent == SENT_MAYBE) && find(c, a, key, ret_id, &ignored) == RC_OK && *ret_id)
		return RC_OK;
	*e = why;
	return e->rc != RC_OK ? e->rc : err_set(e, RC_REMOTE, "Syncro answered to a new ticket without its number.");
}

enum rc syncro_ticket(
	struct psa_conn *c, struct arena *a, const struct psa_ticket *t, const char **ret_id, struct err *e)
{
	const char *key = key_of(a, t->reference), *body;
	enum rc rc;

	if (!t->account_remote_id && !*c->ticket_customer)
		return err_set(e, RC_INVALID,
			"This alert names no customer. Set \"Customer for alerts without a customer\" in the settings "
			"of "
			"Syncro.");
	rc = find(c, a, key, ret_id, e);
	if (rc != RC_OK || *ret_id)
		return rc;
	body = body_of(c, a, t, key);
	return body ? create(c, a, body, key, ret_id, e)
		    : err_set(e, RC_INVALID, "The alert's text is too long for a ticket.");
}

/* Tickets for alerts. Our reference goes to third_party_id_string and stands in the text, by which a ticket is searched
 * for before one is made. */
#include "psa/halo/ha.h"

#include "base/codec.h"

#include <string.h>

enum { SUMMARY_MAX = 200, REFERENCE_MAX = 60 };

static const char *short_reference(struct arena *a, const char *reference)
{
	char hash[HASH_TEXT];

	if (strlen(reference) <= REFERENCE_MAX &&
		strspn(reference, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:._-") ==
			strlen(reference))
		return reference;
	hash_hex(reference, strlen(reference), hash);
	return arena_printf(a, "trueup:%.40s", hash);
}

static bool is_ours(const struct json *v, const char *reference)
{
	return strcmp(ha_text(v, "third_party_id_string"), reference) == 0 ||
		strstr(ha_text(v, "details"), reference) != NULL;
}

static enum rc find(struct psa_conn *c, struct arena *a, const char *reference, const char **ret_id, struct err *e)
{
	const struct json *rows;
	struct json *v;
	enum rc rc = ha_get(c, a,
		arena_printf(a, "Tickets?pageinate=true&page_size=50&page_no=1&order=id&orderdesc=true&search=%s",
			url_encode(a, reference)),
		&v, e);

	*ret_id = NULL;
	if (rc != RC_OK)
		return rc;
	rows = ha_rows(v);
	for (const struct json *t = rows ? rows->child : NULL; t; t = t->next) {
		if (is_ours(t, reference))
			*ret_id = arena_strdup(a, ha_text(t, "id"));
	}
	return RC_OK;
}

/* At most SUMMARY_MAX bytes, cut between characters. */
static const char *summary(struct arena *a, const char *title)
{
	size_t len = strlen(title);

	if (len > SUMMARY_MAX) {
		len = SUMMARY_MAX;
		while (len && ((unsigned char)title[len] & 0xc0) == 0x80)
			len--;
	}
	return arena_strndup(a, title, len);
}

static void kv_number(struct jsonw *w, const char *key, const char *id)
{
	if (!wire_is_id(id, false))
		return;
	jsonw_key(w, key);
	jsonw_number(w, id);
}

static const char *body_of(struct psa_conn *c, struct arena *a, const struct psa_ticket *t, const char *reference)
{
	AUTO(buf) b = BUF_INIT(1 << 20);
	struct jsonw w;

	jsonw_init(&w, &b, 0);
	jsonw_array(&w);
	jsonw_object(&w);
	jsonw_kv(&w, "summary", summary(a, t->title));
	jsonw_kv(&w, "details", arena_printf(a, "%s\n\nTrueup reference: %s", t->description, reference));
	kv_number(&w, "tickettype_id", c->ticket_type);
	kv_number(&w, "client_id", t->account_remote_id ? t->account_remote_id : c->ticket_client);
	kv_number(&w, "priority_id", c->ticket_priority);
	jsonw_kv(&w, "third_party_id_string", reference);
	jsonw_kv_bool(&w, "donotapplytemplateintheapi", true);
	jsonw_end_object(&w);
	jsonw_end_array(&w);
	return b.failed ? NULL : arena_strdup(a, buf_text(&b));
}

/* A POST whose fate is not known is looked up; when nothing is found the caller comes again later, and looks first. */
static enum rc create(struct psa_conn *c, struct arena *a, const char *body, const char *reference, const char **ret_id,
	struct err *e)
{
	struct err ignored = ERR_INIT;
	struct httpc_answer answer;
	struct json *v;
	bool ok;

	ha_post(c, a, "Tickets", body, &answer);
	ok = answer.fate == HTTPC_ANSWERED && answer.status >= 200 && answer.status < 300;
	if (ok && wire_json(c->wire.who, a, &answer, "Tickets", &v, &ignored) == RC_OK && *ha_text(ha_saved(v), "id")) {
		*ret_id = arena_strdup(a, ha_text(ha_saved(v), "id"));
		return RC_OK;
	}
	if (answer.fate != HTTPC_NOT_SENT && (ok || answer.fate == HTTPC_NO_ANSWER || answer.status >= 500) &&
		find(c, a, reference, ret_id, &ignored) == RC_OK && *ret_id)
		return RC_OK;
	if (answer.fate != HTTPC_ANSWERED)
		return wire_unreached(c->wire.who, &answer, e);
	if (ok)
		return err_set(e, RC_REMOTE, "HaloPSA answered that the ticket was made, but does not show it yet.");
	return ha_judge(c, &answer, "Tickets", e);
}

enum rc ha_ticket(struct psa_conn *c, struct arena *a, const struct psa_ticket *t, const char **ret_id, struct err *e)
{
	const char *reference = short_reference(a, t->reference), *body;
	enum rc rc;

	if (!*c->ticket_type)
		return err_set(e, RC_INVALID, "Set \"Ticket type for alerts\" in the settings of HaloPSA.");
	if (!t->account_remote_id && !*c->ticket_client)
		return err_set(e, RC_INVALID,
			"This alert names no customer. Set \"Customer for alerts without a customer\" in the settings "
			"of HaloPSA.");
	rc = find(c, a, reference, ret_id, e);
	if (rc != RC_OK || *ret_id)
		return rc;
	body = body_of(c, a, t, reference);
	if (!body)
		return err_set(e, RC_INVALID, "The alert's text is too long for a ticket.");
	return create(c, a, body, reference, ret_id, e);
}

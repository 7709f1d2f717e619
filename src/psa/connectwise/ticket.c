/* Tickets for alerts. Our reference goes to externalXRef, by which a ticket is looked for before one is made. */
#include "psa/connectwise/cw.h"

#include "base/codec.h"

#include <string.h>

enum { REFERENCE_MAX = 100, SUMMARY_MAX = 100 };

/* The reference as ConnectWise keeps it: short, and without signs that mean something in a condition. */
static const char *plain_reference(struct arena *a, const char *reference)
{
	char hash[HASH_TEXT];
	size_t len = strlen(reference);

	if (len <= REFERENCE_MAX &&
		strspn(reference, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:._-") == len)
		return reference;
	hash_hex(reference, len, hash);
	return arena_printf(a, "trueup:%s", hash);
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

static enum rc find(struct psa_conn *c, struct arena *a, const char *reference, const char **ret_id, struct err *e)
{
	const char *condition = arena_printf(a, "externalXRef=\"%s\"", reference);
	struct json *v;
	enum rc rc = cw_get(c, a,
		arena_printf(a, "/service/tickets?pageSize=1&fields=id&conditions=%s", url_encode(a, condition)), &v, NULL,
		e);

	*ret_id = NULL;
	if (rc == RC_OK && json_is(v, JSON_ARRAY) && v->child)
		*ret_id = arena_strdup(a, cw_id(v->child));
	return rc;
}

static void kv_named(struct jsonw *w, const char *key, const char *by, const char *value)
{
	if (!value || !*value)
		return;
	jsonw_key(w, key);
	jsonw_object(w);
	if (strcmp(by, "id") == 0) {
		jsonw_key(w, by);
		jsonw_number(w, value);
	} else {
		jsonw_kv(w, by, value);
	}
	jsonw_end_object(w);
}

static const char *body_of(struct psa_conn *c, struct arena *a, const struct psa_ticket *t, const char *reference)
{
	AUTO(buf) b = BUF_INIT(1 << 20);
	struct jsonw w;

	jsonw_init(&w, &b, 0);
	jsonw_object(&w);
	jsonw_kv(&w, "summary", summary(a, t->title));
	if (t->account_remote_id)
		kv_named(&w, "company", "id", t->account_remote_id);
	else
		kv_named(&w, "company", "identifier", c->ticket_company);
	kv_named(&w, "board", "name", c->ticket_board);
	kv_named(&w, "priority", "name", c->ticket_priority);
	jsonw_kv(&w, "externalXRef", reference);
	jsonw_kv(&w, "initialDescription", t->description ? t->description : "");
	jsonw_end_object(&w);
	return b.failed ? NULL : arena_strdup(a, buf_text(&b));
}

/* A POST whose fate is not known is looked up; when nothing is found the caller comes again later, and looks first. */
static enum rc create(struct psa_conn *c, struct arena *a, const char *body, const char *reference, const char **ret_id,
	struct err *e)
{
	struct httpc_answer answer;
	struct err ignored = ERR_INIT;
	struct json *v;

	cw_send(c, a, "POST", "/service/tickets", body, &answer);
	if (answer.fate == HTTPC_ANSWERED && answer.status == 201 &&
		cw_json(a, &answer, "/service/tickets", &v, &ignored) == RC_OK && *cw_id(v)) {
		*ret_id = arena_strdup(a, cw_id(v));
		return RC_OK;
	}
	if (answer.fate != HTTPC_NOT_SENT && (answer.status < 300 || answer.status >= 500) &&
		find(c, a, reference, ret_id, &ignored) == RC_OK && *ret_id)
		return RC_OK;
	return cw_error(&answer, "POST", "/service/tickets", e);
}

enum rc cw_ticket(struct psa_conn *c, struct arena *a, const struct psa_ticket *t, const char **ret_id, struct err *e)
{
	const char *reference = plain_reference(a, t->reference);
	const char *body = body_of(c, a, t, reference);
	enum rc rc;

	if (!t->account_remote_id && !*c->ticket_company)
		return err_set(e, RC_INVALID,
			"This alert names no customer. Set \"Company for alerts without a customer\" in the settings of "
			"ConnectWise PSA.");
	if (!body)
		return err_set(e, RC_INVALID, "The alert's text is too long for a ticket.");
	rc = find(c, a, reference, ret_id, e);
	return rc == RC_OK && !*ret_id ? create(c, a, body, reference, ret_id, e) : rc;
}

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
		arena_printf(a, "/service/tickets?pageSize=1&fields=id&conditions=%s", url_encode(a, condition)), &v,
		NULL, e);

	*ret_id = NULL;
	if (rc == RC_OK && json_is(v, JSON_ARRAY) && v->child)
		*ret_id = arena_strdup(a, cw_id(v->child));
	return rc;
}

/* A text as a condition holds it. */
static const char *quoted(struct arena *a, const char *s)
{
	AUTO(buf) b = BUF_INIT(4096);

	buf_putc(&b, '"');
	for (; *s; s++) {
		if (*s == '[')
			buf_puts(&b, "[[]");
		else if (*s == '"' || *s == '\\')
			buf_printf(&b, "\\%c", *s);
		else
			buf_putc(&b, *s);
	}
	buf_putc(&b, '"');
	return arena_strdup(a, buf_text(&b));
}

/* The id of the record that a setting names, "" when the setting is empty. */
static enum rc id_by_name(struct psa_conn *c, struct arena *a, const char *path, const char *field, const char *name,
	const char **ret_id, struct err *e)
{
	const char *condition = arena_printf(a, "%s=%s", field, quoted(a, name));
	struct json *v;
	enum rc rc;

	*ret_id = "";
	if (!*name)
		return RC_OK;
	rc = cw_get(c, a, arena_printf(a, "%s?pageSize=1&conditions=%s", path, url_encode(a, condition)), &v, NULL, e);
	if (rc != RC_OK)
		return rc;
	if (!json_is(v, JSON_ARRAY) || !v->child)
		return err_set(e, RC_INVALID,
			"ConnectWise has nothing named \"%.100s\" under %s. Correct it in the settings of ConnectWise "
			"PSA.",
			name, path);
	*ret_id = arena_strdup(a, cw_id(v->child));
	return RC_OK;
}

struct places {
	const char *company, *board, *priority;
};

static enum rc find_places(
	struct psa_conn *c, struct arena *a, const struct psa_ticket *t, struct places *ret, struct err *e)
{
	enum rc rc = RC_OK;

	ret->company = t->account_remote_id;
	if (!ret->company)
		rc = id_by_name(c, a, "/company/companies", "identifier", c->ticket_company, &ret->company, e);
	if (rc == RC_OK)
		rc = id_by_name(c, a, "/service/boards", "name", c->ticket_board, &ret->board, e);
	if (rc == RC_OK)
		rc = id_by_name(c, a, "/service/priorities", "name", c->ticket_priority, &ret->priority, e);
	return rc;
}

static void kv_reference(struct jsonw *w, const char *key, const char *id)
{
	if (!*id)
		return;
	jsonw_key(w, key);
	jsonw_object(w);
	jsonw_key(w, "id");
	jsonw_number(w, id);
	jsonw_end_object(w);
}

static const char *body_of(struct arena *a, const struct psa_ticket *t, const struct places *p, const char *reference)
{
	AUTO(buf) b = BUF_INIT(1 << 20);
	struct jsonw w;

	jsonw_init(&w, &b, 0);
	jsonw_object(&w);
	jsonw_kv(&w, "summary", summary(a, t->title));
	kv_reference(&w, "company", p->company);
	kv_reference(&w, "board", p->board);
	kv_reference(&w, "priority", p->priority);
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

static enum rc make(struct psa_conn *c, struct arena *a, const struct psa_ticket *t, const char *reference,
	const char **ret_id, struct err *e)
{
	struct places p;
	const char *body;
	enum rc rc = find_places(c, a, t, &p, e);

	if (rc != RC_OK)
		return rc;
	body = body_of(a, t, &p, reference);
	if (!body)
		return err_set(e, RC_INVALID, "The alert's text is too long for a ticket.");
	return create(c, a, body, reference, ret_id, e);
}

enum rc cw_ticket(struct psa_conn *c, struct arena *a, const struct psa_ticket *t, const char **ret_id, struct err *e)
{
	const char *reference = plain_reference(a, t->reference);
	enum rc rc;

	if (!t->account_remote_id && !*c->ticket_company)
		return err_set(e, RC_INVALID,
			"This alert names no customer. Set \"Company for alerts without a customer\" in the settings "
			"of "
			"ConnectWise PSA.");
	rc = find(c, a, reference, ret_id, e);
	return rc == RC_OK && !*ret_id ? make(c, a, t, reference, ret_id, e) : rc;
}

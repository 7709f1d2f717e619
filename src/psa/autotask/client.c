/* Calls to the API: the zone, one call, queries page by page, the budget of the hour, and what a bad answer means. */
#include "psa/autotask/at.h"

#include "base/codec.h"
#include "net/hostrule.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { BUDGET_EVERY = 40, BUDGET_WAIT = 600 };

/* What the body says: {"errors":["text", ...]}. */
static const char *words_of(struct arena *a, const struct httpc_answer *answer)
{
	struct json_limits limits = { 1 << 20, 16, 10000 };
	struct json *v;

	if (json_parse(a, answer->body, answer->len, &limits, &v, NULL) != RC_OK)
		return "";
	return json_text_or(json_path(v, "errors/0"), "");
}

static enum rc slow_down(const struct httpc_answer *answer, const char *text, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;

	return wire_slow_down("Autotask", *text ? arena_printf(&a, ": %.200s", text) : "", answer, e);
}

/* Most refusals are a 500 with a text, so the text is looked at before the number. */
static enum rc judge_words(const struct httpc_answer *answer, const char *what, const char *text, struct err *e)
{
	int status = answer->status;

	if (strcasestr(text, "thread threshold") || strcasestr(text, "Itgenatr005") || status == 429)
		return slow_down(answer, text, e);
	if (status == 401 || strcasestr(text, "IntegrationCode is invalid"))
		return err_set(e, RC_UNAUTHORIZED,
			"Autotask does not accept the API user (%d). \"%.200s\" Check user name, secret and tracking "
			"identifier.",
			status, text);
	if (strcasestr(text, "Zone information could not be determined"))
		return err_at(e, RC_UNAUTHORIZED, "/settings/user_name",
			"Autotask knows no such API user. Check the API user name.");
	if (status == 403 || strcasestr(text, "permission") || strcasestr(text, "not authorized"))
		return err_set(e, RC_DENIED,
			"The security level of the API user does not allow this (%d) for %s. \"%.200s\" See the rights "
			"on the "
			"page about connecting Autotask.",
			status, what, text);
	if (status == 404)
		return err_set(e, RC_NOT_FOUND, "Autotask has no such record of %s (404).", what);
	if (status == 409)
		return err_set(e, RC_BUSY, "The record of %s is locked in Autotask (409). \"%.200s\"", what, text);
	if (status < 400)
		return wire_moved("Autotask", answer, what, e);
	if (status >= 500 && (status != 500 || !*text))
		return err_set(e, RC_REMOTE, "Autotask failed (%d) at %s. Try again later.", status, what);
	return err_set(e, RC_INVALID, "Autotask refused this at %s (%d): \"%.300s\"", what, status, text);
}

enum rc at_judge(void *arg, const struct httpc_answer *answer, const char *what, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;

	return judge_words(answer, what, words_of(&a, answer), e);
}

/* The zone gets the keys: it must be Autotask's own, or where the zone finder itself is. */
static enum rc take_zone(struct psa_conn *c, const char *url, struct err *e)
{
	const char *mark = url ? strstr(url, "://") : NULL;
	size_t len = mark ? strcspn(mark + 3, "/:?#") : 0, end = strlen(".autotask.net");
	bool ours = mark && len > end && strncasecmp(mark + 3 + len - end, ".autotask.net", end) == 0;

	if (!mark || (!ours && !hostrule_same_origin(url, c->site)))
		return err_set(e, RC_REMOTE, "The zone finder named an address that is not Autotask's: \"%.100s\".",
			url ? url : "");
	if (hostrule_check(url, c->host.allow_private, e) != RC_OK)
		return e->rc;
	len = strlen(url);
	while (len && url[len - 1] == '/')
		len--;
	c->api = arena_printf(&c->arena, "%.*s/V1.0", (int)len, url);
	return RC_OK;
}

/* No key goes with this question. */
enum rc at_zone(struct psa_conn *c, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	struct wire open = c->wire;
	struct json *v;
	enum rc rc;

	if (c->api)
		return RC_OK;
	open.headers = NULL;
	rc = wire_read(&open, &a, "GET",
		arena_printf(&a, "%s/ATServicesRest/V1.0/zoneInformation?user=%s", c->site, url_encode(&a, c->user)),
		NULL, "zoneInformation", &v, e);
	return rc == RC_OK ? take_zone(c, at_text(v, "url"), e) : rc;
}

enum rc at_read(struct psa_conn *c, struct arena *a, const char *path, struct json **ret, struct err *e)
{
	enum rc rc = at_zone(c, e);

	if (rc != RC_OK)
		return rc;
	return wire_read(&c->wire, a, "GET", arena_printf(a, "%s/%s", c->api, path), NULL, path, ret, e);
}

enum rc at_get(
	struct psa_conn *c, struct arena *a, const char *entity, const char *id, const struct json **ret, struct err *e)
{
	struct json *v;
	enum rc rc = at_read(c, a, arena_printf(a, "%s/%s", entity, id), &v, e);

	if (rc != RC_OK)
		return rc;
	*ret = at_member(v, "item");
	if (!json_is(*ret, JSON_OBJECT))
		return err_set(e, RC_NOT_FOUND, "Autotask has no such record of %s.", entity);
	return RC_OK;
}

void at_post(struct psa_conn *c, struct arena *a, const char *path, const char *body, struct httpc_answer *ret)
{
	at_send(c, a, "POST", path, body, ret);
}

void at_send(struct psa_conn *c, struct arena *a, const char *method, const char *path, const char *body,
	struct httpc_answer *ret)
{
	struct err why = ERR_INIT;

	if (at_zone(c, &why) != RC_OK) {
		*ret = (struct httpc_answer){ .fate = HTTPC_NOT_SENT, .body = "", .headers = "" };
		ret->error = arena_strdup(a, why.text);
		return;
	}
	wire_send(&c->wire, a, method, arena_printf(a, "%s/%s", c->api, path), body, ret);
}

enum rc at_budget(struct psa_conn *c, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	int64_t most, used;
	struct json *v;
	enum rc rc;

	if (c->reads++ % BUDGET_EVERY != 0)
		return RC_OK;
	rc = at_read(c, &a, "ThresholdInformation", &v, e);
	if (rc != RC_OK)
		return rc;
	if (json_int(at_member(v, "externalRequestThreshold"), 1, INT64_MAX / 100, &most) != RC_OK ||
		json_int(at_member(v, "currentTimeframeRequestCount"), 0, INT64_MAX / 100, &used) != RC_OK ||
		used * 100 < most * c->share)
		return RC_OK;
	err_set(e, RC_BUSY,
		"All programs together used %lld of the %lld calls that Autotask allows in an hour. Reading goes on "
		"later.",
		(long long)used, (long long)most);
	e->retry_after = BUDGET_WAIT;
	return RC_BUSY;
}

const char *at_is(struct arena *a, const char *field, const char *number)
{
	return arena_printf(a, "{\"op\":\"eq\",\"field\":\"%s\",\"value\":%s}", field, number);
}

char *at_date(struct arena *a, day d)
{
	char text[DAY_TEXT];

	return arena_printf(a, "%sT00:00:00.000Z", day_format(d, text));
}

const char *at_day_is(struct arena *a, const char *op, const char *field, day d)
{
	return arena_printf(a, "{\"op\":\"%s\",\"field\":\"%s\",\"value\":\"%s\"}", op, field, at_date(a, d));
}

/* Every page is asked for with the same method and body. */
static enum rc one_page(struct psa_conn *c, const struct at_query *q, const char *body, struct wire_pages *pages,
	char **next, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	struct json *v;
	const struct json *items;
	const char *url;
	enum rc rc = wire_read(&c->wire, &a, "POST", *next, body, q->entity, &v, e);

	if (rc != RC_OK)
		return rc;
	items = at_member(v, "items");
	if (!json_is(items, JSON_ARRAY))
		return wire_strange(e, "Autotask", "what came for %s holds no list of items", q->entity);
	rc = wire_page(pages, "Autotask", q->entity, items, e);
	for (const struct json *row = items->child; row && rc == RC_OK; row = row->next)
		rc = q->row(q->arg, &a, row, e);
	url = at_text(at_member(v, "pageDetails"), "nextPageUrl");
	if (rc == RC_OK && *url && !hostrule_same_origin(url, c->api))
		rc = err_set(e, RC_REMOTE, "Autotask named a next page on another host: \"%.100s\".", url);
	free(*next);
	*next = rc == RC_OK && *url ? xstrdup(url) : NULL;
	return rc;
}

enum rc at_query(struct psa_conn *c, const struct at_query *q, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	const char *body = arena_printf(&a, "{\"MaxRecords\":%d,\"filter\":[%s]}", AT_PAGE, q->filter);
	struct wire_pages pages = { 0 };
	char *next = NULL;
	enum rc rc = at_zone(c, e);

	if (rc == RC_OK)
		next = xstrdup(arena_printf(&a, "%s/%s/query", c->api, q->entity));
	while (next && rc == RC_OK) {
		if (c->wire.stop && c->wire.stop(c->wire.stop_arg))
			rc = err_set(e, RC_BUSY, "Stopped on request.");
		if (rc == RC_OK && c->wire.stop)
			rc = at_budget(c, e);
		if (rc == RC_OK)
			rc = one_page(c, q, body, &pages, &next, e);
	}
	free(next);
	return rc;
}

#include "psa/wire.h"

#include "base/rand.h"
#include "net/hostrule.h"
#include "psa/psa.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { PAGES_MOST = 20000 };

#define WAIT_FIRST (300 * CLOCK_SECOND / 1000)
#define WAIT_MOST (30 * CLOCK_SECOND)

utime wire_backoff(unsigned tries)
{
	utime wait = WAIT_FIRST << (tries < 10 ? tries - 1 : 9);
	uint16_t chance;

	rand_bytes(&chance, sizeof(chance));
	if (wait > WAIT_MOST)
		wait = WAIT_MOST;
	return wait / 2 + wait / 2 * chance / UINT16_MAX;
}

/* False when it was told to stop. */
static bool wait_for(struct wire *w, utime wait)
{
	utime until = clock_mono() + wait, left;

	while ((left = until - clock_mono()) > 0) {
		if (w->stop && w->stop(w->stop_arg))
			return false;
		clock_sleep(left < CLOCK_SECOND / 5 ? left : CLOCK_SECOND / 5);
	}
	return true;
}

/* An allowance that fills steadily and holds WIRE_BURST calls at most. */
utime wire_take(struct wire *w)
{
	utime now = clock_mono(), wait;

	if (w->rate_full_at < now)
		w->rate_full_at = now;
	wait = w->rate_full_at - now - WIRE_BURST * w->rate_step;
	if (wait <= 0)
		w->rate_full_at += w->rate_step;
	return wait > 0 ? wait : 0;
}

static void keep_rate(struct wire *w)
{
	utime wait;

	while ((wait = wire_take(w)) > 0)
		clock_sleep(wait);
}

void wire_send(struct wire *w, struct arena *a, const char *method, const char *url, const char *body,
	struct httpc_answer *ret)
{
	struct httpc_request request = { .method = method,
		.url = url,
		.headers = w->headers,
		.body = body,
		.body_len = body ? strlen(body) : 0,
		.timeout_ms = w->timeout_ms };

	keep_rate(w);
	httpc_do(w->http, a, &request, ret);
}

enum rc wire_unreached(const char *who, const struct httpc_answer *answer, struct err *e)
{
	size_t len = strlen(answer->error);

	if (strncmp(answer->error, who, strlen(who)) == 0)
		return err_set(e, RC_REMOTE, "%s", answer->error);
	return err_set(e, RC_REMOTE,
		"%s cannot be reached: %s%s If this lasts, check its address and this server's network.", who,
		answer->error, len && answer->error[len - 1] == '.' ? "" : ".");
}

enum rc wire_slow_down(const char *who, const char *limit, const struct httpc_answer *answer, struct err *e)
{
	err_set(e, RC_BUSY,
		"%s asks to slow down (%d)%s. It is asked again later; if this comes often, let Trueup or other "
		"programs make fewer calls.",
		who, answer->status, limit);
	e->retry_after = answer->retry_after;
	return RC_BUSY;
}

enum rc wire_json(const char *who, struct arena *a, const struct httpc_answer *answer, const char *what,
	struct json **ret, struct err *e)
{
	struct json_limits limits = { (size_t)32 << 20, 32, 4u << 20 };
	struct err why = ERR_INIT;

	if (json_parse(a, answer->body, answer->len, &limits, ret, &why) != RC_OK)
		return err_set(e, RC_REMOTE,
			"%s answered %d to %.100s, but the body is broken: %.300s If this lasts, check its address and "
			"whether a proxy changes its answers.",
			who, answer->status, what, why.text);
	if (!json_is(*ret, JSON_OBJECT) && !json_is(*ret, JSON_ARRAY))
		return wire_strange(e, who, "what came for %.100s is neither an object nor a list", what);
	return RC_OK;
}

/* FNV-1a. */
static uint64_t fingerprint(const char *text)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (; *text; text++)
		h = (h ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	return h;
}

enum rc wire_page(struct wire_pages *p, const char *who, const char *what, const struct json *rows, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	uint64_t now = rows && rows->count ? fingerprint(wire_text(&a, rows)) : 0;

	if (now && now == p->last)
		return wire_strange(e, who, "the same page of %.60s comes again and again", what);
	p->last = now;
	if (++p->number > PAGES_MOST)
		return wire_strange(e, who, "there are more pages of %.60s than can be", what);
	return RC_OK;
}

enum rc wire_strange(struct err *e, const char *who, const char *fmt, ...)
{
	char how[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(how, sizeof(how), fmt, ap);
	va_end(ap);
	return err_set(e, RC_REMOTE,
		"%s answers differently than it should: %s. What was read before stays. If this lasts, check its "
		"address; "
		"if it has a new release, report this.",
		who, how);
}

enum rc wire_moved(const char *who, const struct httpc_answer *answer, const char *what, struct err *e)
{
	return err_set(e, RC_INVALID,
		"%s sends on to another address (%d) when asked for %.100s. Check the address in the settings.", who,
		answer->status, what);
}

/* A server that asks for a longer wait than this is left alone; the caller comes back later. A sync has more patience
 * than a person who waits for a write. */
static utime wait_most(const struct wire *w)
{
	return w->stop ? 120 * CLOCK_SECOND : 5 * CLOCK_SECOND;
}

static enum rc try_read(struct wire *w, struct arena *a, const char *method, const char *url, const char *body,
	const char *what, struct json **ret, struct err *e)
{
	struct httpc_answer answer;

	wire_send(w, a, method, url, body, &answer);
	if (answer.fate != HTTPC_ANSWERED)
		return wire_unreached(w->who, &answer, e);
	if (answer.status < 200 || answer.status >= 300)
		return w->judge(w->judge_arg, &answer, what, e);
	return wire_json(w->who, a, &answer, what, ret, e);
}

bool wire_worth(const struct wire *w, enum rc rc, unsigned tries, const struct err *why, utime *ret_wait)
{
	*ret_wait = why->retry_after ? why->retry_after * CLOCK_SECOND : wire_backoff(tries);
	return (rc == RC_BUSY || rc == RC_REMOTE) && tries < w->tries && *ret_wait <= wait_most(w);
}

bool wire_again(struct wire *w, enum rc rc, unsigned tries, const struct err *why)
{
	utime wait;

	return wire_worth(w, rc, tries, why, &wait) && wait_for(w, wait);
}

enum rc wire_read(struct wire *w, struct arena *a, const char *method, const char *url, const char *body,
	const char *what, struct json **ret, struct err *e)
{
	for (unsigned i = 1;; i++) {
		struct err why = ERR_INIT;
		enum rc rc = try_read(w, a, method, url, body, what, ret, &why);

		if (rc == RC_OK)
			return rc;
		if (!wire_again(w, rc, i, &why)) {
			*e = why;
			return rc;
		}
	}
}

bool wire_among(const char *names, const char *name)
{
	size_t len = strlen(name);

	for (const char *p = names; *p;) {
		size_t n;

		p += strspn(p, " ,");
		n = strcspn(p, ",");
		if (n >= len && strncasecmp(p, name, len) == 0 && strspn(p + len, " ") >= n - len)
			return len > 0;
		p += n;
	}
	return false;
}

const char *wire_domain(struct arena *a, const char *website)
{
	const char *mark = strstr(website, "://");
	const char *host = mark ? mark + 3 : website;
	char *domain;

	if (strncasecmp(host, "www.", 4) == 0)
		host += 4;
	domain = arena_strndup(a, host, strcspn(host, "/:?# "));
	for (char *p = domain; *p; p++) {
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	}
	return domain;
}

char *wire_text(struct arena *a, const struct json *v)
{
	AUTO(buf) b = BUF_INIT(256 << 10);
	struct jsonw w;

	jsonw_init(&w, &b, 0);
	if (v)
		jsonw_value(&w, v);
	else
		jsonw_null(&w);
	return arena_strdup(a, b.failed ? "null" : buf_text(&b));
}

bool wire_is_id(const char *id, bool negative)
{
	const char *p = id && negative && *id == '-' ? id + 1 : id;

	return p && *p && strspn(p, "0123456789") == strlen(p) && strlen(p) < 19;
}

const char *wire_setting(struct arena *a, const struct psa_setting *rows, const struct json *settings, const char *name)
{
	const char *value = json_scalar(json_get(settings, name));

	while (rows->name && strcmp(rows->name, name) != 0)
		rows++;
	if (!value || !*value)
		value = rows->name && rows->fallback ? rows->fallback : "";
	return arena_strdup(a, value);
}

const char *wire_label(const struct psa_setting *rows, const char *name)
{
	while (rows->name && strcmp(rows->name, name) != 0)
		rows++;
	return rows->name ? rows->label : name;
}

enum rc wire_check_plain(const struct psa_setting *rows, const struct json *settings, const char *name,
	const char *never, struct err *e)
{
	const char *value = json_scalar(json_get(settings, name));
	char pointer[160];

	snprintf(pointer, sizeof(pointer), "/settings/%s", name);
	for (const char *p = value ? value : ""; *p; p++) {
		if ((unsigned char)*p <= ' ' || *p == 0x7f || strchr(never, *p))
			return err_at(e, RC_INVALID, pointer,
				"%s holds a blank or a sign that it cannot hold. Copy it again.",
				wire_label(rows, name));
	}
	return RC_OK;
}

enum rc wire_site(
	struct arena *a, const char *site, bool allow_private, const char *label, const char **ret, struct err *e)
{
	const char *mark = strstr(site, "://");
	const char *host = mark ? mark + 3 : site;
	const char *scheme = mark ? arena_strndup(a, site, (size_t)(host - site)) : "https://";
	enum rc rc;

	*ret = arena_printf(a, "%s%.*s", scheme, (int)strcspn(host, "/"), host);
	rc = hostrule_check(*ret, allow_private, e);
	return rc == RC_OK ? rc : err_at(e, rc, "/settings/site", "%s: %s", label, arena_strdup(a, e->text));
}

enum rc wire_rate(const struct psa_setting *rows, const char *name, const char *text, long max, utime span,
	utime *ret_step, struct err *e)
{
	char pointer[160], *end;
	long rate = strtol(text, &end, 10);

	snprintf(pointer, sizeof(pointer), "/settings/%s", name);
	if (*end || rate < 1 || rate > max)
		return err_at(e, RC_INVALID, pointer, "%s is a whole number from 1 to %ld.", wire_label(rows, name),
			max);
	*ret_step = span / rate;
	return RC_OK;
}

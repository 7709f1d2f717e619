#include "api/proxy.h"

#include "api/app.h"
#include "api/route.h"
#include "api/session.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PART_MAX = 64, ADDRESS_BITS = 128, IPV4_OFFSET = 96 };

/* ---- who is listed ---- */

/* As IPv6, IPv4 mapped into it; *ret_offset: the bits before a network's own. */
static bool read_address(const char *text, unsigned char ret[16], int *ret_offset)
{
	memcpy(ret, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
	*ret_offset = IPV4_OFFSET;
	if (inet_pton(AF_INET, text, ret + 12) == 1)
		return true;
	*ret_offset = 0;
	return inet_pton(AF_INET6, text, ret) == 1;
}

static bool read_bits(const char *text, int offset, int *ret)
{
	char *end;
	long n = strtol(text, &end, 10);

	*ret = (int)n + offset;
	return end != text && !*end && *text != '-' && *text != '+' && n >= 0 && n <= ADDRESS_BITS - offset;
}

static bool read_network(char *part, unsigned char ret[16], int *ret_bits)
{
	char *slash = strchr(part, '/');
	int offset;

	if (slash)
		*slash++ = '\0';
	*ret_bits = ADDRESS_BITS;
	return read_address(part, ret, &offset) && (!slash || read_bits(slash, offset, ret_bits));
}

/* The next part of a list, without blanks and commas; false at the end. A part that is too long is cut, and then no
 * network. */
static bool next_part(const char **list, char ret[PART_MAX])
{
	static const char between[] = ", \t\n";
	size_t len;

	*list += strspn(*list, between);
	len = strcspn(*list, between);
	snprintf(ret, PART_MAX, "%.*s", (int)(len < PART_MAX ? len : PART_MAX - 1), *list);
	*list += len;
	return len > 0;
}

enum rc proxy_check(const char *list, struct err *e)
{
	char part[PART_MAX], copy[PART_MAX];
	unsigned char address[16];
	int bits, count = 0;

	for (; next_part(&list, part); count++) {
		memcpy(copy, part, sizeof(copy));
		if (!read_network(copy, address, &bits))
			return err_set(e, RC_INVALID,
				"TRUEUP_PROXY_FROM holds %s, which is neither an address nor a network like "
				"10.8.0.0/16.",
				part);
	}
	return count ? RC_OK
		     : err_set(e, RC_INVALID,
			       "TRUEUP_PROXY_USER_HEADER is set and TRUEUP_PROXY_FROM is not: anybody could send that "
			       "header. Name the addresses of the proxies.");
}

static bool same_bits(const unsigned char *a, const unsigned char *b, int bits)
{
	int whole = bits / 8, rest = bits % 8;

	return memcmp(a, b, (size_t)whole) == 0 && (!rest || (a[whole] ^ b[whole]) >> (8 - rest) == 0);
}

bool proxy_listed(const char *list, const char *remote)
{
	unsigned char address[16], network[16];
	char part[PART_MAX];
	int bits, offset;

	if (!read_address(remote, address, &offset))
		return false;
	while (next_part(&list, part))
		if (read_network(part, network, &bits) && same_bits(address, network, bits))
			return true;
	return false;
}

/* ---- signing in ---- */

struct entry {
	struct call *call;
	const char *email;
	struct user user;
	struct signed_in in;
};

static enum rc enter(struct tx *tx, void *arg, struct err *e)
{
	struct entry *n = arg;
	struct arena *a = n->call->arena;
	enum rc rc = user_find(tx, a, n->email, &n->user, e);

	if (rc == RC_NOT_FOUND)
		return err_set(
			e, RC_DENIED, "You may not use Trueup yet. Ask an administrator to invite %.200s.", n->email);
	if (rc == RC_OK)
		rc = tx_lock_org(tx, n->user.org, e);
	return rc == RC_OK ? signin_known(tx, a, &n->user, "sso", n->call->rq->id, &n->in, e) : rc;
}

const char *proxy_names(const struct call *c)
{
	const char *email = NULL;

	if (c->app->proxy_user_header && proxy_listed(c->app->proxy_from, c->rq->remote))
		email = http_header(c->rq, c->app->proxy_user_header);
	return email && *email ? email : NULL;
}

static enum rc get_proxy(struct call *c, struct err *e)
{
	const struct app *app = c->app;
	struct entry n = { .call = c };
	enum rc rc;

	if (!app->proxy_user_header)
		return err_set(e, RC_NOT_FOUND, "Signing in by a proxy is off (TRUEUP_PROXY_USER_HEADER).");
	if (!proxy_listed(app->proxy_from, c->rq->remote))
		return err_set(e, RC_DENIED, "%s is none of the proxies that may sign people in (TRUEUP_PROXY_FROM).",
			c->rq->remote);
	n.email = proxy_names(c);
	if (!n.email)
		return err_set(e, RC_UNAUTHORIZED, "The proxy did not say who you are (%s).", app->proxy_user_header);
	rc = db_write(app->db, enter, &n, e);
	if (rc != RC_OK)
		return rc;
	session_cookies(c, &n.in);
	call_add_header(c, "Location", arena_printf(c->arena, "%s/", app->public_url));
	c->content_type = "text/plain; charset=utf-8";
	buf_puts(&c->out_buf, "Found\n");
	return RC_OK;
}

const struct route proxy_routes[] = {
	{ "GET", "/api/v1/session/proxy", ROUTE_WORK, ROLE_NONE, 302, get_proxy, .rate = RATE_SIGNIN,
		.summary = "Sign in as whom a listed reverse proxy names" },
	{ NULL },
};

/* Judges addresses and URLs; see hostrule.h for the rule itself. */
#include "net/hostrule.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

struct range4 {
	uint32_t net;
	int bits;
};

/* IANA's special-purpose registry for IPv4: none of these is reached over the public internet. */
static const struct range4 special4[] = {
	{ 0x00000000, 8 }, /* this network */
	{ 0x0a000000, 8 }, /* private */
	{ 0x64400000, 10 }, /* carrier-grade NAT */
	{ 0x7f000000, 8 }, /* loopback */
	{ 0xa9fe0000, 16 }, /* link local, cloud metadata */
	{ 0xac100000, 12 }, /* private */
	{ 0xc0000000, 24 }, /* protocol assignments */
	{ 0xc0000200, 24 }, /* documentation */
	{ 0xc0586300, 24 }, /* 6to4 relay, retired */
	{ 0xc0a80000, 16 }, /* private */
	{ 0xc6120000, 15 }, /* benchmarking */
	{ 0xc6336400, 24 }, /* documentation */
	{ 0xcb007100, 24 }, /* documentation */
	{ 0xe0000000, 4 }, /* multicast */
	{ 0xf0000000, 4 }, /* reserved, broadcast */
};

static bool public4(uint32_t address)
{
	for (size_t i = 0; i < ARRAY_LEN(special4); i++) {
		if ((address ^ special4[i].net) >> (32 - special4[i].bits) == 0)
			return false;
	}
	return true;
}

static uint32_t word_at(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static bool begins(const unsigned char *p, const char *prefix, size_t len)
{
	return memcmp(p, prefix, len) == 0;
}

/* Only global unicast (2000::/3) is public, without what stands in it for documentation, benchmarks and tunnels.
 * Forms that hold an IPv4 address are judged as that one. */
static bool public6(const unsigned char *p)
{
	if (begins(p, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12) || begins(p, "\0\x64\xff\x9b\0\0\0\0\0\0\0\0", 12))
		return public4(word_at(p + 12));
	if (begins(p, "\x20\x02", 2))
		return public4(word_at(p + 2));
	if ((p[0] & 0xe0) != 0x20)
		return false;
	return !begins(p, "\x20\x01\x0d\xb8", 4) && !(begins(p, "\x20\x01", 2) && p[2] < 0x02) &&
		!begins(p, "\x3f\xff", 2);
}

bool hostrule_is_public(const struct sockaddr *address)
{
	if (address->sa_family == AF_INET) {
		const struct sockaddr_in *in = (const void *)address;

		return public4(ntohl(in->sin_addr.s_addr));
	}
	if (address->sa_family == AF_INET6) {
		const struct sockaddr_in6 *in = (const void *)address;

		return public6(in->sin6_addr.s6_addr);
	}
	return false;
}

bool hostrule_may_connect(const struct sockaddr *address, bool allow_private, bool plain)
{
	if (address->sa_family != AF_INET && address->sa_family != AF_INET6)
		return false;
	if (hostrule_is_public(address))
		return !plain;
	return allow_private;
}

/* The parts of a URL as libcurl itself will read them; it spells every numeric IPv4 form with dots. */
struct parts {
	CURLU *url;
	char *scheme, *host, *port, *user;
};

static bool parts_read(struct parts *p, const char *url)
{
	memset(p, 0, sizeof(*p));
	p->url = curl_url();
	if (!p->url || curl_url_set(p->url, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME))
		return false;
	curl_url_get(p->url, CURLUPART_USER, &p->user, 0);
	return !curl_url_get(p->url, CURLUPART_SCHEME, &p->scheme, 0) &&
		!curl_url_get(p->url, CURLUPART_HOST, &p->host, 0) &&
		!curl_url_get(p->url, CURLUPART_PORT, &p->port, CURLU_DEFAULT_PORT);
}

static void parts_release(struct parts *p)
{
	curl_free(p->scheme);
	curl_free(p->host);
	curl_free(p->port);
	curl_free(p->user);
	curl_url_cleanup(p->url);
}

static bool ends_with(const char *s, const char *end)
{
	size_t a = strlen(s), b = strlen(end);

	return a >= b && strcasecmp(s + a - b, end) == 0;
}

/* A host that can be judged without asking a name server: an address, or a name that is always this machine. */
static bool private_literal(const char *host)
{
	struct sockaddr_in in4 = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	char bare[INET6_ADDRSTRLEN + 1] = "";
	size_t len = strcspn(host, "%]");

	if (inet_pton(AF_INET, host, &in4.sin_addr) == 1)
		return !hostrule_is_public((const struct sockaddr *)&in4);
	if (host[0] != '[')
		return strcasecmp(host, "localhost") == 0 || ends_with(host, ".localhost");
	if (len < 2 || len > sizeof(bare))
		return true;
	memcpy(bare, host + 1, len - 1);
	return inet_pton(AF_INET6, bare, &in6.sin6_addr) != 1 || !hostrule_is_public((const struct sockaddr *)&in6);
}

static enum rc judge(const struct parts *p, bool allow_private, struct err *e)
{
	bool plain = strcmp(p->scheme, "http") == 0;

	if (p->user)
		return err_set(e, RC_INVALID, "The address must not hold a user name or password.");
	if (!plain && strcmp(p->scheme, "https") != 0)
		return err_set(e, RC_INVALID, "The address begins with %s://, but only https:// is used.", p->scheme);
	if (plain && !allow_private)
		return err_set(
			e, RC_INVALID, "The address must begin with https://: over http keys travel in the open.");
	if (!allow_private && private_literal(p->host))
		return err_set(e, RC_INVALID,
			"%s is an address inside a network, not on the public internet. If the remote stands there, "
			"set "
			"TRUEUP_ALLOW_PRIVATE_REMOTES=1 and start the server again.",
			p->host);
	return RC_OK;
}

enum rc hostrule_check(const char *url, bool allow_private, struct err *e)
{
	struct parts p;
	enum rc rc;

	if (parts_read(&p, url))
		rc = judge(&p, allow_private, e);
	else
		rc = err_set(e, RC_INVALID, "\"%.200s\" is not a complete address such as https://example.com.", url);
	parts_release(&p);
	return rc;
}

bool hostrule_same_origin(const char *a, const char *b)
{
	struct parts x, y;
	bool fine = parts_read(&x, a);

	fine = parts_read(&y, b) && fine;
	fine = fine && strcasecmp(x.scheme, y.scheme) == 0 && strcasecmp(x.host, y.host) == 0 &&
		strcmp(x.port, y.port) == 0;
	parts_release(&x);
	parts_release(&y);
	return fine;
}

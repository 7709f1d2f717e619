/* framing.c - refuses requests whose end two programs could see at different places, as far as it shows here.
 *
 * Libevent reads leniently. What it leaves visible is checked before anything is done with the request, and its
 * connection ends: a name that is no token (a blank before the colon), repeated or odd Content-Length, any
 * Transfer-Encoding other than one plain "chunked" on its own, a repeated Host. Bare LF and folded lines are
 * gone by then: a proxy in front normalises them.
 */
#include "http/seam.h"

#include <event2/keyvalq_struct.h>
#include <string.h>
#include <strings.h>

enum { LENGTH_DIGITS = 15 };

struct seen {
	unsigned lengths, encodings, hosts;
	const char *length, *encoding;
};

static bool is_token(const char *s)
{
	static const char others[] = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

	return *s && s[strspn(s, others)] == '\0';
}

static bool look(const struct evkeyvalq *headers, struct seen *seen)
{
	const struct evkeyval *h;

	for (h = headers->tqh_first; h; h = h->next.tqe_next) {
		if (!is_token(h->key))
			return false;
		if (strcasecmp(h->key, "Content-Length") == 0) {
			seen->lengths++;
			seen->length = h->value;
		} else if (strcasecmp(h->key, "Transfer-Encoding") == 0) {
			seen->encodings++;
			seen->encoding = h->value;
		} else if (strcasecmp(h->key, "Host") == 0) {
			seen->hosts++;
		}
	}
	return true;
}

static bool is_length(const char *s)
{
	size_t digits = strspn(s, "0123456789");

	return digits > 0 && digits <= LENGTH_DIGITS && s[digits] == '\0';
}

static bool has_body_method(const struct evhttp_request *ev)
{
	return ev->type == EVHTTP_REQ_POST || ev->type == EVHTTP_REQ_PUT || ev->type == EVHTTP_REQ_PATCH;
}

static const char *find_fault(const struct evhttp_request *ev, const struct seen *s)
{
	if (s->lengths > 1)
		return "Content-Length is there more than once.";
	if (s->encodings > 1 || (s->encodings && s->lengths))
		return "Send either one Content-Length or one Transfer-Encoding.";
	if (s->encodings && (strcasecmp(s->encoding, "chunked") != 0 || ev->major != 1 || ev->minor < 1))
		return "The only Transfer-Encoding is chunked, in HTTP/1.1.";
	if (s->lengths && !is_length(s->length))
		return "Content-Length is a number in digits, with nothing around it.";
	if (s->hosts > 1 || (s->hosts == 0 && ev->major == 1 && ev->minor >= 1))
		return "Send one Host.";
	if (!has_body_method(ev) && (s->encodings || (s->lengths && strspn(s->length, "0") != strlen(s->length))))
		return "A request with this method has no body.";
	return NULL;
}

const char *framing_fault(const struct evhttp_request *ev)
{
	struct seen s = { 0 };

	if (!look(ev->input_headers, &s))
		return "A header's name has characters that do not belong there.";
	return find_fault(ev, &s);
}

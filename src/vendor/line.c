#include "vendor/line.h"

#include "base/codec.h"
#include "base/json.h"

#include <string.h>
#include <strings.h>

enum { WORDS_MAX = 300, WAIT_MAX_S = 600 };

static bool loopback(const char *url)
{
	static const char *const hosts[] = { "127.0.0.1", "localhost", "[::1]" };
	const char *host = strstr(url, "://");

	for (size_t i = 0; host && i < ARRAY_LEN(hosts); i++) {
		size_t len = strlen(hosts[i]);

		if (strncasecmp(host + 3, hosts[i], len) == 0 && strchr(":/?", host[3 + len]))
			return true;
	}
	return false;
}

bool vendor_url_safe(const char *url)
{
	if (strncasecmp(url, "https://", 8) == 0)
		return url[8] != '\0';
	return strncasecmp(url, "http://", 7) == 0 && loopback(url);
}

static size_t origin_len(const char *url)
{
	const char *host = strstr(url, "://");

	return host ? (size_t)(host + 3 - url) + strcspn(host + 3, "/?#") : 0;
}

bool vendor_url_same_host(const char *a, const char *b)
{
	size_t len = origin_len(a);

	return len && len == origin_len(b) && strncasecmp(a, b, len) == 0;
}

void vendor_line_open(struct vendor_line *l, const struct pull_host *host, const struct pull_sink *sink,
	const char *vendor, const char *base, utime gap)
{
	struct httpc_config config = { .allow_private = host->allow_private };

	*l = (struct vendor_line){ .host = host, .sink = sink, .vendor = vendor, .gap = gap, .patient = true };
	if (loopback(base)) {
		l->gap = 0;
		l->patient = false;
	}
	l->http = httpc_new(&config);
}

void vendor_line_close(struct vendor_line *l)
{
	httpc_free(l->http);
}

/* Waits in small steps, so that a server that stops is not held up. */
static enum rc wait_for(struct vendor_line *l, utime duration, struct err *e)
{
	utime end = clock_mono() + duration;

	for (;;) {
		utime left = end - clock_mono();

		if (l->sink && l->sink->cancelled(l->sink->host))
			return err_set(e, RC_BUSY, "the server stops");
		if (left <= 0)
			return RC_OK;
		clock_sleep(left < CLOCK_SECOND / 2 ? left : CLOCK_SECOND / 2);
	}
}

static enum rc pace(struct vendor_line *l, struct err *e)
{
	utime due = l->last_call ? l->last_call + l->gap - clock_mono() : 0;
	enum rc rc = wait_for(l, due, e);

	l->last_call = clock_mono();
	return rc;
}

static bool passes(const struct httpc_answer *answer)
{
	if (answer->fate != HTTPC_ANSWERED)
		return !answer->lasting;
	return answer->status == 429 || answer->status == 423 || answer->status >= 500;
}

enum rc vendor_line_send(struct vendor_line *l, struct arena *a, const struct httpc_request *request, unsigned tries,
	struct httpc_answer *ret, struct err *e)
{
	static const int waits[] = { 5, 15, 60 };

	for (unsigned try = 0;; try++) {
		int seconds = l->patient ? waits[try < ARRAY_LEN(waits) ? try : ARRAY_LEN(waits) - 1] : 1;
		enum rc rc = pace(l, e);

		if (rc != RC_OK)
			return rc;
		httpc_do(l->http, a, request, ret);
		if (ret->retry_after)
			seconds = ret->retry_after;
		/* Who asks for a long pause gets one: the next reading comes by itself. */
		if (!passes(ret) || try >= tries || seconds > WAIT_MAX_S)
			return RC_OK;
		rc = wait_for(l, seconds * CLOCK_SECOND, e);
		if (rc != RC_OK)
			return rc;
	}
}

static const char *words_in(const struct json *v, unsigned depth)
{
	static const char *const members[] = { "error_description", "message", "Message", "detail", "details", "title",
		"resultMessage", "error", "errors" };
	const char *text = json_text(v);

	if (text || depth == 0)
		return text && *text ? text : NULL;
	if (json_is(v, JSON_ARRAY))
		return words_in(v->child, depth - 1);
	for (size_t i = 0; i < ARRAY_LEN(members); i++) {
		const struct json *m = json_get(v, members[i]);

		text = m ? words_in(m, depth - 1) : NULL;
		if (text)
			return text;
	}
	return NULL;
}

const char *vendor_words(struct arena *a, const struct httpc_answer *answer)
{
	const char *text = NULL;
	struct json *v;
	size_t len;

	if (answer->fate != HTTPC_ANSWERED)
		return answer->error;
	if (json_parse(a, answer->body, answer->len, NULL, &v, NULL) == RC_OK)
		text = words_in(v, 4);
	if (!text)
		text = answer->len
			? text_to_utf8(a, answer->body, answer->len < WORDS_MAX ? answer->len : WORDS_MAX, &len)
			: "no words";
	len = strlen(text);
	/* A full stop of theirs and one of ours make a strange pair. */
	while (len && strchr(". \r\n", text[len - 1]))
		len--;
	if (len > WORDS_MAX)
		len = WORDS_MAX;
	while (len && !utf8_valid(text, len))
		len--;
	return arena_strndup(a, text, len);
}

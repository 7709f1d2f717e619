/* Outbound HTTP on libcurl's multi interface; one slot is one request in flight. */
#include "net/httpc.h"

#include "base/buf.h"
#include "net/hostrule.h"
#include "net/trust.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { SLOTS = 16, HOPS = 3, TICK_MS = 200, CONNECT_MS = 15000, HEADER_BYTES = 64 << 10, DAY_SECONDS = 86400 };

#define ANSWER_BYTES ((size_t)32 << 20)

struct slot {
	struct httpc *client;
	CURL *easy;
	struct curl_slist *headers;
	struct arena arena;
	struct buf body, head;
	struct httpc_request request;
	void *tag;
	int hops;
	bool busy, plain, blocked;
	char error[1024]; /* at least CURL_ERROR_SIZE */
};

struct httpc {
	CURLM *multi;
	bool allow_private;
	char *user_agent;
	struct slot slot[SLOTS];
};

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void global_init(void)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT))
		BUG("libcurl cannot be set up");
}

struct httpc *httpc_new(const struct httpc_config *config)
{
	struct httpc *c = xcalloc(1, sizeof(*c));

	pthread_once(&once, global_init);
	c->multi = curl_multi_init();
	if (!c->multi)
		BUG("libcurl gives no handle");
	c->allow_private = config->allow_private;
	c->user_agent = xstrdup(config->user_agent ? config->user_agent : "Trueup");
	return c;
}

static void slot_clear(struct slot *s)
{
	if (s->busy)
		curl_multi_remove_handle(s->client->multi, s->easy);
	s->busy = false;
	curl_slist_free_all(s->headers);
	s->headers = NULL;
	arena_release(&s->arena);
}

void httpc_free(struct httpc *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < SLOTS; i++) {
		slot_clear(&c->slot[i]);
		if (c->slot[i].easy)
			curl_easy_cleanup(c->slot[i].easy);
		buf_release(&c->slot[i].body);
		buf_release(&c->slot[i].head);
	}
	curl_multi_cleanup(c->multi);
	free(c->user_agent);
	free(c);
}

static size_t take_body(char *data, size_t size, size_t count, void *arg)
{
	struct slot *s = arg;

	buf_put(&s->body, data, size * count);
	return s->body.failed ? 0 : size * count;
}

/* The headers of the last answer only: a status line begins anew (100 Continue, redirects). */
static size_t take_header(char *data, size_t size, size_t count, void *arg)
{
	struct slot *s = arg;

	if (size * count > 5 && memcmp(data, "HTTP/", 5) == 0)
		buf_clear(&s->head);
	buf_put(&s->head, data, size * count);
	return s->head.failed ? 0 : size * count;
}

/* The address is judged here, after the name was resolved: what a name server says cannot lead inside. */
static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct slot *s = arg;

	if (!hostrule_may_connect(&address->addr, s->client->allow_private, s->plain)) {
		s->blocked = true;
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static void set_headers(struct slot *s)
{
	const char *const *h = s->request.headers;

	/* No "Expect: 100-continue": some servers never answer it, and bodies are small. */
	s->headers = curl_slist_append(NULL, "Expect:");
	for (; h && *h; h++)
		s->headers = curl_slist_append(s->headers, *h);
	curl_easy_setopt(s->easy, CURLOPT_HTTPHEADER, s->headers);
}

static bool is_get(const struct httpc_request *r)
{
	return strcmp(r->method, "GET") == 0;
}

static void set_method(struct slot *s)
{
	const struct httpc_request *r = &s->request;

	curl_easy_setopt(s->easy, CURLOPT_CUSTOMREQUEST, r->method);
	if (r->body) {
		curl_easy_setopt(s->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body_len);
		curl_easy_setopt(s->easy, CURLOPT_POSTFIELDS, r->body);
	}
	curl_easy_setopt(s->easy, CURLOPT_FRESH_CONNECT, is_get(r) ? 0L : 1L);
}

static void set_limits(struct slot *s)
{
	long ms = s->request.timeout_ms > 0 ? s->request.timeout_ms : 60000;

	curl_easy_setopt(s->easy, CURLOPT_TIMEOUT_MS, ms);
	curl_easy_setopt(s->easy, CURLOPT_CONNECTTIMEOUT_MS, ms < CONNECT_MS ? ms : (long)CONNECT_MS);
	curl_easy_setopt(s->easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(s->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(s->easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(s->easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(s->easy, CURLOPT_PROXY, "");
	trust_apply(s->easy);
	curl_easy_setopt(s->easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
}

static void set_ends(struct slot *s)
{
	curl_easy_setopt(s->easy, CURLOPT_PRIVATE, s);
	curl_easy_setopt(s->easy, CURLOPT_ERRORBUFFER, s->error);
	curl_easy_setopt(s->easy, CURLOPT_USERAGENT, s->client->user_agent);
	curl_easy_setopt(s->easy, CURLOPT_ACCEPT_ENCODING, "");
	curl_easy_setopt(s->easy, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(s->easy, CURLOPT_WRITEDATA, s);
	curl_easy_setopt(s->easy, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(s->easy, CURLOPT_HEADERDATA, s);
	curl_easy_setopt(s->easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(s->easy, CURLOPT_OPENSOCKETDATA, s);
}

/* False when the address is refused before anything is sent; the words are in s->error. */
static bool slot_start(struct slot *s)
{
	struct err why = ERR_INIT;

	if (!s->easy)
		s->easy = curl_easy_init();
	if (!s->easy)
		BUG("libcurl gives no handle");
	curl_easy_reset(s->easy);
	buf_clear(&s->body);
	buf_clear(&s->head);
	s->body.max = s->request.max_answer ? s->request.max_answer : ANSWER_BYTES;
	s->head.max = HEADER_BYTES;
	s->error[0] = '\0';
	s->blocked = false;
	s->plain = strncasecmp(s->request.url, "http:", 5) == 0;
	if (hostrule_check(s->request.url, s->client->allow_private, &why) != RC_OK) {
		snprintf(s->error, sizeof(s->error), "%s", why.text);
		return false;
	}
	curl_easy_setopt(s->easy, CURLOPT_URL, s->request.url);
	curl_slist_free_all(s->headers);
	set_headers(s);
	set_method(s);
	set_limits(s);
	set_ends(s);
	if (curl_multi_add_handle(s->client->multi, s->easy))
		BUG("libcurl takes no more requests");
	s->busy = true;
	return true;
}

int httpc_retry_after(const char *value, utime now)
{
	int64_t seconds = 0;

	while (*value == ' ' || *value == '\t')
		value++;
	if (*value >= '0' && *value <= '9') {
		for (; *value >= '0' && *value <= '9' && seconds < DAY_SECONDS; value++)
			seconds = seconds * 10 + (*value - '0');
	} else {
		int64_t at = (int64_t)curl_getdate(value, NULL);

		seconds = at < 0 ? 0 : at - now / CLOCK_SECOND;
	}
	if (seconds < 0)
		return 0;
	return seconds > DAY_SECONDS ? DAY_SECONDS : (int)seconds;
}

/* The value begins after the colon of a line with that name. */
static const char *value_of(const char *line, size_t len, const char *name, size_t *ret_len)
{
	size_t n = strlen(name);
	const char *v = line + n + 1;
	const char *end = line + len;

	if (len <= n || line[n] != ':' || strncasecmp(line, name, n) != 0)
		return NULL;
	while (v < end && (*v == ' ' || *v == '\t'))
		v++;
	while (end > v && (end[-1] == '\r' || end[-1] == ' '))
		end--;
	*ret_len = (size_t)(end - v);
	return v;
}

char *httpc_header(struct arena *a, const struct httpc_answer *answer, const char *name)
{
	const char *line = answer->headers ? answer->headers : "";
	const char *found = NULL;
	size_t found_len = 0;

	while (*line) {
		size_t len = strcspn(line, "\n"), value_len;
		const char *v = value_of(line, len, name, &value_len);

		if (v) {
			found = v;
			found_len = value_len;
		}
		line += len + (line[len] == '\n');
	}
	return found ? arena_strndup(a, found, found_len) : NULL;
}

/* Which of libcurl's failures prove that nothing of the request left us. */
static enum httpc_fate fate_of(struct slot *s, CURLcode code)
{
	long sent = 0;

	if (code == CURLE_OK)
		return HTTPC_ANSWERED;
	curl_easy_getinfo(s->easy, CURLINFO_REQUEST_SIZE, &sent);
	return sent > 0 ? HTTPC_NO_ANSWER : HTTPC_NOT_SENT;
}

static const char *words_of(struct slot *s, CURLcode code)
{
	if (s->blocked)
		return s->plain ? "The name leads to a public address over plain http, where keys would travel in the "
				  "open, or to one inside a network that this server may not reach."
				: "The name leads to an address inside a network, which this server may not reach "
				  "(TRUEUP_ALLOW_PRIVATE_REMOTES=1 lets it).";
	if (s->body.failed)
		return "The answer is longer than this server takes in.";
	if (code == CURLE_OPERATION_TIMEDOUT)
		return "No answer came in time.";
	if (code == CURLE_PEER_FAILED_VERIFICATION)
		return arena_printf(&s->arena,
			"Its certificate is not trusted (%s). If an authority of your own signed it, name that in "
			"TRUEUP_CA_FILE.",
			s->error);
	return s->error[0] ? s->error : curl_easy_strerror(code);
}

static void answer_of(struct slot *s, CURLcode code, struct httpc_answer *ret)
{
	char *retry;
	long status = 0;

	memset(ret, 0, sizeof(*ret));
	ret->fate = fate_of(s, code);
	ret->body = buf_text(&s->body);
	ret->len = s->body.len;
	ret->headers = buf_text(&s->head);
	if (ret->fate != HTTPC_ANSWERED) {
		ret->error = words_of(s, code);
		ret->lasting = s->body.failed || code == CURLE_PEER_FAILED_VERIFICATION;
		return;
	}
	curl_easy_getinfo(s->easy, CURLINFO_RESPONSE_CODE, &status);
	ret->status = (int)status;
	retry = httpc_header(&s->arena, ret, "Retry-After");
	if (retry)
		ret->retry_after = httpc_retry_after(retry, clock_now());
}

/* A redirect that may be followed: a GET that stays at the same origin. The slot runs again then. */
static bool follow(struct slot *s, CURLcode code)
{
	char *to = NULL;
	long status = 0;

	if (code != CURLE_OK || !is_get(&s->request) || s->hops >= HOPS)
		return false;
	curl_easy_getinfo(s->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(s->easy, CURLINFO_REDIRECT_URL, &to);
	if (status < 300 || status > 399 || !to || !hostrule_same_origin(to, s->request.url))
		return false;
	s->hops++;
	s->request.url = arena_strdup(&s->arena, to);
	return slot_start(s);
}

/* Hands the answer over and frees the slot. */
static enum rc finish(struct slot *s, const struct httpc_feed *feed, const struct httpc_answer *answer, struct err *e)
{
	enum rc rc = feed->done(feed->arg, s->tag, answer, e);

	slot_clear(s);
	return rc;
}

static struct slot *free_slot(struct httpc *c, unsigned limit)
{
	for (size_t i = 0; i < limit && i < SLOTS; i++) {
		if (!c->slot[i].busy)
			return &c->slot[i];
	}
	return NULL;
}

static unsigned busy_slots(const struct httpc *c)
{
	unsigned n = 0;

	for (size_t i = 0; i < SLOTS; i++)
		n += c->slot[i].busy;
	return n;
}

/* Starts what the feed gives until the limit is reached. */
static enum rc fill(
	struct httpc *c, const struct httpc_feed *feed, enum httpc_step *ret_step, utime *ret_wait, struct err *e)
{
	struct slot *s;
	enum rc rc = RC_OK;

	*ret_step = HTTPC_GO;
	while (rc == RC_OK && *ret_step == HTTPC_GO && (s = free_slot(c, feed->in_flight))) {
		memset(&s->request, 0, sizeof(s->request));
		s->client = c;
		s->hops = 0;
		*ret_step = feed->next(feed->arg, &s->arena, &s->request, &s->tag, ret_wait);
		if (*ret_step == HTTPC_GO && !slot_start(s)) {
			struct httpc_answer refused = { .fate = HTTPC_NOT_SENT, .body = "", .headers = "" };

			refused.error = s->error;
			rc = finish(s, feed, &refused, e);
		}
	}
	return rc;
}

/* Takes in what has ended; `*ret_any` when something had. */
static enum rc reap(struct httpc *c, const struct httpc_feed *feed, bool *ret_any, struct err *e)
{
	struct CURLMsg *m;
	enum rc rc = RC_OK;
	int left;

	*ret_any = false;
	while (rc == RC_OK && (m = curl_multi_info_read(c->multi, &left))) {
		struct httpc_answer answer;
		CURLcode code = m->data.result;
		struct slot *s = NULL;

		if (m->msg != CURLMSG_DONE)
			continue;
		*ret_any = true;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&s);
		answer_of(s, code, &answer);
		curl_multi_remove_handle(c->multi, s->easy);
		s->busy = false;
		if (!follow(s, code))
			rc = finish(s, feed, &answer, e);
	}
	return rc;
}

static int wait_ms(enum httpc_step step, utime until)
{
	utime left = (until - clock_mono()) / 1000;

	if (step != HTTPC_WAIT || left > TICK_MS)
		return TICK_MS;
	return left < 1 ? 1 : (int)left;
}

static enum rc turn(struct httpc *c, const struct httpc_feed *feed, bool *ret_end, struct err *e)
{
	enum httpc_step step;
	utime wait = 0;
	bool any;
	int running;
	enum rc rc = fill(c, feed, &step, &wait, e);

	if (rc != RC_OK)
		return rc;
	*ret_end = step == HTTPC_END && !busy_slots(c);
	if (*ret_end)
		return RC_OK;
	curl_multi_perform(c->multi, &running);
	rc = reap(c, feed, &any, e);
	if (rc != RC_OK || any)
		return rc;
	if (busy_slots(c))
		curl_multi_poll(c->multi, NULL, 0, wait_ms(step, wait), NULL);
	else
		clock_sleep(wait_ms(step, wait) * (CLOCK_SECOND / 1000));
	return RC_OK;
}

enum rc httpc_run(struct httpc *c, const struct httpc_feed *feed, struct err *e)
{
	enum rc rc = RC_OK;
	bool end = false;

	while (rc == RC_OK && !end) {
		if (feed->stop && feed->stop(feed->arg))
			rc = err_set(e, RC_BUSY, "Stopped on request.");
		else
			rc = turn(c, feed, &end, e);
	}
	for (size_t i = 0; i < SLOTS; i++)
		slot_clear(&c->slot[i]);
	return rc;
}

struct single {
	struct arena *arena;
	const struct httpc_request *request;
	struct httpc_answer *answer;
	bool given;
};

static enum httpc_step single_next(
	void *arg, struct arena *a, struct httpc_request *ret, void **ret_tag, utime *ret_wait)
{
	struct single *s = arg;

	if (s->given)
		return HTTPC_END;
	s->given = true;
	*ret = *s->request;
	return HTTPC_GO;
}

static enum rc single_done(void *arg, void *tag, const struct httpc_answer *answer, struct err *e)
{
	struct single *s = arg;

	*s->answer = *answer;
	s->answer->body = arena_strndup(s->arena, answer->body, answer->len);
	s->answer->headers = arena_strdup(s->arena, answer->headers);
	s->answer->error = answer->error ? arena_strdup(s->arena, answer->error) : NULL;
	return RC_OK;
}

void httpc_do(struct httpc *c, struct arena *a, const struct httpc_request *request, struct httpc_answer *ret)
{
	struct single s = { a, request, ret, false };
	struct httpc_feed feed = { .arg = &s, .in_flight = 1, .next = single_next, .done = single_done };
	struct err ignored = ERR_INIT;

	memset(ret, 0, sizeof(*ret));
	if (httpc_run(c, &feed, &ignored) != RC_OK)
		BUG("a single request ended without an answer");
}

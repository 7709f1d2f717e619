/* httpc.h - outbound HTTP: one request, or many with a limit on how many are in flight.
 *
 * The first thing a caller learns of a request is its fate: surely not sent, sent without an answer that
 * can be trusted, or answered. A write may be repeated only after the first. The layer repeats nothing by
 * itself; requests that are not GET always open a new connection, because libcurl sends a request again by
 * itself when a kept connection turns out dead.
 *
 * TLS is always verified (net/trust.h says against whom). Redirects are followed for GET only and only to the same
 * scheme, host and port. Proxies named in the environment are not used: the host rule judges the address that is
 * connected to.
 */
#ifndef NET_HTTPC_H
#define NET_HTTPC_H

#include "base/clock.h"

enum httpc_fate {
	HTTPC_NOT_SENT,		/* not a byte of the request left, or no connection was made */
	HTTPC_NO_ANSWER,	/* sent in part or whole; no complete answer came            */
	HTTPC_ANSWERED		/* a complete answer with a status                           */
};

struct httpc_request {
	const char *method;		/* "GET", "POST", ... */
	const char *url;
	const char *const *headers;	/* "Name: value", NULL-ended; NULL = none */
	const char *body;		/* NULL = none */
	size_t body_len;
	int timeout_ms;			/* for all of it; 0 = 60,000 */
	size_t max_answer;		/* bytes of body; 0 = 32 MiB. A longer answer is no answer */
};

struct httpc_answer {
	enum httpc_fate fate;
	int status;			/* 0 unless answered */
	const char *body;		/* NUL-ended, never NULL */
	size_t len;
	const char *headers;		/* raw lines; read with httpc_header() */
	int retry_after;		/* seconds, from the header; 0 = not said */
	bool lasting;			/* asking again brings the same: too long an answer, a bad certificate */
	const char *error;		/* words, unless answered; never holds the URL's query */
};

struct httpc_config {
	bool allow_private;
	const char *user_agent;		/* NULL = "Trueup" */
};

struct httpc;

/* For one thread at a time; keeps connections open between calls. */
struct httpc *httpc_new(const struct httpc_config *config);
void httpc_free(struct httpc *c);

/* Sends one request and waits. All texts of the answer live in `a`. */
void httpc_do(struct httpc *c, struct arena *a, const struct httpc_request *request, struct httpc_answer *ret);

/* The value of a header in the arena, NULL when absent; the last one wins. */
char *httpc_header(struct arena *a, const struct httpc_answer *answer, const char *name);

enum httpc_step { HTTPC_GO, HTTPC_WAIT, HTTPC_END };

/* Where many requests come from and their answers go. */
struct httpc_feed {
	void *arg;
	unsigned in_flight;		/* most at a time, 1 .. 16 */
	/* HTTPC_GO: `ret` is filled (its texts in `a` live until done() of this request returned), and `*ret_tag`
	 * comes back with the answer. HTTPC_WAIT: nothing to send before `*ret_wait`, unless an answer brings
	 * something. HTTPC_END: nothing more, unless an answer brings something. */
	enum httpc_step (*next)(void *arg, struct arena *a, struct httpc_request *ret, void **ret_tag, utime *ret_wait);
	/* In the order of completion. Anything but RC_OK ends the feed with it; what is in flight is dropped. */
	enum rc (*done)(void *arg, void *tag, const struct httpc_answer *answer, struct err *e);
	/* Asked a few times a second; true ends the feed with RC_BUSY. May be NULL. */
	bool (*stop)(void *arg);
};

enum rc httpc_run(struct httpc *c, const struct httpc_feed *feed, struct err *e) MUST_CHECK;

/* Seconds of a Retry-After value: a number, or an HTTP date counted from `now`. 0 when it is neither. At
 * most a day. */
int httpc_retry_after(const char *value, utime now);

#endif

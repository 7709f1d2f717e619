/* line.h - how a connector talks to a vendor: one call at a time, patient with what passes, ended by a stop. */
#ifndef VENDOR_LINE_H
#define VENDOR_LINE_H

#include "net/httpc.h"
#include "vendor/pull.h"

struct vendor_line {
	const struct pull_host *host;
	const struct pull_sink *sink;	/* for cancelled(); NULL in a test of the settings */
	const char *vendor;		/* its name, for sentences */
	struct httpc *http;
	utime gap, last_call;		/* least time between calls */
	bool patient;			/* false: a second between tries is enough (one's own machine) */
};

/* `base` is any address that will be called: on the loopback address there is nobody to spare. */
void vendor_line_open(struct vendor_line *l, const struct pull_host *host, const struct pull_sink *sink,
	const char *vendor, const char *base, utime gap);
void vendor_line_close(struct vendor_line *l);

/* Sends, and again after 429, 423, 5xx and no answer: up to `tries` times more, obeying Retry-After. RC_OK with the
 * last answer, whatever it is; RC_BUSY: the server stops. */
enum rc vendor_line_send(struct vendor_line *l, struct arena *a, const struct httpc_request *request, unsigned tries,
	struct httpc_answer *ret, struct err *e) MUST_CHECK;
/* The words of an error answer, wherever they stand in it; at most 300 bytes. */
const char *vendor_words(struct arena *a, const struct httpc_answer *answer);
/* https, or http to the loopback address. */
bool vendor_url_safe(const char *url);
/* True when both name the same scheme, host and port. */
bool vendor_url_same_host(const char *a, const char *b);

#endif

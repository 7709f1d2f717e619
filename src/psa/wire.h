/* wire.h - what every connector needs of HTTP: a rate, patience with reads, writes sent once, and what their answers
 * prove. The words of a bad answer are the connector's own.
 */
#ifndef PSA_WIRE_H
#define PSA_WIRE_H

#include "base/clock.h"
#include "base/json.h"
#include "net/httpc.h"

enum { WIRE_BURST = 60 };

struct wire {
	struct httpc *http;
	const char *who; /* "Autotask", for sentences */
	const char *const *headers; /* NULL-ended */
	int timeout_ms; /* per call; 0 = the usual */
	unsigned tries; /* of a read, before it fails */
	bool (*stop)(void *arg); /* NULL outside of a sync */
	void *stop_arg;
	utime rate_full_at, rate_step; /* when the allowance is whole again; what a call takes; 0 = no rate */
	/* Called for every answer that is no success: its class, and its words in `e`. RC_BUSY and RC_REMOTE are worth
	 * another try of a read. */
	enum rc (*judge)(void *arg, const struct httpc_answer *answer, const char *what, struct err *e);
	void *judge_arg;
};

/* One call, sent once, when the rate allows it. */
void wire_send(struct wire *w, struct arena *a, const char *method, const char *url, const char *body,
	struct httpc_answer *ret);
/* Takes one call from the allowance; otherwise how long to wait before asking again, 0 = taken. For who sends by
 * itself. */
utime wire_take(struct wire *w);
/* A read (whatever its method), tried again while that may help. `what` names it in sentences: "Contracts". */
enum rc wire_read(struct wire *w, struct arena *a, const char *method, const char *url, const char *body,
	const char *what, struct json **ret, struct err *e) MUST_CHECK;
/* How long to wait after try number `tries` (1 = the first) when the server does not say: grows, with some chance in
 * it. */
utime wire_backoff(unsigned tries);
/* True when another try may help after one that ended with `rc`, and when. False also when the server asks for more
 * patience than there is: the read then fails with retry_after, and the caller comes back later. */
bool wire_worth(const struct wire *w, enum rc rc, unsigned tries, const struct err *why, utime *ret_wait);
/* After try number `tries` of a read ended with `rc`: true when another may help, after the wait. */
bool wire_again(struct wire *w, enum rc rc, unsigned tries, const struct err *why);
/* The body of a success as JSON, an object or an array. RC_REMOTE when it is broken, or anything else. */
enum rc wire_json(const char *who, struct arena *a, const struct httpc_answer *answer, const char *what,
	struct json **ret, struct err *e) MUST_CHECK;
/* RC_REMOTE with words for an answer that did not come. An error that begins with `who` is a whole sentence. */
enum rc wire_unreached(const char *who, const struct httpc_answer *answer, struct err *e);
/* Pages of one list, which must end: wire_page() refuses, with RC_REMOTE, a page of the very rows of the one before,
 * and more pages than can be. */
struct wire_pages {
	uint64_t last; /* of the rows before */
	int number;
};
enum rc wire_page(
	struct wire_pages *p, const char *who, const char *what, const struct json *rows, struct err *e) MUST_CHECK;
/* RC_INVALID for an answer that names another address. */
enum rc wire_moved(const char *who, const struct httpc_answer *answer, const char *what, struct err *e);
/* RC_REMOTE for an answer that is not what it should be: "what came for clients is no list". */
enum rc wire_strange(struct err *e, const char *who, const char *fmt, ...) PRINTF(3, 4);
/* RC_BUSY for an answer that asks for fewer calls; `limit` is "" or ": 60 calls a minute". */
enum rc wire_slow_down(const char *who, const char *limit, const struct httpc_answer *answer, struct err *e);
/* True when `name` is one of the names between commas, in any case. */
bool wire_among(const char *names, const char *name);
/* "https://www.Example.com/path" is example.com, in the arena. */
const char *wire_domain(struct arena *a, const char *website);
/* JSON as text in the arena. */
char *wire_text(struct arena *a, const struct json *v);
/* True for one or more digits and nothing else, with a minus before them where `negative`. */
bool wire_is_id(const char *id, bool negative);
/* A setting's value, or its fallback, or "". In the arena. */
struct psa_setting;
const char *wire_setting(
	struct arena *a, const struct psa_setting *rows, const struct json *settings, const char *name);
/* What a person reads above a setting, for sentences; its name when no row has it. */
const char *wire_label(const struct psa_setting *rows, const char *name);
/* RC_INVALID when a text of the settings holds a blank or a sign that ends a header line. */
enum rc wire_check_plain(const struct psa_setting *rows, const struct json *settings, const char *name,
	const char *never, struct err *e) MUST_CHECK;
/* The setting `site` as scheme, host and port: https unless it says otherwise, what is behind the host is left out.
 * `label` begins the sentence when the host is not allowed. In the arena. RC_INVALID. */
enum rc wire_site(struct arena *a, const char *site, bool allow_private, const char *label, const char **ret,
	struct err *e) MUST_CHECK;
/* The setting `name`, a number of calls in `span`, as the time that one call takes. RC_INVALID unless it is a whole
 * number from 1 to `max`. */
enum rc wire_rate(const struct psa_setting *rows, const char *name, const char *text, long max, utime span,
	utime *ret_step, struct err *e) MUST_CHECK;

#endif

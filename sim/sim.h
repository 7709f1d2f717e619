/* sim.h - what every simulated system shares: the request, the answer, the ledger, the faults.
 *
 * A system is one file and one row of the table in main.c. The server (web.c) reads a request,
 * applies the faults that tests asked for, lets the system answer, and serves the common control
 * routes: /_ledger, /_faults, /_edit, /_state.
 */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include "base/clock.h"
#include "tree.h"

struct evhttp_request;
struct event_base;
struct sim;
struct fault;

enum { SIM_SEGMENTS = 12 };

struct request {
	struct arena *arena;
	const char *method;
	const char *path;		/* as sent, without the query */
	const char *query;		/* as sent, "" if none        */
	const char *host;
	const char *segment[SIM_SEGMENTS + 1];	/* decoded parts of the path, NULL ends them */
	int segments;
	const char *body;
	size_t body_len;
	bool ignore_write;		/* fault: answer as if, change nothing */
	struct evhttp_request *raw;
};

struct answer {
	int status;
	const char *type;		/* Content-Type */
	const char *header[8][2];	/* further headers, in the request's arena */
	int headers;
	struct buf body;
	bool later;			/* the system answers by itself, with web_send() */
};

struct system {
	const char *name;
	/* Takes the fixture in. RC_INVALID says what is wrong with it. */
	enum rc (*open)(struct sim *s, const struct json *fixture, struct err *e);
	void (*close)(struct sim *s);
	void (*handle)(struct sim *s, struct request *r, struct answer *w);
	/* Changes something from outside the API: {"kind","id","set":{..}}. */
	enum rc (*edit)(struct sim *s, const struct json *what, struct err *e);
	void (*state)(struct sim *s, struct jsonw *w);
};

struct sim {
	const struct system *system;
	struct event_base *loop;
	void *data;			/* the system's own */
	struct node *settings;		/* from the fixture; /_edit may change them: {"settings":{..}} */
	struct node *ledger;		/* array of what was truly done, oldest first */
	struct node *ledger_last;
	int64_t ledger_count;
	struct node *counts;		/* requests by "METHOD /path", ids as stars */
	int64_t requests;
	int64_t in_flight, in_flight_max;
	struct fault *faults;
	struct node *answers; /* array of what was answered, with the setting "keep_answers" */
	const char *address;		/* http://127.0.0.1:PORT */
};

extern const struct system system_autotask;
extern const struct system system_alga;
extern const struct system system_comet;
extern const struct system system_connectwise;
extern const struct system system_coro;
extern const struct system system_halo;
extern const struct system system_itflow;
extern const struct system system_kaseya;
extern const struct system system_rest;
extern const struct system system_superops;
extern const struct system system_syncro;

/* web.c */
enum rc web_start(struct sim *s, const char *listen, struct err *e);
void web_send(struct evhttp_request *raw, struct answer *w);
/* Decoded value of a query member, or NULL. */
const char *request_query(const struct request *r, const char *name);
const char *request_header(const struct request *r, const char *name);
/* The body as JSON. RC_INVALID when it is not. */
enum rc request_json(struct request *r, struct json **ret, struct err *e);
void answer_header(struct answer *w, const char *name, const char *value);
/* An answer of one JSON tree, which is not taken over. */
void answer_node(struct answer *w, int status, const struct node *n);

/* control.c */
bool control_handle(struct sim *s, struct request *r, struct answer *w);
/* Writes down a change that was truly made. Takes `before` and `after` over. */
void ledger_add(struct sim *s, const struct request *r, struct node *before, struct node *after);
void ledger_count(struct sim *s, const struct request *r);
/* Keeps what a call asked and was answered, when the settings say so. */
void answers_keep(struct sim *s, const struct request *r, const struct answer *w);
/* A whole-second stamp of now: "2026-09-01T00:00:00Z". */
const char *sim_now(char out[CLOCK_TEXT]);

/* fault.c: what goes wrong on purpose. */
enum fault_do {
	FAULT_NONE,
	FAULT_TIMEOUT_AFTER_APPLY, /* done, but no answer: the connection hangs, then drops */
	FAULT_TIMEOUT_BEFORE, /* not done, no answer                                    */
	FAULT_RESET_AFTER_APPLY, /* done, the connection drops at once                     */
	FAULT_RESET, /* not done, the connection drops at once                 */
	FAULT_STATUS, /* not done, an error answer                              */
	FAULT_STATUS_AFTER_APPLY, /* done, yet an error answer                              */
	FAULT_TRUNCATE, /* done, half of the JSON                                 */
	FAULT_GARBLE, /* done, a byte of the answer is no UTF-8                 */
	FAULT_IGNORE, /* answers as usual, changes nothing                      */
	FAULT_SLOW /* done, answered late                                    */
};

struct fault {
	struct fault *next;
	enum fault_do what;
	char *method, *path, *text;	/* NULL: any; path is a part of the request's path, text of its body */
	char *query; /* NULL: any; else the whole query, and then path is the whole path */
	bool changed;			/* only once the ledger holds something            */
	char *body, *type;		/* with a status; NULL: the system's usual error   */
	int64_t skip, times;		/* lets `skip` pass, then works `times` times      */
	int64_t hits;
	int status, retry_after, delay_ms;
};

/* The fault that this request meets, counted; NULL is the usual case. */
const struct fault *fault_meet(struct sim *s, const struct request *r);
/* Adds the faults of a JSON array (or one object). */
enum rc fault_add(struct sim *s, const struct json *list, struct err *e);
void fault_clear(struct sim *s);
void fault_write(const struct sim *s, struct jsonw *w);

#endif

/* cw.h - the ConnectWise PSA connector, inside: the connection, its calls, and the parts that use them.
 *
 * Paths are those below the API root, with a query already encoded: "/finance/agreements/77". The codebase part of
 * the root changes with every release of the cloud, so it is asked for, kept for this connection, and asked for
 * again when a call answers 404.
 */
#ifndef PSA_CONNECTWISE_CW_H
#define PSA_CONNECTWISE_CW_H

#include "psa/field.h"
#include "psa/psa.h"
#include "psa/wire.h"

enum { CW_PAGE = 1000, CW_IN_FLIGHT = 4 };

struct psa_conn {
	struct psa_host host;
	struct arena arena;		/* settings and headers; lives as long as the connection */
	struct wire wire;
	const char *login_url;		/* "https://na.myconnectwise.net" */
	const char *api_url;		/* "https://api-na.myconnectwise.net" */
	const char *company_id;
	char codebase[64];		/* "v2025_1/"; "" until asked for */
	const char *headers[8];
	const char *skip_statuses, *skip_types;	/* names with commas between */
	const char *ticket_board, *ticket_company, *ticket_priority;	/* "" = not set */
};

/* connectwise.c */
extern const struct psa_setting cw_settings[];
enum rc cw_open(const struct psa_host *host, const struct json *settings, struct psa_conn **ret, struct err *e);
void cw_close(struct psa_conn *c);

/* discover.c: asks the login host which codebase the company is on. */
enum rc cw_discover(struct psa_conn *c, struct err *e) MUST_CHECK;
/* The host that the API of a login host answers at, in the arena: the clouds put "api-" in front. */
const char *cw_api_host(struct arena *a, const char *login_host);

/* client.c */

/* One call, sent once. Only a missing codebase is asked for first; its failure is a call not sent. */
void cw_send(struct psa_conn *c, struct arena *a, const char *method, const char *path, const char *body,
	struct httpc_answer *ret);
/* What an answer that is no success means, in words, with the right that is missing on a 403. RC_NOT_FOUND,
 * RC_DENIED, RC_UNAUTHORIZED, RC_BUSY (429 and 409), RC_INVALID (400 and other 4xx), RC_REMOTE. */
enum rc cw_error(const struct httpc_answer *answer, const char *method, const char *path, struct err *e);
/* True for a success whose body is the JSON it should be. */
enum rc cw_json(struct arena *a, const struct httpc_answer *answer, const char *path, struct json **ret, struct err *e)
	MUST_CHECK;
/* True when the server has another page after this one. */
bool cw_more(struct arena *a, const struct httpc_answer *answer, const struct json *v);
/* A read, tried again as often as `c->wire.tries` says while that may help. `*ret_more` (may be NULL) tells that the
 * server has another page. */
enum rc cw_get(struct psa_conn *c, struct arena *a, const char *path, struct json **ret, bool *ret_more, struct err *e)
	MUST_CHECK;

/* list.c */

/* All rows of a list, in order of id from after `after` (0 = from the start). `page` is told after each page; its
 * arena goes after that. `query` is added as it is ("" or "&fields=id"). */
struct cw_list {
	const char *path, *query;
	int64_t after;
	void *arg;
	enum rc (*row)(void *arg, struct arena *a, const struct json *row, struct err *e);
	enum rc (*page)(void *arg, int64_t last_id, struct err *e);	/* may be NULL */
};
enum rc cw_list(struct psa_conn *c, const struct cw_list *list, struct err *e) MUST_CHECK;

/* Many reads at once, each tried again like cw_get(). `got` has json NULL when the object is gone (404). */
struct cw_many {
	void *arg;
	size_t count;
	const char *(*path)(void *arg, struct arena *a, size_t i);
	enum rc (*got)(void *arg, struct arena *a, size_t i, const struct json *json, bool more, struct err *e);
};
enum rc cw_many(struct psa_conn *c, const struct cw_many *many, struct err *e) MUST_CHECK;

/* parse.c: JSON to structs. Texts stay in the tree or go to `a`. */
/* Members that decide what is billed have the types that they should have: RC_REMOTE names the one that does not. */
extern const struct field_shape cw_shape_account[], cw_shape_type[], cw_shape_product[], cw_shape_contract[],
	cw_shape_line[];
enum rc cw_check(const char *what, const struct json *v, const struct field_shape *shape, struct err *e) MUST_CHECK;
void cw_account(struct arena *a, const struct json *v, struct psa_account *ret);
void cw_product(const struct json *v, struct psa_product *ret);
void cw_contract(const struct json *v, struct psa_contract *ret);
/* NULL, or why the line cannot be used: "has no quantity". */
const char *cw_line(const struct json *v, const char *contract_remote_id, struct psa_line *ret);
/* NULL, or why it is left out. */
const char *cw_account_skip(struct arena *a, const struct psa_conn *c, const struct json *v);
const char *cw_contract_skip(struct arena *a, const struct json *v, day today);
utime cw_updated(const struct json *v);		/* 0 when it is not said */
const char *cw_id(const struct json *v);	/* text of member id, "" when absent */

/* read.c */
enum rc cw_sync(struct psa_conn *c, struct psa_sync *how, const struct psa_sink *sink, struct err *e);
enum rc cw_read_line(struct psa_conn *c, struct arena *a, const char *contract, const char *line, struct psa_line *ret,
	struct err *e);

/* right.c: the role's own words for what a path needs: "Finance > Agreements: Inquire All". */
const char *cw_right(const char *method, const char *path);

/* body.c: what is sent. All in the arena. */
char *cw_date(struct arena *a, day d);		/* "2026-10-01T00:00:00Z" */
char *cw_body_quantity(struct arena *a, qty quantity);
char *cw_body_replace(struct arena *a, const char *path, qty value); /* one number of any record */
char *cw_body_end(struct arena *a, day last);	/* DAY_NONE takes the end away */
char *cw_body_void(struct arena *a, day last);	/* nothing to bill any more */
char *cw_body_add(struct arena *a, const struct psa_change *c, day effective);
/* A copy of an addition with another quantity and first day; `old` is the addition as it was read. */
char *cw_body_begin(struct arena *a, const struct json *old, qty quantity, day effective);
char *cw_path_line(struct arena *a, const char *contract, const char *line);

/* plan.c */
enum rc cw_plan(struct arena *a, const struct psa_change *change, const struct psa_line *line,
	const struct psa_contract *contract, struct psa_plan *ret, struct err *e);
/* RC_INVALID with words when the change cannot begin on that day. */
enum rc cw_check_date(const struct psa_change *change, const struct psa_line *line, const struct psa_contract *contract,
	struct err *e) MUST_CHECK;

/* write.c */
void cw_apply(struct psa_conn *c, struct arena *a, const struct psa_change *change, struct psa_result *ret);
void cw_settle(struct psa_conn *c, struct arena *a, const struct psa_change *change, struct psa_result *ret);

/* cost.c */
extern const struct psa_costs cw_costs;

/* doctor.c, ticket.c */
enum rc cw_test(struct psa_conn *c, psa_check_fn check, void *arg, struct err *e);
enum rc cw_ticket(struct psa_conn *c, struct arena *a, const struct psa_ticket *t, const char **ret_id, struct err *e);

#endif

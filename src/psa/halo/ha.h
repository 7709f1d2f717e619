/* ha.h - the HaloPSA connector, inside: the connection, its calls, and the parts that use them.
 *
 * What Trueup calls a contract is a recurring invoice of HaloPSA: the template that holds the lines. Its id is negative
 * there. A line's quantity is its own plus those of its pro-rata rows that are not invoiced yet, for that is what it
 * comes to with the next invoice.
 *
 * Documents are few. What no source settles is kept behind the settings line_update (how a line is sent back) and
 * ha_fixed() (which lines HaloPSA counts by itself); every write is proved by reading back.
 */
#ifndef PSA_HALO_HA_H
#define PSA_HALO_HA_H

#include "psa/field.h"
#include "psa/psa.h"
#include "psa/wire.h"

enum { HA_PAGE = 100, HA_AHEAD = 62 };

struct psa_conn {
	struct psa_host host;
	struct arena arena;		/* settings and headers; lives as long as the connection */
	struct wire wire;
	const char *site;		/* "https://acmemsp.halopsa.com" */
	const char *client_id, *client_secret, *tenant, *scope;
	const char *token_url;		/* NULL until asked */
	const char *granted;		/* scopes of the token, "" when it did not say */
	utime token_until;		/* clock_mono(); 0 = none */
	const char *headers[4];
	bool lines_alone;		/* line_update is "line": only the changed line is sent */
	const char *currency, *ticket_type, *ticket_client, *ticket_priority;
};

/* halo.c */
extern const struct psa_setting ha_settings[];
void ha_close(struct psa_conn *c);

/* client.c */

/* Sees to it that there is a token; asks for one when it is about to end. */
enum rc ha_token(struct psa_conn *c, struct err *e) MUST_CHECK;
enum rc ha_judge(void *arg, const struct httpc_answer *answer, const char *what, struct err *e);
/* A read below /api. */
enum rc ha_get(struct psa_conn *c, struct arena *a, const char *path, struct json **ret, struct err *e) MUST_CHECK;
/* A write below /api, sent once (once more after a refused token, which did nothing). */
void ha_post(struct psa_conn *c, struct arena *a, const char *path, const char *body, struct httpc_answer *ret);
/* All rows of a list; `query` is added as it is ("" or "&includeinactive=true"). A page's arena goes after its rows. */
struct ha_list {
	const char *path, *query;
	void *arg;
	enum rc (*row)(void *arg, struct arena *a, const struct json *row, struct err *e);
};
enum rc ha_list(struct psa_conn *c, const struct ha_list *list, struct err *e) MUST_CHECK;
/* The rows of an answer: itself, or the first member that is a list. NULL: there are none. */
const struct json *ha_rows(const struct json *v);
/* The saved object of an answer to a POST: itself, or the first of a list. */
const struct json *ha_saved(const struct json *v);
/* The soft refusal that a 200 may hold, "" when there is none. */
const char *ha_warning(const struct json *v);

/* parse.c */
const char *ha_text(const struct json *v, const char *key);	/* "" when absent; numbers as text */
day ha_day(const struct json *v, const char *key);		/* years before 1950 are none */
utime ha_changed(const struct json *v, const char *key);
/* False when absent or null. RC_REMOTE with the member's name in `e` when it is no number. */
enum rc ha_qty(const struct json *v, const char *key, qty *ret, bool *ret_there, struct err *e) MUST_CHECK;
void ha_account(struct arena *a, const struct json *v, struct psa_account *ret);
enum rc ha_product(const struct json *v, struct psa_product *ret, struct err *e) MUST_CHECK;
void ha_contract(struct arena *a, const struct json *v, struct psa_contract *ret);
/* NULL, or why the template is left out. */
/* A recurring invoice, the members that decide what is billed: RC_REMOTE names the one that has another type than it
 * should. */
enum rc ha_check_account(const struct json *v, struct err *e) MUST_CHECK;
enum rc ha_check_contract(const struct json *v, struct err *e) MUST_CHECK;
const char *ha_contract_skip(struct arena *a, const struct json *v, day today);
/* NULL, or how HaloPSA counts the line by itself. */
const char *ha_fixed(const struct json *line);
/* `*ret_skip` is NULL, or why the line is left out. `*ret_order` is the quantity without pro-rata rows. */
enum rc ha_line(const struct json *v, const char *contract, struct psa_line *ret, qty *ret_order, const char **ret_skip,
	struct err *e) MUST_CHECK;
/* The line of a template, or NULL. */
const struct json *ha_find_line(const struct json *header, const char *line);

/* read.c */
enum rc ha_sync(struct psa_conn *c, struct psa_sync *how, const struct psa_sink *sink, struct err *e);
enum rc ha_read_line(struct psa_conn *c, struct arena *a, const char *contract, const char *line, struct psa_line *ret,
	struct err *e);
/* A template with its lines. RC_NOT_FOUND. */
enum rc ha_template(struct psa_conn *c, struct arena *a, const char *contract, const struct json **ret, struct err *e)
	MUST_CHECK;

/* body.c: what is sent. All in the arena. */

/* A change of one line of a template: its own quantity, or one more pro-rata row. */
struct ha_edit {
	const char *line;
	bool set;			/* order is the new quantity of the line itself */
	qty order;
	day from;			/* otherwise a row of `more` units from this day on */
	qty more;
	qty price, cost;
	const char *words;		/* of the row, on the invoice */
};
/* The whole template with every other line as it was read; or, `alone`, only the line. NULL: too long. */
char *ha_body_edit(struct arena *a, const struct json *header, const struct ha_edit *edit, bool alone);
char *ha_body_add(struct arena *a, const struct psa_change *c, const struct json *item);
char *ha_date(struct arena *a, day d);

/* plan.c */
enum rc ha_plan(struct arena *a, const struct psa_change *change, const struct psa_line *line,
	const struct psa_contract *contract, struct psa_plan *ret, struct err *e);
/* RC_INVALID with words when a pro-rata row cannot be of that day. */
enum rc ha_check_date(day d, day today, const struct psa_contract *contract, struct err *e) MUST_CHECK;
/* "3 x Coro EDR from 2026-09-15" */
char *ha_row_words(struct arena *a, qty more, const char *what, day from);

/* cost.c */
extern const struct psa_costs ha_costs;

/* write.c, doctor.c, ticket.c */
void ha_apply(struct psa_conn *c, struct arena *a, const struct psa_change *change, struct psa_result *ret);
void ha_settle(struct psa_conn *c, struct arena *a, const struct psa_change *change, struct psa_result *ret);
enum rc ha_test(struct psa_conn *c, psa_check_fn check, void *arg, struct err *e);
enum rc ha_ticket(struct psa_conn *c, struct arena *a, const struct psa_ticket *t, const char **ret_id, struct err *e);

#endif

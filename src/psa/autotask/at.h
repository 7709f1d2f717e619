/* at.h - the Autotask connector, inside: the connection, its calls, and the parts that use them.
 *
 * Autotask keeps no quantity on a contract's service: it keeps rows of units, each for a period or a part of one, and
 * takes signed differences from a day on. So a quantity is always one of a day. What Trueup calls a line's quantity
 * is what all changes known for the coming AT_AHEAD days lead to.
 *
 * Services and bundles are twins under other names; AT_FAMILIES tells them apart. The remote id of a bundle, and of a
 * line of one, begins with 'b'.
 */
#ifndef PSA_AUTOTASK_AT_H
#define PSA_AUTOTASK_AT_H

#include "psa/field.h"
#include "psa/psa.h"
#include "psa/wire.h"

enum { AT_PAGE = 500, AT_AHEAD = 62, AT_CHUNK = 200 };

struct psa_conn {
	struct psa_host host;
	struct arena arena;		/* settings and headers; lives as long as the connection */
	struct wire wire;
	const char *site;		/* where the zone is asked for */
	const char *user;
	const char *api;		/* "https://webservices14.autotask.net/ATServicesRest/V1.0"; NULL until asked */
	const char *headers[6];
	const char *ticket_queue, *ticket_priority, *ticket_company;
	const char *currency;		/* where Autotask does not say */
	int64_t share;			/* of the hour's calls that background reading leaves alone above, in percent */
	int reads;			/* since the budget was looked at */
};

struct at_family {
	const char *prefix;		/* of remote ids */
	const char *lines, *units, *adjustments, *catalogue;	/* entities */
	const char *line_id, *product_id;			/* members that point at them */
	const char *word;
};

enum { AT_FAMILIES = 2 };
extern const struct at_family at_families[AT_FAMILIES];
/* The family of a remote id, and the number behind the prefix. NULL: it is none of Autotask's. */
const struct at_family *at_family_of(const char *remote_id, const char **ret_number);

/* autotask.c */
extern const struct psa_setting at_settings[];
void at_close(struct psa_conn *c);

/* client.c */

/* Asks which zone the user lives in, once a connection. */
enum rc at_zone(struct psa_conn *c, struct err *e) MUST_CHECK;
enum rc at_judge(void *arg, const struct httpc_answer *answer, const char *what, struct err *e);
/* One record by its number: RC_NOT_FOUND when there is none. */
enum rc at_get(struct psa_conn *c, struct arena *a, const char *entity, const char *id, const struct json **ret,
	struct err *e) MUST_CHECK;
/* Any GET below the API root. */
enum rc at_read(struct psa_conn *c, struct arena *a, const char *path, struct json **ret, struct err *e) MUST_CHECK;
/* A create, sent once. */
void at_post(struct psa_conn *c, struct arena *a, const char *path, const char *body, struct httpc_answer *ret);
/* Any other call, sent once. */
void at_send(struct psa_conn *c, struct arena *a, const char *method, const char *path, const char *body,
	struct httpc_answer *ret);
/* RC_BUSY when the hour's calls, shared by all programs, are used up to the share that is ours. */
enum rc at_budget(struct psa_conn *c, struct err *e) MUST_CHECK;

/* All rows of an entity that meet the filter (JSON objects with commas between). A page's arena goes after its rows. */
struct at_query {
	const char *entity, *filter;
	void *arg;
	enum rc (*row)(void *arg, struct arena *a, const struct json *row, struct err *e);
};
enum rc at_query(struct psa_conn *c, const struct at_query *q, struct err *e) MUST_CHECK;
/* Conditions of a filter, in the arena. `number` must be one. */
const char *at_is(struct arena *a, const char *field, const char *number);
const char *at_day_is(struct arena *a, const char *op, const char *field, day d);
char *at_date(struct arena *a, day d);	/* "2026-10-01T00:00:00.000Z" */

/* parse.c: names of members are matched without case, since answers and documents differ. */
const struct json *at_member(const struct json *v, const char *key);
const char *at_text(const struct json *v, const char *key);	/* "" when absent */
day at_day(const struct json *v, const char *key);
bool at_qty(const struct json *v, const char *key, qty *ret);
utime at_changed(const struct json *v, const char *key);
/* The labels of a field's list of values; "" for a value that has none. */
struct at_labels {
	size_t count;
	struct { const char *field, *value, *label; } row[400];
};
enum rc at_read_labels(struct psa_conn *c, struct arena *a, const char *entity, struct at_labels *ret, struct err *e)
	MUST_CHECK;
const char *at_label(const struct at_labels *l, const char *field, const char *value);
/* The value of a label, NULL when no field has it. */
const char *at_value(const struct at_labels *l, const char *field, const char *label);

/* Members that decide what is billed have the types that they should have: RC_REMOTE names the one that does not. */
extern const struct field_shape at_shape_account[], at_shape_product[], at_shape_contract[], at_shape_line[],
	at_shape_posted[], at_shape_currency[];
enum rc at_check(const char *what, const struct json *v, const struct field_shape *shape, struct err *e) MUST_CHECK;
void at_account(struct arena *a, const struct json *v, const struct at_labels *labels, struct psa_account *ret);
void at_product(struct arena *a, const struct at_family *f, const struct json *v, struct psa_product *ret);
void at_contract(struct arena *a, const struct json *v, const struct at_labels *labels, struct psa_contract *ret);
/* NULL, or why the contract is left out. */
const char *at_contract_skip(struct arena *a, const struct json *v, day today);
void at_line(
	struct arena *a, const struct at_family *f, const struct json *v, const char *contract, struct psa_line *ret);

/* units.c: rows of units, and what they say of a day. */
struct at_unit {
	int64_t line;
	day from, until;
	qty units;
};
struct at_units {
	struct at_unit *row;
	size_t count, cap;
};
enum rc at_units_read(struct psa_conn *c, const struct at_family *f, const char *contracts, day from, day until,
	struct at_units *ret, struct err *e) MUST_CHECK;
void at_units_sort(struct at_units *u);
void at_units_free(struct at_units *u);
/* The units of a line on a day. False: no row covers it. */
bool at_units_on(const struct at_units *u, int64_t line, day d, qty *ret);
/* Quantity, effective and cancelled of a line from its rows between today and the horizon. False: it has none. */
bool at_units_apply(
	const struct at_units *u, int64_t line, day today, day horizon, day contract_end, struct psa_line *ret);
/* The period of a line as its longest row tells it, "" when none is a whole one: contracts seldom say theirs. */
const char *at_units_cycle(const struct at_units *u, int64_t line);
/* Last days of approved and posted rows, by contract. */
struct at_posted {
	struct { int64_t contract; day until; } *row;
	size_t count, cap;
};
enum rc at_posted_read(struct psa_conn *c, const char *contracts, day today, struct at_posted *ret, struct err *e)
	MUST_CHECK;
day at_posted_through(const struct at_posted *p, int64_t contract);	/* DAY_NONE: none */
void at_posted_free(struct at_posted *p);

/* read.c */
enum rc at_sync(struct psa_conn *c, struct psa_sync *how, const struct psa_sink *sink, struct err *e);

/* look.c: one line, or one contract, as it is now. */
struct at_seen {
	const struct at_family *family;
	const char *number;		/* of the line */
	struct psa_line line;
	struct psa_contract contract;
	const char *inactive;		/* why the contract cannot be billed, or NULL */
	bool has_units;			/* from today on */
	qty on;				/* units on the day asked for; 0 where no row covers it */
	const char *json;		/* the line, its units beside it */
};
enum rc at_look_contract(struct psa_conn *c, struct arena *a, const char *contract, struct at_seen *ret, struct err *e)
	MUST_CHECK;
enum rc at_look(struct psa_conn *c, struct arena *a, const char *contract, const char *line, day on,
	struct at_seen *ret, struct err *e) MUST_CHECK;
enum rc at_read_line(struct psa_conn *c, struct arena *a, const char *contract, const char *line, struct psa_line *ret,
	struct err *e);

/* plan.c */
enum rc at_plan(struct arena *a, const struct psa_change *change, const struct psa_line *line,
	const struct psa_contract *contract, struct psa_plan *ret, struct err *e);
/* RC_INVALID with words when the change cannot count from that day. */
enum rc at_check_date(day d, day today, const struct psa_contract *contract, struct err *e) MUST_CHECK;
/* The first of next month, or later where the contract begins later or is billed further. */
day at_default_day(day today, const struct psa_contract *contract);
char *at_body(struct arena *a, const struct at_family *f, const char *contract, const char *line, const char *product,
	qty change, day from, const qty *price);

/* cost.c */
extern const struct psa_costs at_costs;

/* write.c, doctor.c, ticket.c */
void at_apply(struct psa_conn *c, struct arena *a, const struct psa_change *change, struct psa_result *ret);
void at_settle(struct psa_conn *c, struct arena *a, const struct psa_change *change, struct psa_result *ret);
enum rc at_test(struct psa_conn *c, psa_check_fn check, void *arg, struct err *e);
enum rc at_ticket(struct psa_conn *c, struct arena *a, const struct psa_ticket *t, const char **ret_id, struct err *e);

#endif

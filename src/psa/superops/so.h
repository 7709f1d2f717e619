/* so.h - the SuperOps connector, inside. One client contract of SuperOps is one charge item, so it is one line; the
 * client is the contract that groups them ("client:ID"). What a line bills is a row of dated changes: a quantity is
 * set by adding a change, or by amending the one of that day. A change of a later day is a line of its own,
 * "ID@CHANGE", behind the present one.
 */
#ifndef PSA_SUPEROPS_SO_H
#define PSA_SUPEROPS_SO_H

#include "psa/field.h"
#include "psa/inplace.h"
#include "psa/psa.h"
#include "psa/wire.h"

enum { SO_PAGE = 100, SO_CHANGES = 400 };

/* How the quantity of an INCREASE or a DECREASE reads, and which operation sets one. SuperOps does not publish it. */
enum so_style { SO_BASELINE, SO_DELTA, SO_TOTAL };

struct psa_conn {
	struct psa_host host;
	struct arena arena;		/* settings and headers; lives as long as the connection */
	struct wire wire;
	const char *url, *headers[5], *currency;
	enum so_style style;
};

struct so_change {
	const char *id;
	day from;
	qty quantity;			/* in force from that day, folded */
};

/* A client contract. Texts stay in the tree or go to the arena given. */
struct so_contract {
	const char *id, *inner, *client, *item, *name;
	const char *skip;		/* why it is no line, or NULL */
	bool dynamic, has_price;
	qty price;
	day start, end;
	struct so_change change[SO_CHANGES];	/* by day */
	size_t changes;
};

/* client.c */
/* One operation; `*ret` is its member of "data". Failures come inside 200. */
enum rc so_read(struct psa_conn *c, struct arena *a, const char *query, const char *variables, const char *member,
	const struct json **ret, struct err *e) MUST_CHECK;
enum sent so_send(struct psa_conn *c, struct arena *a, const char *query, const char *variables, const char *member,
	const struct json **ret, struct err *why);

struct so_list {
	const char *query, *member, *rows;	/* operation, and the array in its answer */
	const char *condition;			/* JSON of the filter, or NULL */
	void *arg;
	enum rc (*row)(void *arg, struct arena *a, const struct json *v, struct err *e);
};
enum rc so_list(struct psa_conn *c, const struct so_list *l, struct err *e) MUST_CHECK;
extern const char so_contracts_query[];

/* read.c */
enum rc so_contract(struct psa_conn *c, struct arena *a, const struct json *v, struct so_contract *ret, struct err *e)
	MUST_CHECK;
/* The quantity in force on a day; false when the line has none yet. */
bool so_quantity(const struct so_contract *k, day d, qty *ret);
enum rc so_sync(struct psa_conn *c, struct psa_sync *how, const struct psa_sink *sink, struct err *e);
enum rc so_test(struct psa_conn *c, psa_check_fn check, void *arg, struct err *e);

/* write.c */
enum rc so_plan(struct arena *a, const struct psa_change *change, const struct psa_line *line,
	const struct psa_contract *contract, struct psa_plan *ret, struct err *e);
void so_apply(struct psa_conn *c, struct arena *a, const struct psa_change *change, struct psa_result *ret);
void so_settle(struct psa_conn *c, struct arena *a, const struct psa_change *change, struct psa_result *ret);
enum rc so_read_line(struct psa_conn *c, struct arena *a, const char *contract, const char *line, struct psa_line *ret,
	struct err *e);

#endif

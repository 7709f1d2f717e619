/* at.h - the rooms inside the Autotask simulator: tables, queries, units by period, adjustments. */
#ifndef SIM_AT_H
#define SIM_AT_H

#include "sim.h"

struct at_kind {
	const char *entity;		/* as in paths */
	const char *member;		/* name of its array in the fixture; NULL: computed */
	const char *resource;		/* as error texts call it */
	const char *fields;		/* known members, between blanks */
};

enum at_table {
	AT_COMPANIES, AT_CONTRACTS, AT_LINES, AT_BUNDLE_LINES, AT_UNITS, AT_BUNDLE_UNITS, AT_SERVICES, AT_BUNDLES,
	AT_CURRENCIES, AT_TICKETS, AT_NOTES, AT_ADJUSTMENTS, AT_BUNDLE_ADJUSTMENTS, AT_TABLES
};

struct at_sim {
	struct node *table[AT_TABLES];	/* arrays of rows; members that begin with '_' never leave */
	int64_t last_id;
};

extern const struct at_kind at_kinds[AT_TABLES];

/* Of any name: members are found without case. */
struct node *at_field(const struct node *row, const char *key);
struct node *at_row(struct sim *s, enum at_table t, int64_t id);
int64_t at_next_id(struct sim *s);
/* {"errors":["text"]} */
void at_error(struct answer *w, int status, const char *text);
/* A copy without hidden members. */
struct node *at_shown(struct sim *s, const struct node *row);
bool at_listed(const struct node *list, const char *word);

/* at_query.c: POST /{Entity}/query and its pages. `next` is the paging token, NULL on the first page. */
void at_search(struct sim *s, struct request *r, struct answer *w, enum at_table t, const struct node *rows,
	const char *next, bool count);

/* at_units.c: rows of units of all lines of one kind, made anew. */
struct node *at_units_of(struct sim *s, enum at_table lines);
/* Units of a line on a day. */
int64_t at_units_on(const struct node *line, day d);
day at_day_of(const struct node *row, const char *key);		/* DAY_NONE when absent */
/* "_units" of the fixture becomes the line's first change. */
void at_units_begin(struct sim *s, struct node *line);

/* at_write.c */
void at_adjust(struct sim *s, struct request *r, struct answer *w, bool bundle, int64_t parent);
void at_make_ticket(struct sim *s, struct request *r, struct answer *w);
void at_change(struct sim *s, struct request *r, struct answer *w, enum at_table t, bool whole);

#endif

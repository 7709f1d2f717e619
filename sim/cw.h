/* cw.h - the rooms inside the ConnectWise PSA simulator: kinds of records, conditions, writing. */
#ifndef SIM_CW_H
#define SIM_CW_H

#include "sim.h"

enum { CW_POST = 1, CW_PATCH = 2, CW_DELETE = 4, CW_SEARCH = 8 };

/* A kind of record: where it is served, who may, what it holds. */
struct cw_kind {
	const char *path;		/* below the API root, '*' stands for the parent's id */
	const char *member;		/* name of its array in the fixture                   */
	const char *resource;		/* as error bodies call it                            */
	const char *area;		/* right of the security role, see cw_allowed()       */
	const char *parent;		/* path in the record to the parent's id, or NULL     */
	const char *fields;		/* known members, each between blanks                 */
	const char *required;		/* of a POST, comma separated                         */
	unsigned flags;
	/* Fills defaults and computed members. `fresh`: made by a POST just now. */
	void (*complete)(struct sim *s, struct node *row, bool fresh);
};

struct cw_row {
	int64_t id, parent;
	struct node *value;
};

struct cw_table {
	const struct cw_kind *kind;
	struct cw_row *row;		/* by ascending id */
	size_t count, cap;
	int64_t last_id;
};

struct cw {
	struct cw_table *table;		/* one a kind, in the order of cw_kinds */
	struct node *audit;		/* array of audit trail entries, each with its "id" of the record */
};

extern const struct cw_kind cw_kinds[];
extern const size_t cw_kind_count;

struct cw_table *cw_table(struct sim *s, const char *member);
struct cw_row *cw_find(struct cw_table *t, int64_t id);
/* Takes `value` over; gives it the next id when it has none. NULL: the id is taken. */
struct cw_row *cw_insert(struct cw_table *t, struct node *value);
void cw_remove(struct cw_table *t, int64_t id);
/* {"id","name","identifier"} of a record, NULL when it does not exist. */
struct node *cw_ref(struct sim *s, const char *member, int64_t id);
/* Stamps _info.lastUpdated and updatedBy. */
void cw_stamp(struct sim *s, struct node *row);

/* Error answers: {"code","message","errors"}. */
void cw_error(struct answer *w, int status, const char *code, const char *message);
/* 400 with one entry in errors[]. */
void cw_invalid(struct request *r, struct answer *w, const char *resource, const char *code, const char *field,
	const char *message);
bool cw_known_field(const struct cw_kind *k, const char *field);

/* cw_cond.c: the filter language. */
struct cw_cond;
/* NULL text makes NULL, which is true of every row. RC_INVALID in e. */
enum rc cw_cond_parse(struct arena *a, const struct cw_kind *k, const char *text, struct cw_cond **ret, struct err *e);
bool cw_cond_true(const struct cw_cond *c, const struct node *row);
/* The value a path leads to: "company/id"; lastUpdated is found under _info. */
const struct node *cw_field(const struct node *row, const char *path);
/* As a database would sort them: nothing first, numbers by value, texts without case. */
int cw_compare(const struct node *a, const struct node *b);

/* cw_read.c: `body` is that of a search, else NULL. */
void cw_get_list(struct sim *s, struct request *r, struct answer *w, struct cw_table *t, int64_t parent,
	const struct json *body);
void cw_get_count(struct request *r, struct answer *w, struct cw_table *t, int64_t parent);
void cw_get_one(struct request *r, struct answer *w, const struct node *row);
void cw_search(struct sim *s, struct request *r, struct answer *w, struct cw_table *t);

/* cw_write.c: POST, PATCH and DELETE of one record. */
void cw_post(struct sim *s, struct request *r, struct answer *w, struct cw_table *t, int64_t parent);
void cw_patch(struct sim *s, struct request *r, struct answer *w, struct cw_table *t, struct cw_row *row);
void cw_delete(struct sim *s, struct request *r, struct answer *w, struct cw_table *t, struct cw_row *row);

/* cw_fill.c: what each kind of record has by default, and what is computed from the rest. */
void cw_fill_plain(struct sim *s, struct node *row, bool fresh);
void cw_fill_company(struct sim *s, struct node *row, bool fresh);
void cw_fill_agreement(struct sim *s, struct node *row, bool fresh);
void cw_fill_addition(struct sim *s, struct node *row, bool fresh);
void cw_fill_product(struct sim *s, struct node *row, bool fresh);
void cw_fill_ticket(struct sim *s, struct node *row, bool fresh);
/* "@today-3", "@month+1" in a fixture become dates of this day. */
void cw_fill_dates(struct node *n);
/* A quantity as this PSA prints decimals: "24.0". Needs QTY_TEXT + 2 bytes. */
const char *cw_decimal(qty q, char out[QTY_TEXT + 2]);

#endif

/* write.h - what the parts of writing share: one write under way, what was read for it, and how a call went. */
#ifndef PSA_CONNECTWISE_WRITE_H
#define PSA_CONNECTWISE_WRITE_H

#include "psa/connectwise/cw.h"
#include "psa/connectwise/journal.h"
#include "psa/writing.h"

struct cw_write {
	struct psa_conn *c;
	struct writing w;
	struct cw_journal j;
};

/* An addition and its agreement as they are now. */
struct cw_seen {
	struct psa_line line;
	struct psa_contract contract;
	const struct json *json;	/* of the addition */
	const char *inactive;		/* why the agreement cannot be billed, or NULL */
};

/* Ends it well; `second` is the other line of a pair, or NULL. */
void cw_applied(struct cw_write *w, const char *line_id, const struct json *first, const struct json *second);

/* False when it could not be read; the write has its outcome then. */
bool cw_load(struct cw_write *w, const char *line_id, struct cw_seen *ret);
bool cw_load_contract(struct cw_write *w, struct cw_seen *ret);
/* False with a conflict when the line or its agreement is not what the person saw. */
bool cw_lock(struct cw_write *w, const struct cw_seen *s);
bool cw_lock_contract(struct cw_write *w, const struct cw_seen *s);
/* Journals before what cannot be repeated. False: do not go on; the write has its outcome. */
bool cw_note(struct cw_write *w, enum cw_step step);
/* Sends once. `why` has the words unless SENT_OK. `ret` may be NULL; it is NULL where the body is broken. */
enum sent cw_write_call(struct cw_write *w, const char *method, const char *path, const char *body,
	const struct json **ret, struct err *why);

/* write.c: the quantity in place; `step` is what it journals as. */
void cw_write_quantity(struct cw_write *w, enum cw_step step);
/* begin.c: lines that begin: the pair of a dated change, an added one. */
void cw_write_dated(struct cw_write *w);
void cw_write_add(struct cw_write *w);
/* undo.c */
void cw_write_undo(struct cw_write *w);
/* A PATCH with absolute values, and the addition as it reads afterwards. */
enum sent cw_patch(struct cw_write *w, const char *line_id, const char *body, struct err *why);

#endif

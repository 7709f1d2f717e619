/* write.h - what the parts of writing share: one write under way, what was read for it, and how a call went. */
#ifndef PSA_CONNECTWISE_WRITE_H
#define PSA_CONNECTWISE_WRITE_H

#include "psa/connectwise/cw.h"
#include "psa/connectwise/journal.h"

struct cw_write {
	struct psa_conn *c;
	struct arena *a;
	const struct psa_change *change;
	struct psa_result *result;
	struct cw_journal j;
	bool settle;		/* reads only, except for finishing what is half done */
	bool sent;		/* something of this write is, or may be, in ConnectWise: failing to look is UNKNOWN */
};

/* An addition and its agreement as they are now. */
struct cw_seen {
	struct psa_line line;
	struct psa_contract contract;
	const struct json *json;	/* of the addition */
	const char *inactive;		/* why the agreement cannot be billed, or NULL */
};

enum cw_sent {
	CW_SENT_OK,		/* 2xx; whether it did what was asked is for a read to tell */
	CW_SENT_NOT,		/* surely did nothing; later may go better */
	CW_SENT_MAYBE,		/* nobody knows                           */
	CW_SENT_REFUSED		/* surely did nothing, and will not       */
};

/* Each ends the write with an outcome and words. */
void cw_end(struct cw_write *w, enum psa_outcome outcome, const char *fmt, ...) PRINTF(3, 4);
void cw_end_error(struct cw_write *w, enum psa_outcome outcome, const struct err *why);
void cw_applied(struct cw_write *w, const char *line_id, const struct json *first, const struct json *second);

/* False when it could not be read; the write has its outcome then. */
bool cw_load(struct cw_write *w, const char *line_id, struct cw_seen *ret);
bool cw_load_contract(struct cw_write *w, struct cw_seen *ret);
/* False with a conflict when the line or its agreement is not what the person saw. */
bool cw_lock(struct cw_write *w, const struct cw_seen *s);
bool cw_lock_contract(struct cw_write *w, const struct cw_seen *s);
/* Journals before what cannot be repeated. False: do not go on; the write has its outcome. */
bool cw_note(struct cw_write *w, enum cw_step step);
/* Sends once. `why` has the words unless CW_SENT_OK. `ret` may be NULL; it is NULL where the body is broken. */
enum cw_sent cw_write_call(struct cw_write *w, const char *method, const char *path, const char *body,
	const struct json **ret, struct err *why);

/* write.c: the quantity in place; `step` is what it journals as. */
void cw_write_quantity(struct cw_write *w, enum cw_step step);
/* begin.c: lines that begin: the pair of a dated change, an added one. */
void cw_write_dated(struct cw_write *w);
void cw_write_add(struct cw_write *w);
/* undo.c */
void cw_write_undo(struct cw_write *w);
/* A PATCH with absolute values, and the addition as it reads afterwards. */
enum cw_sent cw_patch(struct cw_write *w, const char *line_id, const char *body, struct err *why);

#endif

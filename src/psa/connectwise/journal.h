/* journal.h - the resume mark of a write, as JSON: how far it came, and what is needed to finish or undo it. */
#ifndef PSA_CONNECTWISE_JOURNAL_H
#define PSA_CONNECTWISE_JOURNAL_H

#include "psa/psa.h"

enum cw_step {
	CW_STEP_NONE,		/* nothing was sent                                           */
	CW_STEP_PATCH,		/* the quantity of a line in place                            */
	CW_STEP_BEGIN,		/* a line is begun; `known` are those of the product before   */
	CW_STEP_END,		/* `fresh` stands, the old line is to be ended                */
	CW_STEP_ADD,		/* a line is added; `known` as above                          */
	CW_STEP_UNDO,		/* `fresh` is taken back, and the old line opened again if any */
	CW_STEP_UNDO_PATCH	/* the quantity in place is put back                          */
};

struct cw_journal {
	enum cw_step step;
	const char *old, *fresh;	/* ids of additions, NULL when there is none */
	day was;			/* end of the old line before the write, DAY_NONE = none */
	day effective;
	utime at;			/* when the step that may have been sent was noted */
	const char *const *known;	/* NULL-ended, never NULL */
};

/* An absent text is CW_STEP_NONE. RC_INVALID: it is none of ours. */
enum rc cw_journal_read(struct arena *a, const char *text, struct cw_journal *ret, struct err *e) MUST_CHECK;
char *cw_journal_text(struct arena *a, const struct cw_journal *j);
bool cw_journal_knows(const struct cw_journal *j, const char *id);

#endif

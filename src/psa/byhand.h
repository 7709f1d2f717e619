/* byhand.h - the plan of a change that a person makes: one step, in words, with the place in the PSA. */
#ifndef PSA_BYHAND_H
#define PSA_BYHAND_H

#include "psa/psa.h"

/* `place` is where contracts are found ("Finance > Contracts"); `units` is what a quantity is called there. */
void byhand_plan(struct arena *a, const struct psa_change *c, const struct psa_line *line,
	const struct psa_contract *contract, const char *place, const char *units, struct psa_plan *ret);
/* apply() and settle() of a PSA that is never written: a write that came here anyway was not sent. */
void byhand_refuse(const char *who, struct psa_result *ret);

#endif

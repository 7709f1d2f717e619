/* rack.h - takes all that a connector's reading delivers, as one line of text each:
 *     account ID|CODE|NAME   product ID|CODE|PRICE|COST   contract ID|ACCOUNT|CYCLE|CURRENCY|BILLED
 *     line CONTRACT/ID|PRODUCT|QUANTITY|PRICE|EFFECTIVE|CANCELLED|FIXED   skip WHAT ID: REASON
 */
#ifndef TEST_FAULT_RACK_H
#define TEST_FAULT_RACK_H

#include "psa/psa.h"

struct rack {
	struct arena arena;
	const char *row[4000];
	size_t rows, checkpoints;
	const char *cursor;		/* of the last checkpoint */
	size_t stop_after;		/* checkpoints; 0 = never */
};

void rack_clear(struct rack *s);
enum rc rack_sync(struct rack *s, const char *kind, struct psa_conn *c, struct psa_sync *how, struct err *e);
/* Rows that begin with `begin`. */
size_t rack_count(const struct rack *s, const char *begin);
bool rack_has(const struct rack *s, const char *row);
/* Fails the test, and shows the rows, when no row is exactly that. */
void rack_must_have(const struct rack *s, const char *row);

#endif

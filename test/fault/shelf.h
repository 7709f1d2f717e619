/* shelf.h - all that a sync delivered, as short texts, for any connector. */
#ifndef TEST_FAULT_SHELF_H
#define TEST_FAULT_SHELF_H

#include "simulator.h"

enum { SHELF = 400 };

struct shelf {
	struct arena arena;
	/* "id|code|types|domain", "id|code|price|cost", then "|inactive" and "|serial" as it is, "id|account|currency|billed through",
	 * "contract: line=units@price line=units@price", "what id: reason" */
	const char *account[SHELF], *product[SHELF], *contract[SHELF], *lines[SHELF], *skip[SHELF];
	size_t accounts, products, contracts, lines_calls, skips, line_count, checkpoints;
	const char *cursor;
	size_t stop_after;	/* checkpoints; 0 = never */
	struct simulator *sim; /* of the edit below */
	const char *edit_once; /* done when the first lines come; NULL = nothing */
};

enum rc shelf_sync(const char *kind, struct psa_conn *c, struct psa_sync *how, struct shelf *s, struct err *e);
/* Fails the test with the words of the error. */
void shelf_must(enum rc rc, const struct err *e);
bool shelf_has(const char *const *list, size_t count, const char *text);
/* Fails the test when no text of the list holds this one; prints the list. */
void shelf_must_have(const char *const *list, size_t count, const char *text);
/* A figure of the simulator's ledger: "total", "in_flight_max". */
int64_t shelf_figure(struct simulator *s, const char *name);
/* Requests that the simulator counted under a pattern: "GET /v2025_1/apis". */
int64_t shelf_requests(struct simulator *s, const char *pattern);

/* What the permission doctor found wrong. */
struct shelf_doctor {
	struct arena arena;
	const char *bad[40];
	size_t count, all;
};
void shelf_doctor(const char *kind, struct psa_conn *c, struct shelf_doctor *k);

#endif

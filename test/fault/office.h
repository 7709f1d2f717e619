/* office.h - an MSP with a PSA, without a server around it: a store, a simulator, a vendor that counts one service of
 * one customer, and the jobs, run one after another on a clock that only moves when nothing is left to do; waits of the
 * connectors take no time. */
#ifndef TEST_FAULT_OFFICE_H
#define TEST_FAULT_OFFICE_H

#include "job/runner.h"
#include "simulator.h"
#include "world.h"

/* A PSA, and the line of it that the tests change. */
struct system {
	const char *kind, *sim, *fixture;
	const char *settings;			/* JSON with %s for the simulator's address */
	const char *account, *product, *line;	/* remote ids */
	const char *write; /* what its call that changes a quantity matches, as in POST /_faults;
						 * NULL: it is only read, and what is below is NULL too */
	const char *edit_units;			/* /_edit: the quantity becomes %d */
	const char *edit_ended, *edit_running;	/* /_edit: the contract ends, and is as it was */
	const char *edit_type, *edit_right;	/* /_edit: a field changes its type, and is as it was */
	const char *field;			/* its name */
	qty (*units)(struct simulator *s);	/* what the PSA truly holds */
	const char *start;			/* /_edit before all else, or NULL */
	const char *optional; /* a part of the path of a list that a reading goes without, or NULL */
};

extern const struct system systems[];
extern const size_t systems_count;
/* Fails the test when there is none. */
const struct system *system_find(const char *kind);

struct office {
	const struct system *system;
	struct world w;
	struct simulator sim;
	struct runner_config config;
	const char *integration, *service, *customer;	/* the vendor's, of the count */
	const char *account, *product, *line;		/* ids in the book */
};

/* Connects, reads all, maps. Anything that fails ends the test. */
void office_open(struct office *o, const struct system *system);
void office_close(struct office *o);

/* Runs what is due, and what falls due within `horizon`. */
void office_work(struct office *o, utime horizon);
/* A full reading of the PSA: NULL, or the words of its failure. */
const char *office_read(struct office *o);
/* Another count of the vendor; the cards are made again. */
void office_count(struct office *o, qty units);
/* The book as the API lists it: {"accounts","products","contracts","lines"}. */
const struct json *office_book(struct office *o);
/* The path of the first difference of two books, but for the times of reading; NULL when there is none. */
const char *office_book_differs(struct office *o, const struct json *a, const struct json *b);
/* The card of that customer and product, as the API shows it. */
const struct json *office_card(struct office *o);
/* Approves that card: the batch. */
const char *office_approve(struct office *o);
/* The one write of a batch, as the API shows it. */
const struct json *office_write(struct office *o, const char *batch);
/* Changes in the PSA since its ledger was cleared. */
int office_changes(struct office *o);
/* A JSON number, or a text that spells one; fails the test when it is none. */
qty office_qty(const struct json *v);

#endif

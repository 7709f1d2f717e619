/* world.h - a small MSP in a fresh store, for tests of mapping and cards: a book, vendors, counts, and a clock of its
 * own. */
#ifndef TEST_WORLD_H
#define TEST_WORLD_H

#include "core/people/access.h"
#include "core/cards/rebuild.h"
#include "psa/psa.h"
#include "testdb.h"

struct world {
	struct testdb t;
	struct arena arena;	/* ids and texts that the calls below give */
};

#define WORLD_ORG "o1"
extern const struct principal world_person;

/* Opens it at noon of 2026-09-25; world_close() restores the real clock. */
void world_open(struct world *w);
void world_close(struct world *w);
utime world_now(void);
void world_pass(utime duration);

/* Runs in one write; any failure fails the test. world_try() gives it back instead. */
void world_do(struct world *w, db_fn fn, void *arg);
enum rc world_try(struct world *w, db_fn fn, void *arg, struct err *e);

/* The book. Each gives the id in the book. */
const char *world_account(struct world *w, const char *remote_id, const char *name);
const char *world_product(struct world *w, const char *remote_id, const char *code, const char *name, qty price);
const char *world_contract(struct world *w, const char *remote_id, const char *account_remote_id);
/* All lines of a contract. */
void world_lines(struct world *w, const char *contract_remote_id, const struct psa_line *lines, size_t count);
struct psa_line world_line(const char *remote_id, const char *product_remote_id, qty quantity, qty price);
const char *world_line_id(struct world *w, const char *remote_id);

/* Vendors. */
const char *world_integration(struct world *w, const char *name);
const char *world_vendor_account(struct world *w, const char *integration, const char *vendor_id, const char *name);
const char *world_service(struct world *w, const char *integration, const char *name);
void world_map_account(struct world *w, const char *integration, const char *id, const char *psa_account);
void world_map_service(struct world *w, const char *integration, const char *id, const char *const *products,
	size_t count, const char *mode);
void world_count(struct world *w, const char *integration, const char *service, const char *account, qty units);

/* Makes the cards again; gives the numbers. */
struct rebuild world_rebuild(struct world *w);
/* All cards in full, one a line, without the time they were written at; sorted by id. In the arena. */
const char *world_cards(struct world *w);
/* Throws all cards away. */
void world_forget_cards(struct world *w);

#endif

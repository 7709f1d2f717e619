/* alga.h - the Alga PSA connector, inside. A line is a service of a contract line ("CONTRACTLINE/SERVICE"); its
 * quantity is a whole number of at least one. A service that is added by the API is not billed by this release, and
 * none can be taken to zero: both are a person's work.
 */
#ifndef PSA_ALGA_ALGA_H
#define PSA_ALGA_ALGA_H

#include "psa/field.h"
#include "psa/inplace.h"
#include "psa/psa.h"
#include "psa/wire.h"

enum { ALGA_PAGE = 100 };

struct psa_conn {
	struct psa_host host;
	struct arena arena;		/* settings and headers; lives as long as the connection */
	struct wire wire;
	const char *root, *headers[5];
};

/* client.c */
enum rc alga_get(struct psa_conn *c, struct arena *a, const char *path, const char *what, struct json **ret,
	struct err *e) MUST_CHECK;
enum rc alga_judge(void *arg, const struct httpc_answer *answer, const char *what, struct err *e);
enum sent alga_send(struct psa_conn *c, struct arena *a, const char *method, const char *path, const char *body,
	const char *what, struct err *why);
struct alga_list {
	const char *path, *what;
	void *arg;
	enum rc (*row)(void *arg, struct arena *a, const struct json *v, struct err *e);
};
enum rc alga_list(struct psa_conn *c, const struct alga_list *l, struct err *e) MUST_CHECK;

/* parse.c */
/* A row of client-contract-lines. */
struct alga_bound {
	const char *line, *contract, *client, *name, *type;
	bool has_amount;		/* the line has a fixed amount, whatever its services count */
	const char *skip;		/* why its services are not read, or NULL */
};
enum rc alga_bound(const struct json *v, day today, struct alga_bound *ret, struct err *e) MUST_CHECK;
/* A service of a contract line. The price is that of the row, else none: the catalogue may know one. */
enum rc alga_service(struct arena *a, const struct json *v, const struct alga_bound *b, struct inplace_seen *ret,
	struct err *e) MUST_CHECK;

/* read.c, write.c */
enum rc alga_sync(struct psa_conn *c, struct psa_sync *how, const struct psa_sink *sink, struct err *e);
enum rc alga_test(struct psa_conn *c, psa_check_fn check, void *arg, struct err *e);
bool alga_by_hand(const struct json *settings, const struct psa_change *change);
enum rc alga_plan(struct arena *a, const struct psa_change *change, const struct psa_line *line,
	const struct psa_contract *contract, struct psa_plan *ret, struct err *e);
void alga_apply(struct psa_conn *c, struct arena *a, const struct psa_change *change, struct psa_result *ret);
void alga_settle(struct psa_conn *c, struct arena *a, const struct psa_change *change, struct psa_result *ret);
enum rc alga_read_line(struct psa_conn *c, struct arena *a, const char *contract, const char *line,
	struct psa_line *ret, struct err *e);

#endif

/* syncro.h - the Syncro connector, inside. Schedules ("recurring invoices") are its contracts; their lines are the
 * lines; the contracts of its CRM have no lines and are not read. RepairShopr speaks the same API.
 */
#ifndef PSA_SYNCRO_SYNCRO_H
#define PSA_SYNCRO_SYNCRO_H

#include "psa/field.h"
#include "psa/inplace.h"
#include "psa/psa.h"
#include "psa/wire.h"

struct psa_conn {
	struct psa_host host;
	struct arena arena;		/* settings and headers; lives as long as the connection */
	struct wire wire;
	const char *root;		/* "https://alderridge.syncromsp.com/api/v1" */
	const char *headers[4];
	const char *ticket_customer, *ticket_problem_type, *currency;
};

extern const struct psa_setting syncro_settings[];

/* client.c */
const char *syncro_url(const struct psa_conn *c, struct arena *a, const char *path);
enum rc syncro_judge(void *arg, const struct httpc_answer *answer, const char *what, struct err *e);
enum rc syncro_get(struct psa_conn *c, struct arena *a, const char *path, const char *what, struct json **ret,
	struct err *e) MUST_CHECK;
/* Sent once; `*ret` (may be NULL) is NULL where the body is broken. */
enum sent syncro_send(struct psa_conn *c, struct arena *a, const char *method, const char *path, const char *body,
	const char *what, struct json **ret, struct err *why);

/* parse.c. RC_REMOTE: a member is of another type than it should be; `*ret_skip` says why it is left out, or NULL. */
enum rc syncro_account(const struct json *v, struct psa_account *ret, const char **ret_skip, struct err *e) MUST_CHECK;
enum rc syncro_product(const struct json *v, struct psa_product *ret, struct err *e) MUST_CHECK;
enum rc syncro_contract(const struct psa_conn *c, const struct json *v, struct psa_contract *ret, const char **ret_skip,
	struct err *e) MUST_CHECK;
enum rc syncro_line(struct arena *a, const struct json *v, const char *contract, struct inplace_seen *ret,
	const char **ret_skip, struct err *e) MUST_CHECK;
/* The lines of a schedule; wrong when they are no list. */
enum rc syncro_lines(const struct json *schedule, const struct json **ret, struct err *e) MUST_CHECK;
/* NULL, or why nothing may be written to the schedule at this moment: its invoice is being made. */
const char *syncro_not_now(struct arena *a, const struct json *schedule, utime now);

/* write.c: a line of the change's schedule as it is now. RC_NOT_FOUND: gone. */
enum rc syncro_look(struct psa_conn *c, struct arena *a, const struct psa_change *change, const char *line,
	struct inplace_seen *ret, struct err *e) MUST_CHECK;
/* cost.c */
extern const struct psa_costs syncro_costs;

/* read.c, write.c, doctor.c, ticket.c */
enum rc syncro_sync(struct psa_conn *c, struct psa_sync *how, const struct psa_sink *sink, struct err *e);
enum rc syncro_read_line(struct psa_conn *c, struct arena *a, const char *contract, const char *line,
	struct psa_line *ret, struct err *e);
enum rc syncro_plan(struct arena *a, const struct psa_change *change, const struct psa_line *line,
	const struct psa_contract *contract, struct psa_plan *ret, struct err *e);
void syncro_apply(struct psa_conn *c, struct arena *a, const struct psa_change *change, struct psa_result *ret);
void syncro_settle(struct psa_conn *c, struct arena *a, const struct psa_change *change, struct psa_result *ret);
enum rc syncro_test(struct psa_conn *c, psa_check_fn check, void *arg, struct err *e);
enum rc syncro_ticket(struct psa_conn *c, struct arena *a, const struct psa_ticket *t, const char **ret_id,
	struct err *e);

#endif

/* kb.h - Kaseya BMS and Pulseway PSA, inside: one API under two names.
 *
 * Its public specification shows the lines of recurring contracts without their units and has no call that changes
 * them; a line can be added. So the units are those of the newest invoice, an approved change of units is a person's
 * work, and only a setting that names an unpublished path lets this program write them.
 */
#ifndef PSA_KASEYA_KB_H
#define PSA_KASEYA_KB_H

#include "psa/field.h"
#include "psa/inplace.h"
#include "psa/psa.h"
#include "psa/wire.h"

enum { KB_PAGE = 100 };

struct psa_conn {
	struct psa_host host;
	struct arena arena;		/* settings; lives as long as the connection */
	const char *who;		/* "Kaseya BMS" */
	struct wire login, wire;	/* a form without token; JSON with it */
	const char *root;		/* "https://api.bms.kaseya.com" */
	const char *user, *password, *tenant;
	const char *units_path;		/* "" = units are a person's work */
	const char *bearer;		/* header line; NULL before the first call */
	utime bearer_until;
	const char *login_headers[3], *headers[4];
	char bearer_line[4096];
};

/* client.c */
/* The result of a call that succeeded, keys with a small first letter. `ret_total` may be NULL; -1 = not told. */
enum rc kb_read(struct psa_conn *c, struct arena *a, const char *method, const char *path, const char *body,
	const char *what, const struct json **ret, int64_t *ret_total, struct err *e) MUST_CHECK;
/* Sent once. */
enum sent kb_send(struct psa_conn *c, struct arena *a, const char *method, const char *path, const char *body,
	const char *what, const struct json **ret, struct err *why);

/* All rows of a list, page by page. `body` is NULL for a GET list, else the filter of a search as JSON. */
struct kb_list {
	const char *path, *filter, *what;
	void *arg;
	enum rc (*row)(void *arg, struct arena *a, const struct json *v, struct err *e);
};
enum rc kb_list(struct psa_conn *c, const struct kb_list *l, struct err *e) MUST_CHECK;

/* read.c */
enum rc kb_sync(struct psa_conn *c, struct psa_sync *how, const struct psa_sink *sink, struct err *e);
/* A row of relatedservices/search as a line; its quantity is not there. */
enum rc kb_line(struct psa_conn *c, const struct json *v, struct psa_line *ret, const char **ret_contract,
	struct err *e) MUST_CHECK;
enum rc kb_contract(struct psa_conn *c, const struct json *v, struct psa_contract *ret, const char **ret_account_name,
	const char **ret_skip, struct err *e) MUST_CHECK;
const char *kb_related(struct arena *a, const char *service);

/* write.c, doctor.c */
/* Where the settings say that the units of a line are read and set. */
const char *kb_units_path(const struct psa_conn *c, struct arena *a, const char *contract, const char *line);
bool kb_by_hand(const struct json *settings, const struct psa_change *change);
enum rc kb_plan(struct arena *a, const struct psa_change *change, const struct psa_line *line,
	const struct psa_contract *contract, struct psa_plan *ret, struct err *e);
void kb_apply(struct psa_conn *c, struct arena *a, const struct psa_change *change, struct psa_result *ret);
void kb_settle(struct psa_conn *c, struct arena *a, const struct psa_change *change, struct psa_result *ret);
enum rc kb_read_line(struct psa_conn *c, struct arena *a, const char *contract, const char *line, struct psa_line *ret,
	struct err *e);
enum rc kb_test(struct psa_conn *c, psa_check_fn check, void *arg, struct err *e);

#endif

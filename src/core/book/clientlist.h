/* clientlist.h - the accounts of the PSA as the push API shows them: "clients", in pages. */
#ifndef CORE_CLIENTLIST_H
#define CORE_CLIENTLIST_H

#include "base/json.h"
#include "db/db.h"

#define CLIENT_PAGE 100

/* {"meta":{"count","hasMore","previousId"},"clients":[{"_id","id","name"}]}: those after id `previous`, whose name
 * holds `search`; NULL = from the first, all. */
enum rc client_write_page(struct tx *tx, const char *org, const char *search, const char *previous, struct jsonw *w,
	struct err *e) MUST_CHECK;

#endif

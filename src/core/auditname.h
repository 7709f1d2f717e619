/* auditname.h - what the objects of the log are called: "card 6b06..." is "Harbor Point Legal, Email Security" to a
 * person. */
#ifndef CORE_AUDITNAME_H
#define CORE_AUDITNAME_H

#include "db/db.h"

/* The present name of an audit row's object, in the transaction's arena. NULL: it has none, or is gone. */
enum rc audit_name(struct tx *tx, const char *org, const char *object, const char **ret, struct err *e) MUST_CHECK;

#endif

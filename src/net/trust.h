/* trust.h - which certificate authorities the far side of an outbound connection may have: the system's, and those of a
 * file of the operator's own (TRUEUP_CA_FILE), for a PSA in the own network. */
#ifndef NET_TRUST_H
#define NET_TRUST_H

#include "base/clock.h"

#include <stddef.h>

/* What a file of certificates holds. */
struct trust_file {
	size_t count;			/* certificates, at least 1 */
	utime first_end;		/* when the first of them ends */
};

/* Looks at `len` bytes of PEM. RC_INVALID: no certificate in it, one that cannot be read, or a private key, which has
 * no business there. */
enum rc trust_look(const char *pem, size_t len, struct trust_file *ret, struct err *e) MUST_CHECK;
/* From now on these are trusted beside the system's. Before the first connection and before other threads start. */
enum rc trust_add(const char *pem, size_t len, struct err *e) MUST_CHECK;
/* Sets what every connection has: whom it trusts, the name in the certificate, TLS 1.2 at least. `easy` is a CURL *. */
void trust_apply(void *easy);

#endif

/* pushkey.h - who pushes: the pair of keys of one integration.
 *
 * The token a vendor is given is base64(vendor_key:partner_key), 256 random bits each. Only hashes are kept; a
 * new pair ends the one before.
 */
#ifndef CORE_PUSHKEY_H
#define CORE_PUSHKEY_H

#include "db/db.h"

struct pushkey {
	const char *token, *vendor_key, *partner_key;
};

/* Both halves as hashes, ready to be looked up. */
struct pushkey_hash {
	char vendor[65], partner[65];
	bool vendor_only;	/* the token has no partner key: some calls are content with that */
};

/* Makes a new pair and ends the old one. RC_CONFLICT: the integration is disconnected. The only time it is seen. */
enum rc pushkey_issue(struct tx *tx, const char *org, const char *integration, struct pushkey *ret, struct err *e)
	MUST_CHECK;
/* Ends the pair. RC_OK also when there is none. */
enum rc pushkey_revoke(struct tx *tx, const char *org, const char *integration, struct err *e) MUST_CHECK;
/* Reads a header's value: standard or URL-safe base64, padding or none. RC_UNAUTHORIZED: none, or not a pair. */
enum rc pushkey_read(struct arena *a, const char *header, struct pushkey_hash *ret, struct err *e) MUST_CHECK;
/* The integration that the keys belong to. RC_UNAUTHORIZED: unknown, ended, or halves of two pairs. Texts in the
 * arena. */
enum rc pushkey_find(struct tx *tx, struct arena *a, const struct pushkey_hash *h, const char **ret_org,
	const char **ret_integration, struct err *e) MUST_CHECK;

#endif

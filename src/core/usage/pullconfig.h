/* pullconfig.h - the settings of an integration that fetches: plain ones beside it, secret ones in the vault. */
#ifndef CORE_PULLCONFIG_H
#define CORE_PULLCONFIG_H

#include "core/usage/integration.h"
#include "core/vault.h"
#include "vendor/vendor.h"

struct pullconfig {
	const struct vendor *vendor;
	struct json *settings; /* with the secrets filled in, for the connector only; NULL when none were given */
};

/* Takes the members that are given; an absent or empty secret keeps what was stored. All of the vendor's required
 * settings must be there afterwards, unless none is given at all and the vendor also pushes. RC_INVALID with a
 * pointer. */
enum rc pullconfig_put(struct tx *tx, struct vault *v, const char *org, const char *integration,
	const struct json *given, struct err *e) MUST_CHECK;
/* All of it in the arena. */
enum rc pullconfig_get(struct tx *tx, struct vault *v, struct arena *a, const char *org, const char *integration,
	struct pullconfig *ret, struct err *e) MUST_CHECK;
/* Members into the open object: "settings", the plain ones; "secrets_set", names of those that are stored;
 * "credentials", until when they hold (keyend.h), where `name` is what the integration is called. */
enum rc pullconfig_write(struct tx *tx, const char *org, const char *integration, const char *name, struct jsonw *w,
	struct err *e) MUST_CHECK;

#endif

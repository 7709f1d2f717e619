/* psaconfig.h - which PSA an organization is connected to, and how far it was read. */
#ifndef CORE_PSACONFIG_H
#define CORE_PSACONFIG_H

#include "core/vault.h"
#include "psa/psa.h"

struct psaconfig {
	const char *org;
	const struct psa_ops *ops;
	struct json *settings;		/* with the secrets filled in: for ops->open() only, never shown */
	const char *state;		/* configured, ok, error */
	const char *detail;		/* words of the error */
	utime configured_at;
	utime watermark;		/* for psa_sync.since */
	const char *cursor, *cursor_mode;	/* of an interrupted reading, or NULL */
	utime full_synced_at, synced_at;	/* 0 = never */
};

/* Connects, or changes the settings. A secret that is absent or empty keeps what was stored for the same kind.
 * RC_INVALID with a pointer names the setting that is wrong. Does not talk to the PSA. */
enum rc psaconfig_put(struct tx *tx, struct vault *v, const char *org, const char *kind, const struct json *settings,
	struct err *e);
/* All of it in the arena. RC_NOT_FOUND: no PSA is connected yet, and how to connect one. */
enum rc psaconfig_get(struct tx *tx, struct vault *v, struct arena *a, const char *org, struct psaconfig *ret,
	struct err *e);
/* Kind and settings without their secrets. RC_NOT_FOUND. */
enum rc psaconfig_plain(struct tx *tx, struct arena *a, const char *org, const char **ret_kind,
	const struct json **ret_settings, struct err *e);
/* {"kind","name","settings":{...no secrets...},"secrets_set":[...],"state","detail",...}; null when none. */
enum rc psaconfig_write(struct tx *tx, const char *org, struct jsonw *w, struct err *e);

enum rc psaconfig_set_state(struct tx *tx, const char *org, const char *state, const char *detail, struct err *e);
enum rc psaconfig_set_cursor(struct tx *tx, const char *org, const char *cursor, const char *mode, struct err *e);
/* A reading ended well. */
enum rc psaconfig_synced(struct tx *tx, const char *org, utime watermark, bool full, struct err *e);

#endif

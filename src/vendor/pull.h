/* pull.h - what a connector does that fetches from a vendor: one reading, told to a sink.
 *
 * A connector knows no database and keeps nothing between readings. It tells accounts and services first, then counts.
 * An account that it read to its end is covered: what it did not count there is zero. An account that could not be
 * read is missing, with the reason, and the others go on. Texts handed to the sink are valid during the call only.
 */
#ifndef VENDOR_PULL_H
#define VENDOR_PULL_H

#include "base/clock.h"
#include "base/json.h"

struct pull_account {
	const char *vendor_id, *name;
	const char *description;	/* NULL = none */
	const char *domain;		/* for suggestions; NULL = unknown */
};

struct pull_service {
	const char *vendor_id, *name;
	const char *description;	/* NULL = none */
	const char *unit_basis;		/* "users", "devices", or NULL */
};

/* Any function that fails ends the reading with that error. */
struct pull_sink {
	void *arg;
	enum rc (*account)(void *arg, const struct pull_account *a, struct err *e);
	enum rc (*service)(void *arg, const struct pull_service *s, struct err *e);
	/* `units` is any spelling of a number. Both were told before. A pair that is told twice is summed. */
	enum rc (*count)(void *arg, const char *account, const char *service, const char *units, struct err *e);
	/* All of this account was read. */
	enum rc (*covered)(void *arg, const char *account, struct err *e);
	/* This account could not be read, and why in words for a person. */
	enum rc (*missing)(void *arg, const char *account, const char *reason, struct err *e);
	/* These two get `host`, not `arg`: whoever runs the reading may be another than who gathers it. */
	void *host;
	enum rc (*progress)(void *host, const char *phase, int64_t done, int64_t total, struct err *e);
	bool (*cancelled)(void *host);
};

struct vendor;

struct pull_host {
	const struct vendor *vendor;	/* whose reading it is */
	bool allow_private;		/* TRUEUP_ALLOW_PRIVATE_REMOTES */
	int timeout_ms;			/* per call; 0 = 60,000 */
	utime now;
	/* With "capture" on: a raw answer, for questions that only a real tenant can settle. The host takes secrets and
	 * personal data out before it is kept. NULL = not wanted. */
	void (*capture)(void *arg, const char *what, const char *body, size_t len);
	void *capture_arg;
};

typedef void (*pull_check_fn)(void *arg, const char *name, bool ok, const char *detail);

struct pull_ops {
	/* Reaches the vendor, signs in, may read: one check each. RC_OK when all were tried. */
	enum rc (*test)(const struct pull_host *host, const struct json *settings, pull_check_fn check, void *arg,
		struct err *e);
	/* One whole reading. RC_UNAUTHORIZED: the vendor does not accept the credentials, in its words; RC_REMOTE: it
	 * failed, and the next reading may do better; RC_INVALID: a setting is wrong. *ret_complete: every account
	 * that the vendor has was told, so what is not among them is gone. */
	enum rc (*read)(const struct pull_host *host, const struct json *settings, const struct pull_sink *sink,
		bool *ret_complete, struct err *e);
	/* Whether a webhook is this vendor's: judged by its headers. NULL when it sends none. */
	bool (*hook)(const struct json *settings, const char *(*header)(void *arg, const char *name), void *arg);
};

#endif

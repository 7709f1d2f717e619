/* webauthn.h - what a browser's passkey says (W3C Web Authentication, Level 2), checked by libfido2. Pure.
 *
 * Bytes come as base64 of either alphabet. A passkey is taken only when the device knew its user (a finger, a face, a
 * PIN), so that it counts for two factors. Who made the device is not asked.
 */
#ifndef CORE_WEBAUTHN_H
#define CORE_WEBAUTHN_H

#include "base/codec.h"

/* Whom the answer has to be for. */
struct webauthn_site {
	const char *rp_id;		/* "trueup.example.com" */
	const char *origin;		/* "https://trueup.example.com" */
};

struct webauthn_answer {
	const char *client_data;	/* clientDataJSON */
	const char *authenticator_data;
	const char *signature;		/* NULL when one is made */
};

struct webauthn_key {
	const char *credential;		/* its id at the browser, base64url */
	const char *key;		/* the public key in libfido2's own form, base64url */
	int64_t algorithm;		/* COSE: -7, -8 or -257 */
	int64_t uses;			/* the device's counter, 0 when it has none */
};

/* COSE algorithms that are taken, best first, and how many. */
extern const int webauthn_algorithms[];
extern const size_t webauthn_algorithm_count;

/* The site of an address such as "https://host:8443/base". False: browsers make no passkeys for it, because it is a
 * bare number, or neither https nor localhost. Texts in the arena. */
bool webauthn_site(struct arena *a, const char *url, struct webauthn_site *ret);

/* What the answer is to: the challenge that was sent, in its bytes as text, in the arena. RC_INVALID: it is not of
 * `type` ("webauthn.create", "webauthn.get"), or of another site. */
enum rc webauthn_challenge(struct arena *a, const struct webauthn_site *site, const struct webauthn_answer *answer,
	const char *type, const char **ret, struct err *e) MUST_CHECK;
/* A new passkey, after its challenge was found to be ours. RC_INVALID with a pointer. */
enum rc webauthn_made(struct arena *a, const struct webauthn_site *site, const struct webauthn_answer *answer,
	struct webauthn_key *ret, struct err *e) MUST_CHECK;
/* The use of one; key->uses moves on. RC_UNAUTHORIZED: not signed by this key for this site by a device that knew its
 * user, or by a copy of the device (its counter does not go up). */
enum rc webauthn_used(struct arena *a, const struct webauthn_site *site, const struct webauthn_answer *answer,
	struct webauthn_key *key, struct err *e) MUST_CHECK;

#endif

#include "core/people/webauthn.h"

#include "base/json.h"

#include <arpa/inet.h>
#include <fido.h>
#include <fido/eddsa.h>
#include <fido/es256.h>
#include <fido/rs256.h>
#include <sodium.h>
#include <string.h>

enum { CLIENT_DATA_MAX = 4096, HASH = crypto_hash_sha256_BYTES, FLAGS_AT = HASH };

const int webauthn_algorithms[] = { COSE_ES256, COSE_EDDSA, COSE_RS256 };
const size_t webauthn_algorithm_count = ARRAY_LEN(webauthn_algorithms);

struct bytes {
	unsigned char *data;
	size_t len;
};

/* ---- the site ---- */

static bool is_number(const char *host)
{
	struct in_addr four;

	return strchr(host, ':') || inet_pton(AF_INET, host, &four) == 1;
}

bool webauthn_site(struct arena *a, const char *url, struct webauthn_site *ret)
{
	const char *host = strstr(url, "://");
	size_t len;

	if (!host)
		return false;
	host += 3;
	len = strcspn(host, "/?#");
	ret->origin = arena_strndup(a, url, (size_t)(host - url) + len);
	if (*host == '[')
		return false;
	ret->rp_id = arena_strndup(a, host, strcspn(host, ":/?#"));
	if (!*ret->rp_id || is_number(ret->rp_id))
		return false;
	return strncmp(url, "https://", 8) == 0 || strcmp(ret->rp_id, "localhost") == 0;
}

/* ---- what both kinds of answer share ---- */

static enum rc decode(struct arena *a, const char *text, const char *at, struct bytes *ret, struct err *e)
{
	char *data;

	if (!text || base64_decode(a, text, &data, &ret->len) != RC_OK || ret->len == 0)
		return err_at(e, RC_INVALID, at, "This is not what a browser says of a passkey. Try again.");
	ret->data = (unsigned char *)data;
	return RC_OK;
}

enum rc webauthn_challenge(struct arena *a, const struct webauthn_site *site, const struct webauthn_answer *answer,
	const char *type, const char **ret, struct err *e)
{
	static const struct json_limits limits = { CLIENT_DATA_MAX, 4, 64 };
	struct bytes text, challenge;
	struct json *said;
	enum rc rc = decode(a, answer->client_data, "/client_data", &text, e);

	if (rc == RC_OK)
		rc = json_parse(a, (char *)text.data, text.len, &limits, &said, NULL);
	if (rc != RC_OK || strcmp(json_text_or(json_get(said, "type"), ""), type) != 0)
		return err_at(
			e, RC_INVALID, "/client_data", "This is not what a browser says of a passkey. Try again.");
	if (strcmp(json_text_or(json_get(said, "origin"), ""), site->origin) != 0)
		return err_at(e, RC_INVALID, "/client_data",
			"The passkey was asked for by a page of another address. Open %s, and try there.",
			site->origin);
	rc = decode(a, json_member(said, "challenge"), "/client_data", &challenge, e);
	if (rc == RC_OK)
		*ret = arena_strndup(a, (char *)challenge.data, challenge.len);
	return rc;
}

/* The hash of what the browser said: it is signed along. */
static enum rc hash_said(struct arena *a, const struct webauthn_answer *answer, unsigned char ret[HASH], struct err *e)
{
	struct bytes text;
	enum rc rc = decode(a, answer->client_data, "/client_data", &text, e);

	if (rc == RC_OK)
		crypto_hash_sha256(ret, text.data, text.len);
	return rc;
}

/* ---- a new one ---- */

/* For this site, by a device that knew its user, and with a key in it. */
static bool fits(const struct webauthn_site *site, const struct bytes *data)
{
	const unsigned char want = CTAP_AUTHDATA_USER_PRESENT | CTAP_AUTHDATA_USER_VERIFIED | CTAP_AUTHDATA_ATT_CRED;
	unsigned char hash[HASH];

	if (data->len <= FLAGS_AT || (data->data[FLAGS_AT] & want) != want)
		return false;
	crypto_hash_sha256(hash, (const unsigned char *)site->rp_id, strlen(site->rp_id));
	return memcmp(hash, data->data, HASH) == 0;
}

/* The library wants to be told the kind of key before it reads it. NULL: none of those that are taken. */
static fido_cred_t *read_key(const struct bytes *data)
{
	fido_cred_t *cred;

	for (size_t i = 0; i < webauthn_algorithm_count; i++) {
		cred = fido_cred_new();
		if (cred && fido_cred_set_type(cred, webauthn_algorithms[i]) == FIDO_OK &&
			fido_cred_set_authdata_raw(cred, data->data, data->len) == FIDO_OK)
			return cred;
		fido_cred_free(&cred);
	}
	return NULL;
}

enum rc webauthn_made(struct arena *a, const struct webauthn_site *site, const struct webauthn_answer *answer,
	struct webauthn_key *ret, struct err *e)
{
	struct bytes data;
	fido_cred_t *cred;
	enum rc rc = decode(a, answer->authenticator_data, "/authenticator_data", &data, e);

	if (rc != RC_OK)
		return rc;
	if (!fits(site, &data))
		return err_at(e, RC_INVALID, "/authenticator_data",
			"The device did not ask who is there. Use one with a fingerprint, a face or a PIN.");
	fido_init(FIDO_DISABLE_U2F_FALLBACK);
	cred = read_key(&data);
	if (!cred)
		return err_at(e, RC_INVALID, "/authenticator_data",
			"The key of this device is of a kind that is not taken. Use another device.");
	ret->credential = base64url_encode(a, fido_cred_id_ptr(cred), fido_cred_id_len(cred));
	ret->key = base64url_encode(a, fido_cred_pubkey_ptr(cred), fido_cred_pubkey_len(cred));
	ret->algorithm = fido_cred_type(cred);
	ret->uses = fido_cred_sigcount(cred);
	fido_cred_free(&cred);
	return RC_OK;
}

/* ---- the use of one ---- */

/* A key in the form that the library checks with. */
struct checker {
	void *pk;
	void (*release)(struct checker *c);
};

static void release_es256(struct checker *c)
{
	es256_pk_free((es256_pk_t **)&c->pk);
}

static void release_eddsa(struct checker *c)
{
	eddsa_pk_free((eddsa_pk_t **)&c->pk);
}

static void release_rs256(struct checker *c)
{
	rs256_pk_free((rs256_pk_t **)&c->pk);
}

/* False: the bytes are no key of this kind. */
static bool make_checker(struct checker *ret, int64_t algorithm, const struct bytes *key)
{
	switch (algorithm) {
	case COSE_ES256:
		*ret = (struct checker){ es256_pk_new(), release_es256 };
		return ret->pk && es256_pk_from_ptr(ret->pk, key->data, key->len) == FIDO_OK;
	case COSE_EDDSA:
		*ret = (struct checker){ eddsa_pk_new(), release_eddsa };
		return ret->pk && eddsa_pk_from_ptr(ret->pk, key->data, key->len) == FIDO_OK;
	case COSE_RS256:
		*ret = (struct checker){ rs256_pk_new(), release_rs256 };
		return ret->pk && rs256_pk_from_ptr(ret->pk, key->data, key->len) == FIDO_OK;
	default:
		*ret = (struct checker){ 0 };
		return false;
	}
}

/* Whether `sig` is the key's over the data and the hash; and the device's counter. */
static bool check(const struct webauthn_site *site, const unsigned char hash[HASH], const struct bytes *data,
	const struct bytes *sig, int64_t algorithm, const void *pk, int64_t *ret_uses)
{
	fido_assert_t *a = fido_assert_new();
	bool good = a && fido_assert_set_count(a, 1) == FIDO_OK && fido_assert_set_rp(a, site->rp_id) == FIDO_OK &&
		fido_assert_set_clientdata_hash(a, hash, HASH) == FIDO_OK &&
		fido_assert_set_up(a, FIDO_OPT_TRUE) == FIDO_OK && fido_assert_set_uv(a, FIDO_OPT_TRUE) == FIDO_OK &&
		fido_assert_set_authdata_raw(a, 0, data->data, data->len) == FIDO_OK &&
		fido_assert_set_sig(a, 0, sig->data, sig->len) == FIDO_OK &&
		fido_assert_verify(a, 0, (int)algorithm, pk) == FIDO_OK;

	*ret_uses = good ? fido_assert_sigcount(a, 0) : 0;
	fido_assert_free(&a);
	return good;
}

enum rc webauthn_used(struct arena *a, const struct webauthn_site *site, const struct webauthn_answer *answer,
	struct webauthn_key *key, struct err *e)
{
	struct bytes data, sig, pk;
	unsigned char hash[HASH];
	struct checker checker = { 0 };
	bool good = false;
	int64_t uses;
	enum rc rc = hash_said(a, answer, hash, e);

	if (rc == RC_OK)
		rc = decode(a, answer->authenticator_data, "/authenticator_data", &data, e);
	if (rc == RC_OK)
		rc = decode(a, answer->signature, "/signature", &sig, e);
	if (rc == RC_OK)
		rc = decode(a, key->key, "", &pk, e);
	if (rc != RC_OK)
		return rc;
	fido_init(FIDO_DISABLE_U2F_FALLBACK);
	if (make_checker(&checker, key->algorithm, &pk))
		good = check(site, hash, &data, &sig, key->algorithm, checker.pk, &uses);
	if (checker.release)
		checker.release(&checker);
	if (!good)
		return err_set(e, RC_UNAUTHORIZED, "The signature of this passkey does not fit.");
	if ((uses || key->uses) && uses <= key->uses)
		return err_set(e, RC_UNAUTHORIZED,
			"This passkey was used by another device meanwhile: it may have been copied. Sign in in "
			"another way, and remove it.");
	key->uses = uses;
	return RC_OK;
}

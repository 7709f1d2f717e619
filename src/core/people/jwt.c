#include "core/people/jwt.h"

#include "base/codec.h"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <string.h>

enum { TOKEN_MAX = 64 * 1024, RSA_FEWEST = 256, P256 = 32 };

struct token {
	const char *signed_part;
	size_t signed_len;
	struct json *header, *claims;
	char *signature;
	size_t signature_len;
};

static enum rc no_token(struct err *e)
{
	return err_set(e, RC_INVALID, "The provider sent something that is no signed token.");
}

static enum rc part(struct arena *a, const char *text, size_t len, struct json **ret)
{
	static const struct json_limits limits = JSON_LIMITS_DEFAULT;
	char *bytes;
	size_t n;

	if (base64_decode(a, arena_strndup(a, text, len), &bytes, &n) != RC_OK)
		return RC_INVALID;
	return json_parse(a, bytes, n, &limits, ret, NULL);
}

static enum rc take_apart(struct arena *a, const char *token, struct token *t, struct err *e)
{
	const char *first = strchr(token, '.'), *second = first ? strchr(first + 1, '.') : NULL;

	if (!second || strchr(second + 1, '.') || strlen(token) > TOKEN_MAX)
		return no_token(e);
	t->signed_part = token;
	t->signed_len = (size_t)(second - token);
	if (part(a, token, (size_t)(first - token), &t->header) != RC_OK ||
		part(a, first + 1, (size_t)(second - first) - 1, &t->claims) != RC_OK ||
		base64_decode(a, second + 1, &t->signature, &t->signature_len) != RC_OK ||
		!json_is(t->claims, JSON_OBJECT))
		return no_token(e);
	return RC_OK;
}

static bool number(struct arena *a, const struct json *key, const char *name, BIGNUM **ret, size_t *ret_len)
{
	const char *text = json_member(key, name);
	char *bytes;

	if (!text || base64_decode(a, text, &bytes, ret_len) != RC_OK || !*ret_len || *ret_len > 2048)
		return false;
	*ret = BN_bin2bn((unsigned char *)bytes, (int)*ret_len, NULL);
	return *ret != NULL;
}

static EVP_PKEY *from_params(const char *type, OSSL_PARAM_BLD *bld)
{
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(bld);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	EVP_PKEY *key = NULL;

	if (!params || !ctx || EVP_PKEY_fromdata_init(ctx) <= 0 ||
		EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) <= 0)
		key = NULL;
	EVP_PKEY_CTX_free(ctx);
	OSSL_PARAM_free(params);
	return key;
}

/* NULL: not a key of this kind, or one too short to be worth anything. */
static EVP_PKEY *rsa_key(struct arena *a, const struct json *jwk)
{
	OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
	BIGNUM *n = NULL, *x = NULL;
	size_t n_len = 0, x_len = 0;
	EVP_PKEY *key = NULL;

	if (bld && number(a, jwk, "n", &n, &n_len) && number(a, jwk, "e", &x, &x_len) && n_len >= RSA_FEWEST &&
		OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_N, n) &&
		OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_E, x))
		key = from_params("RSA", bld);
	BN_free(n);
	BN_free(x);
	OSSL_PARAM_BLD_free(bld);
	return key;
}

static EVP_PKEY *ec_key(struct arena *a, const struct json *jwk)
{
	const char *x_text = json_member(jwk, "x"), *y_text = json_member(jwk, "y");
	unsigned char point[1 + 2 * P256] = { POINT_CONVERSION_UNCOMPRESSED };
	OSSL_PARAM_BLD *bld;
	EVP_PKEY *key = NULL;
	char *x, *y;
	size_t x_len, y_len;

	if (strcmp(json_text_or(json_get(jwk, "crv"), ""), "P-256") != 0 || !x_text || !y_text ||
		base64_decode(a, x_text, &x, &x_len) != RC_OK || base64_decode(a, y_text, &y, &y_len) != RC_OK ||
		x_len != P256 || y_len != P256)
		return NULL;
	memcpy(point + 1, x, P256);
	memcpy(point + 1 + P256, y, P256);
	bld = OSSL_PARAM_BLD_new();
	if (bld && OSSL_PARAM_BLD_push_utf8_string(bld, OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) &&
		OSSL_PARAM_BLD_push_octet_string(bld, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point)))
		key = from_params("EC", bld);
	OSSL_PARAM_BLD_free(bld);
	return key;
}

/* An ES256 signature is two bare numbers; OpenSSL wants them wrapped. */
static bool wrap_es256(struct arena *a, struct token *t)
{
	const unsigned char *s = (unsigned char *)t->signature;
	ECDSA_SIG *sig = ECDSA_SIG_new();
	unsigned char *der = NULL;
	int len = -1;

	if (t->signature_len == 2 * P256 && sig &&
		ECDSA_SIG_set0(sig, BN_bin2bn(s, P256, NULL), BN_bin2bn(s + P256, P256, NULL)))
		len = i2d_ECDSA_SIG(sig, &der);
	if (len > 0) {
		t->signature = arena_alloc(a, (size_t)len);
		memcpy(t->signature, der, (size_t)len);
		t->signature_len = (size_t)len;
	}
	OPENSSL_free(der);
	ECDSA_SIG_free(sig);
	return len > 0;
}

static bool fits(const struct token *t, EVP_PKEY *key)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok = ctx && EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
		EVP_DigestVerify(ctx, (unsigned char *)t->signature, t->signature_len,
			(const unsigned char *)t->signed_part, t->signed_len) == 1;

	EVP_MD_CTX_free(ctx);
	return ok;
}

/* The key of that name and kind; without a name in the header the only one of the set. */
static const struct json *find_key(const struct json *keys, const char *kid, const char *type)
{
	const struct json *list = json_get(keys, "keys"), *found = NULL;

	for (const struct json *k = list ? list->child : NULL; k; k = k->next) {
		const char *use = json_member(k, "use");

		if (strcmp(json_text_or(json_get(k, "kty"), ""), type) != 0 || (use && strcmp(use, "sig") != 0))
			continue;
		if (kid && strcmp(json_text_or(json_get(k, "kid"), ""), kid) == 0)
			return k;
		if (!kid && found)
			return NULL;
		if (!kid)
			found = k;
	}
	return found;
}

enum rc jwt_verify(struct arena *a, const char *token, const struct json *keys, struct json **ret_claims, struct err *e)
{
	const struct json *jwk;
	struct token t = { 0 };
	const char *alg;
	bool rsa, ok;
	EVP_PKEY *key;
	enum rc rc = take_apart(a, token, &t, e);

	if (rc != RC_OK)
		return rc;
	alg = json_text_or(json_get(t.header, "alg"), "");
	rsa = strcmp(alg, "RS256") == 0;
	if (!rsa && strcmp(alg, "ES256") != 0)
		return err_set(e, RC_DENIED, "The provider's token is not signed with RS256 or ES256.");
	jwk = find_key(keys, json_member(t.header, "kid"), rsa ? "RSA" : "EC");
	key = !jwk ? NULL : rsa ? rsa_key(a, jwk) : ec_key(a, jwk);
	if (!key)
		return err_set(
			e, RC_DENIED, "The provider's token is signed with a key that the provider does not publish.");
	ok = (rsa || wrap_es256(a, &t)) && fits(&t, key);
	EVP_PKEY_free(key);
	if (!ok)
		return err_set(e, RC_DENIED, "The signature of the provider's token is wrong.");
	*ret_claims = t.claims;
	return RC_OK;
}

#include "net/trust.h"

#include "base/buf.h"

#include <curl/curl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { TRUST_MAX = 16 << 20 };

/* The system's certificates and the operator's own in one text; empty when the operator named none. */
static struct buf bundle = BUF_INIT(TRUST_MAX);

static utime end_of(const X509 *cert)
{
	struct tm tm;

	if (ASN1_TIME_to_tm(X509_get0_notAfter(cert), &tm) != 1)
		return 0;
	return (utime)timegm(&tm) * CLOCK_SECOND;
}

/* Whether the reading ended because there was nothing more, and not at something broken. */
static bool ended_well(void)
{
	unsigned long code = ERR_peek_last_error();
	bool well = ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE;

	ERR_clear_error();
	return well;
}

enum rc trust_look(const char *pem, size_t len, struct trust_file *ret, struct err *e)
{
	BIO *in = BIO_new_mem_buf(pem, (int)len);
	X509 *cert;

	if (!in)
		BUG("no memory for certificates");
	*ret = (struct trust_file){ 0 };
	ERR_clear_error();
	while ((cert = PEM_read_bio_X509(in, NULL, NULL, NULL))) {
		utime end = end_of(cert);

		if (!ret->count++ || end < ret->first_end)
			ret->first_end = end;
		X509_free(cert);
	}
	BIO_free(in);
	if (!ended_well())
		return err_set(e, RC_INVALID, "The certificate after the first %zu cannot be read.", ret->count);
	if (memmem(pem, len, "PRIVATE KEY-----", 16))
		return err_set(e, RC_INVALID,
			"There is a private key in it. Leave only the certificates of the authorities (PEM) there.");
	if (!ret->count)
		return err_set(e, RC_INVALID,
			"There is no certificate in it. PEM is read: -----BEGIN CERTIFICATE-----.");
	return RC_OK;
}

/* A system without certificates of its own trusts nobody but the operator's. */
static void put_system(void)
{
	const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
	FILE *f = info->cainfo ? fopen(info->cainfo, "re") : NULL;
	char part[8192];
	size_t n;

	while (f && (n = fread(part, 1, sizeof(part), f)) > 0)
		buf_put(&bundle, part, n);
	if (f)
		fclose(f);
}

enum rc trust_add(const char *pem, size_t len, struct err *e)
{
	struct trust_file found;
	enum rc rc = trust_look(pem, len, &found, e);

	if (rc != RC_OK)
		return rc;
	buf_clear(&bundle);
	put_system();
	buf_putc(&bundle, '\n');
	buf_put(&bundle, pem, len);
	return bundle.failed ? err_set(e, RC_INVALID, "The certificates are longer than 16 MiB.") : RC_OK;
}

void trust_apply(void *easy)
{
	struct curl_blob blob = { .data = bundle.data, .len = bundle.len, .flags = CURL_BLOB_NOCOPY };

	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (bundle.len)
		curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &blob);
}

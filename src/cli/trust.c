/* trust.c - the operator's own certificate authorities: --ca-file. */
#include "cli/cli.h"

#include "net/trust.h"

enum { CA_FILE_MAX = 4 << 20 };

enum rc cli_ca(struct cli *c, char **ret, size_t *ret_len, struct err *e)
{
	const char *path = cli_text(c, "ca-file");
	enum rc rc;

	*ret = NULL;
	if (!path || !*path)
		return RC_OK;
	rc = file_read(&c->arena, path, CA_FILE_MAX, ret, ret_len, e);
	return rc == RC_OK ? rc : err_prefix(e, "TRUEUP_CA_FILE");
}

enum rc cli_trust(struct cli *c, struct err *e)
{
	char *pem;
	size_t len;
	enum rc rc = cli_ca(c, &pem, &len, e);

	if (rc != RC_OK || !pem)
		return rc;
	rc = trust_add(pem, len, e);
	return rc == RC_OK ? rc : err_prefix(e, "TRUEUP_CA_FILE, %s", cli_text(c, "ca-file"));
}

/* fetch.c - how the sign-in provider is reached: one request each time, by the rules of net/httpc.h. */
#include "cli/cli.h"

#include "net/hostrule.h"
#include "net/httpc.h"

#include <string.h>

enum { TIMEOUT_MS = 15000, ANSWER_MAX = 1 << 20 };

enum rc cli_fetch(void *arg, struct arena *a, const char *url, const char *body, const char **ret, struct err *e)
{
	static const char *const form[] = { "Content-Type: application/x-www-form-urlencoded",
		"Accept: application/json", NULL };
	const bool *allow_private = arg;
	const struct httpc_config config = { .allow_private = *allow_private };
	struct httpc_request request = { body ? "POST" : "GET", url, form, body, 0, TIMEOUT_MS, ANSWER_MAX };
	struct httpc_answer answer;
	struct httpc *http;
	enum rc rc = hostrule_check(url, *allow_private, e);

	if (rc != RC_OK)
		return rc;
	http = httpc_new(&config);
	request.body_len = body ? strlen(body) : 0;
	httpc_do(http, a, &request, &answer);
	httpc_free(http);
	if (answer.fate != HTTPC_ANSWERED)
		return err_set(e, RC_REMOTE, "The sign-in provider does not answer (%s).", answer.error);
	if (answer.status != 200)
		return err_set(e, RC_REMOTE, "The sign-in provider answered with status %d.", answer.status);
	*ret = answer.body;
	return RC_OK;
}

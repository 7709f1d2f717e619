/* Raw answers of a vendor, redacted: what to send along when a connector does not understand a real tenant.
 *
 * A reading whose counts go nowhere; it ends after a few answers, or after a while.
 */
#include "api/app.h"
#include "api/route.h"
#include "core/usage/pullconfig.h"
#include "core/usage/redact.h"

#include <string.h>

enum { ANSWERS_MAX = 12, BODY_MAX = 8 << 20 };
#define TIME_MAX (45 * CLOCK_SECOND)

struct capture {
	struct call *call;
	struct pullconfig pull;
	struct jsonw *w;
	int answers;
	utime until;
};

static enum rc config_fn(struct tx *tx, void *arg, struct err *e)
{
	struct capture *p = arg;
	struct call *c = p->call;

	return pullconfig_get(tx, c->app->vault, c->arena, c->who.org, call_param(c, 0), &p->pull, e);
}

static void take_answer(void *arg, const char *what, const char *body, size_t len)
{
	const struct json_limits limits = { BODY_MAX, 32, 1u << 20 };
	struct capture *p = arg;
	AUTO(arena) a = ARENA_INIT;
	struct json *v;

	if (p->answers == ANSWERS_MAX)
		return;
	p->answers++;
	jsonw_object(p->w);
	jsonw_kv(p->w, "what", redact_path(&a, what));
	jsonw_kv_int(p->w, "bytes", (int64_t)len);
	jsonw_key(p->w, "body");
	if (json_parse(&a, body, len, &limits, &v, NULL) == RC_OK)
		redact_json(p->w, v);
	else
		jsonw_string(p->w, "(no JSON, or too much of it)");
	jsonw_end_object(p->w);
}

static enum rc no_account(void *arg, const struct pull_account *a, struct err *e)
{
	return RC_OK;
}

static enum rc no_service(void *arg, const struct pull_service *s, struct err *e)
{
	return RC_OK;
}

static enum rc no_count(void *arg, const char *account, const char *service, const char *units, struct err *e)
{
	return RC_OK;
}

static enum rc no_cover(void *arg, const char *account, struct err *e)
{
	return RC_OK;
}

static enum rc no_gap(void *arg, const char *account, const char *reason, struct err *e)
{
	return RC_OK;
}

static enum rc no_progress(void *host, const char *phase, int64_t done, int64_t total, struct err *e)
{
	return RC_OK;
}

static bool enough(void *host)
{
	const struct capture *p = host;

	return p->answers == ANSWERS_MAX || clock_mono() > p->until;
}

static void read_some(struct capture *p)
{
	struct call *c = p->call;
	struct pull_host host = { .vendor = p->pull.vendor,
		.allow_private = c->app->allow_private,
		.now = clock_now(),
		.timeout_ms = 30000,
		.capture = take_answer,
		.capture_arg = p };
	struct pull_sink sink = { .account = no_account,
		.service = no_service,
		.count = no_count,
		.covered = no_cover,
		.missing = no_gap,
		.host = p,
		.progress = no_progress,
		.cancelled = enough };
	struct err ended = ERR_INIT;
	bool complete;
	enum rc rc;

	jsonw_key(p->w, "answers");
	jsonw_array(p->w);
	rc = p->pull.vendor->pull->read(&host, p->pull.settings, &sink, &complete, &ended);
	jsonw_end_array(p->w);
	/* The vendor's words may name customers. */
	jsonw_kv(p->w, "ended", rc == RC_OK ? "complete" : rc == RC_BUSY ? "enough" : rc_name(rc));
}

static enum rc post_capture(struct call *c, struct err *e)
{
	struct capture p = { .call = c, .w = &c->out, .until = clock_mono() + TIME_MAX };
	enum rc rc = db_read(c->app->db, config_fn, &p, e);
	char text[CLOCK_TEXT];

	if (rc == RC_OK && !p.pull.settings)
		return err_set(e, RC_CONFLICT,
			"This integration is not fetched from. Give its settings first (PATCH "
			"/api/v1/integrations/%s).",
			call_param(c, 0));
	if (rc != RC_OK)
		return rc;
	c->audit_object = arena_printf(c->arena, "integration %s", call_param(c, 0));
	jsonw_object(&c->out);
	jsonw_kv(&c->out, "vendor", p.pull.vendor->id);
	jsonw_kv(&c->out, "taken_at", clock_format(clock_now(), text));
	read_some(&p);
	jsonw_end_object(&c->out);
	return RC_OK;
}

const struct route capture_routes[] = {
	{ "POST", "/api/v1/integrations/{id}/capture", ROUTE_WORK, ROLE_ADMIN, 200, post_capture,
		.event = "integration.captured", .rate = RATE_APP,
		.summary = "The vendor's raw answers without secrets and names, to send along with a question" },
	{ NULL }
};

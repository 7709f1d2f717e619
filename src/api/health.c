/* Is it alive, is it ready, and how is it doing: for load balancers and for Prometheus. */
#include "api/events.h"
#include "api/work.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static enum rc get_healthz(struct call *c, struct err *e)
{
	jsonw_object(&c->out);
	jsonw_kv(&c->out, "status", "ok");
	jsonw_end_object(&c->out);
	return RC_OK;
}

/* The server listens only after the schema is up to date; here it is seen that the store still answers. */
static enum rc get_readyz(struct call *c, struct err *e)
{
	int64_t steps;
	enum rc rc = sql_int(c->tx, &steps, e, SQL_HEALTH_PING, "");

	if (rc != RC_OK)
		return rc;
	jsonw_object(&c->out);
	jsonw_kv(&c->out, "status", "ready");
	jsonw_kv(&c->out, "store", db_engine(c->app->db) == DB_SQLITE ? "sqlite" : "postgres");
	jsonw_kv_int(&c->out, "schema_steps", steps);
	jsonw_end_object(&c->out);
	return RC_OK;
}

/* A proxy on this machine comes from loopback too, and says for whom. */
static bool is_local(const struct request *rq)
{
	bool loopback = strncmp(rq->remote, "127.", 4) == 0 || strcmp(rq->remote, "::1") == 0 ||
		strncmp(rq->remote, "::ffff:127.", 11) == 0;

	return loopback && !http_header(rq, "X-Forwarded-For") && !http_header(rq, "Forwarded") &&
		!http_header(rq, "X-Real-IP") && !http_header(rq, "Via");
}

static void head(struct buf *out, const char *name, const char *type, const char *help)
{
	buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void single(struct buf *out, const char *name, const char *type, const char *help, long long value)
{
	head(out, name, type, help);
	buf_printf(out, "%s %lld\n", name, value);
}

static long long resident_bytes(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	long long total = 0, resident = 0;

	if (!f)
		return 0;
	if (fscanf(f, "%lld %lld", &total, &resident) != 2)
		resident = 0;
	fclose(f);
	return resident * sysconf(_SC_PAGESIZE);
}

static void write_server(struct buf *out, struct api_server *s)
{
	head(out, "trueup_http_requests_total", "counter", "Answers, by the class of their status.");
	for (unsigned i = 2; i < ARRAY_LEN(s->answered); i++)
		buf_printf(out, "trueup_http_requests_total{class=\"%uxx\"} %llu\n", i, atomic_load(&s->answered[i]));
	single(out, "trueup_http_requests_limited_total", "counter", "Requests refused for coming too fast.",
		(long long)atomic_load(&s->limited));
	single(out, "trueup_http_requests_in_flight", "gauge", "Requests not answered yet.",
		(long long)atomic_load(&s->in_flight));
	single(out, "trueup_event_listeners", "gauge", "Open streams of events.", events_listeners(s->app->events));
	single(out, "trueup_uptime_seconds", "gauge", "Since the server started.",
		(clock_mono() - s->started) / CLOCK_SECOND);
	single(out, "process_resident_memory_bytes", "gauge", "Memory in use.", resident_bytes());
}

static enum rc write_states(struct call *c, enum sql_id id, const char *name, const char *help, struct err *e)
{
	struct rows r;

	head(&c->out_buf, name, "gauge", help);
	sql_query(c->tx, &r, id, "");
	while (rows_next(&r))
		buf_printf(&c->out_buf, "%s{state=\"%s\"} %lld\n", name, rows_text(&r, 0), (long long)rows_int(&r, 1));
	return rows_end(&r, e);
}

/* Seconds since a time that may be none. */
static long long age(struct rows *r, int col)
{
	return rows_null(r, col) ? 0 : (long long)((clock_now() - rows_int(r, col)) / CLOCK_SECOND);
}

static enum rc write_waiting(struct call *c, struct err *e)
{
	struct rows r;
	enum rc rc;

	sql_query(c->tx, &r, SQL_ALARM_AGES, "");
	if (rows_next(&r)) {
		single(&c->out_buf, "trueup_outbox_oldest_seconds", "gauge",
			"Age of the oldest change that has not reached the PSA.", age(&r, 0));
		single(&c->out_buf, "trueup_psa_sync_age_seconds", "gauge",
			"Since the PSA that was read longest ago was read.", age(&r, 1));
	}
	rc = rows_end(&r, e);
	if (rc != RC_OK)
		return rc;
	head(&c->out_buf, "trueup_alarms", "gauge", "Alarms that last, by name.");
	sql_query(c->tx, &r, SQL_ALARM_COUNTS, "");
	while (rows_next(&r))
		buf_printf(
			&c->out_buf, "trueup_alarms{name=\"%s\"} %lld\n", rows_text(&r, 0), (long long)rows_int(&r, 1));
	return rows_end(&r, e);
}

static enum rc get_metrics(struct call *c, struct err *e)
{
	enum rc rc;

	if (!is_local(c->rq) && c->who.role < ROLE_VIEWER)
		return err_set(e, RC_UNAUTHORIZED, "%s", "From another machine this needs a token.");
	c->content_type = "text/plain; version=0.0.4; charset=utf-8";
	write_server(&c->out_buf, c->app->server);
	rc = write_states(c, SQL_HEALTH_JOBS, "trueup_jobs", "Jobs by state.", e);
	if (rc == RC_OK)
		rc = write_states(c, SQL_HEALTH_WRITES, "trueup_writes", "Changes for the PSA by state.", e);
	if (rc == RC_OK)
		rc = write_waiting(c, e);
	return rc;
}

const struct route health_routes[] = {
	{ "GET", "/healthz", ROUTE_NOW, ROLE_NONE, 200, get_healthz, .rate = RATE_NONE,
		.summary = "The process is alive" },
	{ "GET", "/readyz", ROUTE_READ, ROLE_NONE, 200, get_readyz, .rate = RATE_NONE,
		.summary = "The store answers and its schema is up to date" },
	{ "GET", "/metrics", ROUTE_READ, ROLE_NONE, 200, get_metrics, .rate = RATE_NONE,
		.summary = "Figures for Prometheus; from another machine with a token" },
	{ NULL },
};

#include "simulator.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void child(const char *system, const char *fixture, int out)
{
	const char *sim = getenv("TRUEUP_SIM"), *folder = getenv("TRUEUP_FIXTURES");
	char path[4096];

	/* A test that fails leaves no simulator behind. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	snprintf(path, sizeof(path), "%s/%s", folder, fixture);
	dup2(out, 1);
	execl(sim, sim, system, "--listen", "127.0.0.1:0", "--fixture", path, (char *)NULL);
	_exit(127);
}

static void read_address(struct simulator *s, int fd)
{
	char line[512];
	size_t len = 0;
	const char *at, *end;
	ssize_t n;

	while (len + 1 < sizeof(line) && (n = read(fd, line + len, 1)) == 1 && line[len] != '\n')
		len++;
	line[len] = '\0';
	at = strstr(line, "http://");
	assert_non_null(at);
	end = strchr(at, '"');
	assert_non_null(end);
	snprintf(s->url, sizeof(s->url), "%.*s", (int)(end - at), at);
}

void simulator_start(struct simulator *s, const char *fixture)
{
	simulator_start_system(s, "connectwise", fixture);
}

void simulator_start_system(struct simulator *s, const char *system, const char *fixture)
{
	struct httpc_config config = { .allow_private = true };
	int pipes[2];

	memset(s, 0, sizeof(*s));
	assert_int_equal(pipe(pipes), 0);
	s->pid = fork();
	if (s->pid == 0)
		child(system, fixture, pipes[1]);
	close(pipes[1]);
	read_address(s, pipes[0]);
	close(pipes[0]);
	s->http = httpc_new(&config);
}

void simulator_stop(struct simulator *s)
{
	httpc_free(s->http);
	arena_release(&s->arena);
	kill(s->pid, SIGTERM);
	waitpid(s->pid, NULL, 0);
}

static const struct json *call(struct simulator *s, const char *method, const char *path, const char *body)
{
	static const char *const headers[] = { "Content-Type: application/json", NULL };
	static const struct json_limits limits = { 64 << 20, 32, 4 << 20 };
	struct httpc_request request = { .method = method, .url = arena_printf(&s->arena, "%s%s", s->url, path),
		.headers = headers, .body = body, .body_len = body ? strlen(body) : 0 };
	struct httpc_answer answer;
	struct json *v;

	httpc_do(s->http, &s->arena, &request, &answer);
	if (answer.fate != HTTPC_ANSWERED || answer.status != 200)
		fail_msg("%s %s: %d %s %s", method, path, answer.status, answer.error ? answer.error : "", answer.body);
	assert_int_equal(json_parse(&s->arena, answer.body, answer.len, &limits, &v, NULL), RC_OK);
	return v;
}

const struct json *simulator_call(struct simulator *s, const char *path, const char *body)
{
	return call(s, body ? "POST" : "GET", path, body);
}

void simulator_fault(struct simulator *s, const char *json)
{
	if (json)
		simulator_call(s, "/_faults", json);
}

void simulator_edit(struct simulator *s, const char *json)
{
	if (json)
		simulator_call(s, "/_edit", json);
}

void simulator_well(struct simulator *s)
{
	call(s, "DELETE", "/_faults", NULL);
}

void simulator_forget(struct simulator *s)
{
	call(s, "DELETE", "/_faults", NULL);
	call(s, "DELETE", "/_ledger", NULL);
}

const struct json *simulator_record(struct simulator *s, const char *kind, const char *id)
{
	const struct json *all = json_get(simulator_call(s, "/_state", NULL), kind);

	for (const struct json *v = all ? all->child : NULL; v; v = v->next) {
		if (strcmp(json_scalar(json_get(v, "id")), id) == 0)
			return v;
	}
	return NULL;
}

int simulator_changes(struct simulator *s, const char *method)
{
	const struct json *items = json_get(simulator_call(s, "/_ledger", NULL), "items");
	int n = 0;

	for (const struct json *v = items->child; v; v = v->next)
		n += strcmp(json_member(v, "method"), method) == 0;
	return n;
}

struct psa_conn *simulator_connect(struct simulator *s, int timeout_ms)
{
	return simulator_connect_as(s, "Small", timeout_ms);
}

struct psa_conn *simulator_connect_as(struct simulator *s, const char *who, int timeout_ms)
{
	const char *digits = strcmp(who, "Small") == 0 ? "00000001" : "000000001";
	char *text = arena_printf(&s->arena,
		"{\"site\":\"%s\",\"company_id\":\"alderridge\",\"public_key\":\"pub%s%s\","
		"\"private_key\":\"prv%s%s\",\"client_id\":\"6a1b3c5d-0000-4000-8000-000000000001\","
		"\"ticket_board\":\"Service\",\"ticket_company\":\"TarnCo\",\"requests_per_minute\":\"6000\"}",
		s->url, who, digits, who, digits);

	return simulator_open(s, "connectwise", text, timeout_ms);
}

struct psa_conn *simulator_open(struct simulator *s, const char *kind, const char *settings, int timeout_ms)
{
	static const struct json_limits limits = { 1 << 20, 8, 1000 };
	const struct psa_ops *ops = psa_find(kind);
	struct psa_host host = { .allow_private = true, .timeout_ms = timeout_ms, .today = day_today() };
	struct psa_conn *c = NULL;
	struct json *v;
	struct err e = ERR_INIT;

	assert_int_equal(json_parse(&s->arena, settings, strlen(settings), &limits, &v, &e), RC_OK);
	if (ops->open(&host, v, &c, &e) != RC_OK)
		fail_msg("%s", e.text);
	return c;
}

static enum rc keep_note(void *arg, const char *text, struct err *e)
{
	struct simulator *s = arg;

	if (++s->notes == s->fail_note)
		return err_set(e, RC_CONFLICT, "Another server sends this now.");
	assert_true(strlen(text) < sizeof(s->note));
	snprintf(s->note, sizeof(s->note), "%s", text);
	return RC_OK;
}

day simulator_billed_through(void)
{
	return day_month_start(day_today(), 1) - 1;
}

struct psa_change simulator_change(struct simulator *s, enum psa_change_kind kind)
{
	struct psa_change c = { .kind = kind,
		.effective = DAY_NONE,
		.billed_through = simulator_billed_through(),
		.contract_remote_id = "77",
		.line_remote_id = "4410",
		.product_remote_id = "901",
		.expect = 24 * QTY_ONE,
		.want = 27 * QTY_ONE,
		.journal = keep_note,
		.journal_arg = s };

	s->note[0] = '\0';
	s->notes = 0;
	s->fail_note = 0;
	return c;
}

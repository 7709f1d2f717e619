/* coro_page.c - the page Control Panel > Workspace > Connectors > PSA of the vendor's console. */
#include "coro.h"

#include <stdio.h>
#include <string.h>

static const char style[] =
	"body{margin:0;font:15px/1.5 system-ui,sans-serif;color:#1d2330;background:#f4f5f8}"
	"header{background:#171c2b;color:#fff;padding:12px 24px;font-weight:600}"
	"main{max-width:960px;margin:24px auto;padding:0 16px}"
	"nav.crumbs{color:#5b6478;margin-bottom:8px}h1{font-size:22px;margin:0 0 16px}"
	".tabs{border-bottom:1px solid #d5d9e3;margin-bottom:16px}"
	".tabs span{display:inline-block;padding:8px 14px;color:#5b6478}"
	".tabs span[aria-current]{border-bottom:3px solid #3d5afe;color:#1d2330;font-weight:600}"
	"section{background:#fff;border:1px solid #e0e3ea;border-radius:8px;padding:16px 20px;margin-bottom:16px}"
	"label{display:block;font-weight:600;margin:10px 0 4px}"
	"input{width:100%;box-sizing:border-box;padding:8px;border:1px solid #b9c0ce;border-radius:4px;font:inherit}"
	"button,summary{background:#3d5afe;color:#fff;border:0;border-radius:4px;padding:9px 16px;font:inherit;"
	"font-weight:600;cursor:pointer;margin-top:12px}summary{display:inline-block;list-style:none}"
	"table{border-collapse:collapse;width:100%;font-size:13px}td,th{text-align:left;padding:4px 8px;"
	"border-bottom:1px solid #eceef3;vertical-align:top}td.bad{color:#b3261e;font-weight:600}"
	"code{word-break:break-all}.state{font-weight:600}";

static void text(struct buf *b, const char *s)
{
	for (; s && *s; s++) {
		if (*s == '<')
			buf_puts(b, "&lt;");
		else if (*s == '&')
			buf_puts(b, "&amp;");
		else if (*s == '"')
			buf_puts(b, "&quot;");
		else
			buf_putc(b, *s);
	}
}

static void head(struct buf *b, const struct sim *s, bool running)
{
	buf_puts(b,
		"<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Connectors - Coro "
		"(simulated)</title>");
	buf_puts(b, "<meta name=\"viewport\" content=\"width=device-width\">");
	if (running)
		buf_puts(b, "<meta http-equiv=\"refresh\" content=\"1\">");
	buf_printf(b, "<style>%s</style></head><body><header>Coro console (simulated): ", style);
	text(b, node_text(node_get(s->settings, "name"), "channel workspace"));
	buf_puts(b,
		"</header><main><nav class=\"crumbs\">Control Panel &rsaquo; Workspace &rsaquo; Connectors</nav>"
		"<h1>Connectors</h1><div class=\"tabs\"><span>API Credentials</span>"
		"<span aria-current=\"page\">PSA</span></div>");
}

static void form(struct buf *b, const struct coro *c)
{
	buf_puts(b,
		"<section><details><summary>Connect via Gradient</summary>"
		"<form method=\"post\" action=\"/console/connect\"><h2>Add Gradient connection</h2>"
		"<label for=\"token\">API token</label><input id=\"token\" name=\"token\" required "
		"autocomplete=\"off\">"
		"<label for=\"target\">Address of the partner's API</label><input id=\"target\" name=\"target\" "
		"required value=\"");
	text(b, c->target ? c->target : "http://127.0.0.1:8080");
	buf_puts(b, "\"><button>ADD</button></form></details></section>");
}

static void connector(struct buf *b, const struct coro *c)
{
	const char *state = coro_state_name(c->push ? CORO_PUSHING : c->state);

	buf_puts(b,
		"<section><table><tr><th>Connector</th><th>State</th><th>Counts taken</th><th>Counts refused</th>"
		"<th>Last push</th></tr><tr><td>Gradient</td>");
	buf_printf(b, "<td class=\"state\">%s</td><td>%lld</td><td>%lld</td><td>%s</td></tr></table>", state,
		(long long)c->sent, (long long)c->refused, c->since);
	if (c->error[0]) {
		buf_puts(b, "<p role=\"alert\">");
		text(b, c->error);
		buf_puts(b, "</p>");
	}
	if (c->token && !c->push)
		buf_puts(b, "<form method=\"post\" action=\"/console/push\"><button>Push now</button></form>");
	buf_puts(b, "</section>");
}

static void answers(struct buf *b, const struct sim *s)
{
	int64_t skip = s->ledger_count > 60 ? s->ledger_count - 60 : 0;

	buf_puts(b,
		"<section><h2>What was sent, and the answers</h2><table><tr><th>#</th><th>Request</th><th>Body</th>"
		"<th>Status</th></tr>");
	for (const struct node *n = s->ledger->child; n; n = n->next) {
		int64_t status = node_number_or(node_get(n, "status"), 0);

		if (node_number_or(node_get(n, "n"), 0) <= skip)
			continue;
		buf_printf(b, "<tr><td>%s</td><td>%s <code>", node_text(node_get(n, "n"), ""),
			node_text(node_get(n, "method"), ""));
		text(b, node_text(node_get(n, "path"), ""));
		buf_puts(b, "</code></td><td><code>");
		text(b, node_text(node_get(n, "request"), ""));
		buf_printf(b, "</code></td><td class=\"%s\">%lld</td></tr>", status >= 200 && status < 300 ? "" : "bad",
			(long long)status);
	}
	buf_puts(b, "</table></section>");
}

void coro_page(struct sim *s, struct answer *w)
{
	const struct coro *c = s->data;

	w->type = "text/html; charset=utf-8";
	head(&w->body, s, c->push != NULL);
	form(&w->body, c);
	if (c->token)
		connector(&w->body, c);
	answers(&w->body, s);
	buf_puts(&w->body, "</main></body></html>");
}

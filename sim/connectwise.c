/* connectwise.c - ConnectWise PSA: discovery, sign-in, rights, and all that is read.
 *
 * Speaks the wire protocol of the public API below /{codebase}apis/3.0. Settings of the fixture
 * (all may be changed by POST /_edit {"settings":{..}}):
 *     company, public_key, private_key    who may sign in
 *     client_ids     array of accepted clientId values; absent = any, as long as there is one
 *     codebase       "v2025_1/"
 *     deny           array of rights the role lacks: "agreements.edit", "catalog.inquire", ...
 *     deny_types     array of agreement type ids that the role may not change
 *     rate_limit     requests a minute before 429; absent = none
 *     latency_ms     every answer waits this long
 *     stamp_agreement  true: a change of an addition stamps its agreement too
 */
#include "cw.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/codec.h"

static struct cw *cw_of(struct sim *s)
{
	return s->data;
}

void cw_error(struct answer *w, int status, const char *code, const char *message)
{
	struct node *n = node_object();

	node_set(n, "code", node_string(code));
	node_set(n, "message", node_string(message));
	node_set(n, "errors", node_null());
	answer_node(w, status, n);
	node_free(n);
}

void cw_invalid(struct request *r, struct answer *w, const char *resource, const char *code, const char *field,
	const char *message)
{
	struct node *n = node_object(), *one = node_object();

	node_set(one, "code", node_string(code));
	node_set(one, "message", node_string(message));
	node_set(one, "resource", node_string(resource));
	node_set(one, "field", node_string(field));
	node_set(n, "code", node_string("InvalidObject"));
	node_set(n, "message", node_string(arena_printf(r->arena, "%s object is invalid", resource)));
	node_set(n, "errors", node_array());
	node_append(node_get(n, "errors"), one);
	answer_node(w, 400, n);
	node_free(n);
}

static bool load_kind(struct sim *s, struct cw_table *t, const struct json *fixture, struct err *e)
{
	for (const struct json *v = json_is(fixture, JSON_ARRAY) ? fixture->child : NULL; v; v = v->next) {
		struct node *row = node_from(v);

		cw_fill_dates(row);
		if (cw_insert(t, row))
			continue;
		err_set(e, RC_INVALID, "%s: id %s occurs twice", t->kind->member, node_text(node_get(row, "id"), "?"));
		node_free(row);
		return false;
	}
	return true;
}

static enum rc open_system(struct sim *s, const struct json *fixture, struct err *e)
{
	struct cw *cw = xcalloc(1, sizeof(*cw));

	s->data = cw;
	cw->audit = node_array();
	cw->table = xcalloc(cw_kind_count, sizeof(*cw->table));
	for (size_t i = 0; i < cw_kind_count; i++) {
		cw->table[i].kind = &cw_kinds[i];
		if (!load_kind(s, &cw->table[i], json_get(fixture, cw_kinds[i].member), e))
			return e->rc;
	}
	/* Twice, because references look at records of kinds that are filled later. */
	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < cw_kind_count; i++)
			for (size_t j = 0; j < cw->table[i].count; j++)
				cw_kinds[i].complete(s, cw->table[i].row[j].value, false);
	return RC_OK;
}

static void close_system(struct sim *s)
{
	struct cw *cw = cw_of(s);

	for (size_t i = 0; i < cw_kind_count; i++) {
		for (size_t j = 0; j < cw->table[i].count; j++)
			node_free(cw->table[i].row[j].value);
		free(cw->table[i].row);
	}
	node_free(cw->audit);
	free(cw->table);
	free(cw);
}

/* Who asks, and may they ------------------------------------------------------------------------ */

static bool listed(const struct node *list, const char *word)
{
	for (const struct node *n = list ? list->child : NULL; n; n = n->next)
		if (strcmp(node_text(n, ""), word) == 0)
			return true;
	return false;
}

static bool signed_in(struct sim *s, struct request *r, struct answer *w)
{
	const char *got = request_header(r, "Authorization"), *client = request_header(r, "clientId");
	const struct node *clients = node_get(s->settings, "client_ids");
	char *want = arena_printf(r->arena, "%s+%s:%s", node_text(node_get(s->settings, "company"), ""),
		node_text(node_get(s->settings, "public_key"), ""),
		node_text(node_get(s->settings, "private_key"), ""));

	want = arena_printf(r->arena, "Basic %s", base64_encode(r->arena, want, strlen(want)));
	if (!got || strcmp(got, want) != 0)
		cw_error(w, 401, "Unauthorized", "The company, public key or private key is not valid.");
	else if (!client || !*client || (clients && !listed(clients, client)))
		cw_error(w, 401, "ConnectWiseApi", "The clientId is missing or not valid.");
	else
		return true;
	return false;
}

static const char *level(const struct request *r, bool searching)
{
	if (strcmp(r->method, "GET") == 0 || searching)
		return "inquire";
	if (strcmp(r->method, "POST") == 0)
		return "add";
	return strcmp(r->method, "DELETE") == 0 ? "delete" : "edit";
}

static bool type_denied(struct sim *s, const char *area, int64_t parent)
{
	struct cw_row *agreement = parent ? cw_find(cw_table(s, "agreements"), parent) : NULL;

	return agreement && strcmp(area, "agreements") == 0 &&
		listed(node_get(s->settings, "deny_types"), node_text(node_path(agreement->value, "type/id"), ""));
}

static bool allowed(
	struct sim *s, struct request *r, struct answer *w, const char *area, int64_t parent, bool searching)
{
	const char *how = level(r, searching);

	if (!listed(node_get(s->settings, "deny"), arena_printf(r->arena, "%s.%s", area, how)) &&
		(strcmp(how, "inquire") == 0 || !type_denied(s, area, parent)))
		return true;
	cw_error(w, 403, "Forbidden", "The security role of this member does not permit this action.");
	return false;
}

/* A window of one minute. */
static bool too_fast(struct sim *s, struct request *r, struct answer *w)
{
	static utime window;
	static int64_t used;
	int64_t limit = node_number_or(node_get(s->settings, "rate_limit"), 0);
	utime now = clock_mono();
	struct node *n;

	if (limit <= 0)
		return false;
	if (now - window >= 60 * CLOCK_SECOND)
		window = now, used = 0;
	if (++used <= limit)
		return false;
	n = node_object();
	node_set(n, "error", node_string("ConnectWiseAPI"));
	node_set(n, "message", node_string("Too many requests. Please try again in 30 seconds."));
	answer_node(w, 429, n);
	node_free(n);
	answer_header(w, "Retry-After",
		arena_printf(r->arena, "%d", (int)((window + 60 * CLOCK_SECOND - now) / CLOCK_SECOND + 1)));
	return true;
}

/* Routing ----------------------------------------------------------------------------------------- */

/* Segments of the template that the path covers, 0 when it does not fit; the star must be a number. */
static int fits(const char *path, char *const *segment, int count, int64_t *ret_parent)
{
	int used = 0;
	size_t len;
	char *end;

	*ret_parent = 0;
	for (; *path; path += len + (path[len] == '/'), used++) {
		len = strcspn(path, "/");
		if (used == count)
			return 0;
		if (*path == '*') {
			*ret_parent = strtoll(segment[used], &end, 10);
			if (*end || *ret_parent <= 0)
				return 0;
		} else if (strlen(segment[used]) != len || strncasecmp(segment[used], path, len) != 0) {
			return 0;
		}
	}
	return used;
}

static bool parent_exists(struct sim *s, const struct cw_kind *k, int64_t parent)
{
	const char *member = strncmp(k->path, "finance", 7) == 0 ? "agreements"
		: strncmp(k->path, "procurement", 11) == 0       ? "catalog"
		: strncmp(k->path, "service/boards", 14) == 0    ? "boards"
								 : "tickets";

	return !k->parent || cw_find(cw_table(s, member), parent) != NULL;
}

static bool is(const struct request *r, const char *method)
{
	return strcmp(r->method, method) == 0;
}

static void not_offered(struct answer *w)
{
	cw_error(w, 405, "MethodNotAllowed", "The method is not offered on this path.");
}

static void handle_one(
	struct sim *s, struct request *r, struct answer *w, struct cw_table *t, int64_t parent, const char *id)
{
	struct cw_row *row = cw_find(t, strtoll(id, NULL, 10));

	if (!row || (parent && row->parent != parent))
		cw_error(w, 404, "NotFound", arena_printf(r->arena, "%s %s not found", t->kind->resource, id));
	else if (is(r, "GET"))
		cw_get_one(r, w, row->value);
	else if (is(r, "PATCH") && (t->kind->flags & CW_PATCH))
		cw_patch(s, r, w, t, row);
	else if (is(r, "DELETE") && (t->kind->flags & CW_DELETE))
		cw_delete(s, r, w, t, row);
	else
		not_offered(w);
}

static void handle_table(
	struct sim *s, struct request *r, struct answer *w, struct cw_table *t, int64_t parent, const char *rest)
{
	bool searching = rest && strcmp(rest, "search") == 0 && (t->kind->flags & CW_SEARCH) && is(r, "POST");

	if (!allowed(s, r, w, t->kind->area, parent, searching))
		return;
	if (!parent_exists(s, t->kind, parent))
		cw_error(w, 404, "NotFound", arena_printf(r->arena, "Record %lld not found", (long long)parent));
	else if (searching)
		cw_search(s, r, w, t);
	else if (rest && strcmp(rest, "count") == 0 && is(r, "GET"))
		cw_get_count(r, w, t, parent);
	else if (rest && isdigit((unsigned char)*rest))
		handle_one(s, r, w, t, parent, rest);
	else if (rest)
		cw_error(w, 404, "NotFound", "There is no such path.");
	else if (is(r, "GET"))
		cw_get_list(s, r, w, t, parent, NULL);
	else if (is(r, "POST") && (t->kind->flags & CW_POST))
		cw_post(s, r, w, t, parent);
	else
		not_offered(w);
}

static void system_info(struct sim *s, struct answer *w)
{
	struct node *n = node_object();

	node_set(n, "version", node_string("v2025.1.118114"));
	node_set(n, "isCloud", node_bool(false));
	node_set(n, "serverTimeZone", node_string("Eastern Standard Time"));
	node_set(n, "licenseBits", node_array());
	node_set(n, "cloudRegion", node_string("NA"));
	answer_node(w, 200, n);
	node_free(n);
}

static void audit_trail(struct sim *s, struct request *r, struct answer *w)
{
	const char *type = request_query(r, "type"), *id = request_query(r, "id");
	struct jsonw j;

	jsonw_init(&j, &w->body, 0);
	jsonw_array(&j);
	for (const struct node *n = cw_of(s)->audit->child; n; n = n->next) {
		if (!type || !id || strcasecmp(type, node_text(node_get(n, "auditType"), "")) != 0 ||
			strcmp(id, node_text(node_get(n, "recordId"), "")) != 0)
			continue;
		node_write(&j, n);
	}
	jsonw_end_array(&j);
}

static void handle_system(struct sim *s, struct request *r, struct answer *w, const char *what)
{
	if (!allowed(s, r, w, "system", 0, false))
		return;
	if (strcmp(what, "info") == 0)
		system_info(s, w);
	else if (strcmp(what, "audittrail") == 0)
		audit_trail(s, r, w);
	else
		cw_error(w, 404, "NotFound", "There is no such path.");
}

static void handle_api(struct sim *s, struct request *r, struct answer *w, char *const *segment, int count)
{
	int64_t parent;

	if (count == 2 && strcmp(segment[0], "system") == 0) {
		handle_system(s, r, w, segment[1]);
		return;
	}
	for (size_t i = 0; i < cw_kind_count; i++) {
		int used = fits(cw_kinds[i].path, segment, count, &parent);

		if (used && used >= count - 1) {
			handle_table(s, r, w, &cw_of(s)->table[i], parent, used < count ? segment[used] : NULL);
			return;
		}
	}
	cw_error(w, 404, "NotFound", "There is no such path.");
}

static void company_info(struct sim *s, struct answer *w, const char *company)
{
	struct node *n;

	if (strcasecmp(company, node_text(node_get(s->settings, "company"), "")) != 0) {
		buf_puts(&w->body, "null");
		return;
	}
	n = node_object();
	node_set(n, "CompanyName", node_string(node_text(node_get(s->settings, "company_name"), company)));
	node_set(n, "Codebase", node_string(node_text(node_get(s->settings, "codebase"), "v4_6_release/")));
	node_set(n, "VersionCode", node_string("v2025.1"));
	node_set(n, "VersionNumber", node_string("v4.6.118114"));
	node_set(n, "CompanyID", node_string(company));
	node_set(n, "IsCloud", node_bool(false));
	answer_node(w, 200, n);
	node_free(n);
}

/* /v2025_1/apis/3.0/... : the codebase ends in a slash, so "apis" is a part of its own. */
static int api_root(struct sim *s, struct request *r)
{
	const char *codebase = node_text(node_get(s->settings, "codebase"), "v4_6_release/");
	size_t len = strlen(codebase) ? strlen(codebase) - 1 : 0;

	return r->segments >= 3 && strlen(r->segment[0]) == len && strncmp(r->segment[0], codebase, len) == 0 &&
		strcmp(r->segment[1], "apis") == 0 && strcmp(r->segment[2], "3.0") == 0;
}

static void handle(struct sim *s, struct request *r, struct answer *w)
{
	answer_header(w, "x-cw-request-id", arena_printf(r->arena, "sim-%lld", (long long)s->requests));
	answer_header(w, "api-current-version", "2025.16");
	if (r->segments == 3 && strcmp(r->segment[0], "login") == 0 && strcmp(r->segment[1], "companyinfo") == 0)
		company_info(s, w, r->segment[2]);
	else if (too_fast(s, r, w))
		return;
	else if (!api_root(s, r))
		cw_error(w, 404, "NotFound", "There is no such path.");
	else if (signed_in(s, r, w))
		handle_api(s, r, w, (char *const *)r->segment + 3, r->segments - 3);
}

/* From outside ------------------------------------------------------------------------------------- */

static enum rc edit_row(struct sim *s, struct cw_table *t, const struct json *what, struct err *e)
{
	const struct json *set = json_get(what, "set");
	struct cw_row *row;
	int64_t id;

	if (json_int(json_get(what, "id"), 1, INT64_MAX, &id) != RC_OK || !(row = cw_find(t, id)))
		return err_set(e, RC_NOT_FOUND, "no such record of %s", t->kind->member);
	if (json_true(json_get(what, "delete"))) {
		cw_remove(t, id);
		return RC_OK;
	}
	for (const struct json *v = json_is(set, JSON_OBJECT) ? set->child : NULL; v; v = v->next)
		node_set(row->value, v->key, node_from(v));
	cw_fill_dates(row->value);
	t->kind->complete(s, row->value, false);
	if (json_bool_or(json_get(what, "touch"), true))
		cw_stamp(s, row->value);
	return RC_OK;
}

static enum rc edit_insert(struct sim *s, struct cw_table *t, const struct json *what, struct err *e)
{
	struct node *row = node_from(json_get(what, "insert"));

	cw_fill_dates(row);
	if (!cw_insert(t, row)) {
		node_free(row);
		return err_set(e, RC_CONFLICT, "the id is taken");
	}
	t->kind->complete(s, row, true);
	cw_stamp(s, row);
	return RC_OK;
}

static enum rc edit(struct sim *s, const struct json *what, struct err *e)
{
	const char *kind = json_member(what, "kind");

	for (size_t i = 0; kind && i < cw_kind_count; i++)
		if (strcmp(cw_kinds[i].member, kind) == 0)
			return json_get(what, "insert") ? edit_insert(s, &cw_of(s)->table[i], what, e)
							: edit_row(s, &cw_of(s)->table[i], what, e);
	return err_set(e, RC_INVALID, "\"kind\" names no kind of record");
}

static void state(struct sim *s, struct jsonw *w)
{
	for (size_t i = 0; i < cw_kind_count; i++) {
		jsonw_key(w, cw_kinds[i].member);
		jsonw_array(w);
		for (size_t j = 0; j < cw_of(s)->table[i].count; j++)
			node_write(w, cw_of(s)->table[i].row[j].value);
		jsonw_end_array(w);
	}
	jsonw_key(w, "audit");
	node_write(w, cw_of(s)->audit);
}

const struct system system_connectwise = { "connectwise", open_system, close_system, handle, edit, state };

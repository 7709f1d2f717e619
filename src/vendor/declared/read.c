/* One reading of a declared vendor: its steps in order, each row to the accounts and counts that want it. */
#include "vendor/declared/count.h"
#include "vendor/declared/pager.h"

#include <inttypes.h>
#include <string.h>

enum { ITEMS_MAX = 1000000, PAGES_MAX = 10000, FIELDS_MAX = 64, FAILS_MAX = 3 };

struct record {
	struct record *next;
	struct bind *bind;
	size_t count;
};

struct account {
	struct account *next;
	const char *id;
	struct bind *bind;		/* id, name, and the fields of its row */
	size_t count;
	bool missing;
};

struct step {
	const struct json *json;
	const char *id;
	bool kept;			/* a later step goes through its rows */
	struct record *first, **last;
	struct table seen;
};

struct reading {
	struct client client;
	struct counting counting;
	const struct pull_sink *sink;	/* NULL: only looks whether it can be read */
	struct arena arena;
	struct step *steps;
	size_t step_count;
	struct account *first, **last;
	struct table accounts;
	int64_t account_count, items, items_max, pages_max;
	int fails;			/* accounts in a row that could not be read */
	bool signs_in_each;		/* the sign-in names the account */
};

/* Where a row stands: what encloses it. */
struct place {
	struct step *step;
	const struct scope *scope;
	const char *blamed;		/* account that goes missing when this fails; NULL: the whole reading fails */
};

static const char *member(const struct json *v, const char *name)
{
	return json_text_or(json_get(v, name), "");
}

static const char *copied(struct arena *a, const char *s)
{
	return s ? arena_strdup(a, s) : NULL;
}

static struct account *account_of(const struct reading *r, const char *id)
{
	return table_get(&r->accounts, id);
}

/* ---- accounts ---- */

static enum rc miss(struct reading *r, struct account *a, const char *why, struct err *e)
{
	if (a->missing)
		return RC_OK;
	a->missing = true;
	return r->sink->missing(r->sink->arg, a->id, why, e);
}

static void keep_account(struct reading *r, const char *id, const char *name, const struct bind *bind, size_t count)
{
	struct account *new = ARENA_NEW(&r->arena, struct account);

	new->id = arena_strdup(&r->arena, id);
	new->bind = arena_array(&r->arena, count + 2, sizeof(*new->bind));
	new->bind[new->count++] = (struct bind){ "id", new->id };
	new->bind[new->count++] = (struct bind){ "name", arena_strdup(&r->arena, name) };
	for (size_t i = 0; i < count; i++)
		new->bind[new->count++] = (struct bind){ bind[i].name, copied(&r->arena, bind[i].value) };
	*r->last = new;
	r->last = &new->next;
	*table_at(&r->accounts, &r->arena, id) = new;
	r->account_count++;
}

static enum rc take_account(
	struct reading *r, struct arena *a, const struct json *rule, const struct scope *s, struct err *e)
{
	const struct env *env = &r->client.env;
	const char *id = env_expand(env, a, s, member(rule, "id"), EXPAND_PLAIN);
	const char *name = env_expand(env, a, s, member(rule, "name"), EXPAND_PLAIN);
	struct pull_account told = { .vendor_id = id };

	if (!env_holds(env, a, s, json_get(rule, "where")))
		return RC_OK;
	if (!*id)
		return err_set(e, RC_REMOTE, "%s told of a customer without an id; has its answer changed?",
			r->client.line.vendor);
	if (account_of(r, id))
		return RC_OK;
	told.name = *name ? name : id;
	told.description = env_expand(env, a, s, member(rule, "description"), EXPAND_PLAIN);
	told.domain = env_expand(env, a, s, member(rule, "domain"), EXPAND_PLAIN);
	told.description = *told.description ? told.description : NULL;
	told.domain = *told.domain ? told.domain : NULL;
	keep_account(r, id, told.name, s->bind, s->count);
	return r->sink->account(r->sink->arg, &told, e);
}

static enum rc each_account_rule(
	struct reading *r, struct arena *a, const struct step *step, const struct scope *s, struct err *e)
{
	const struct json *rules = json_get(r->client.env.root, "accounts");
	enum rc rc = RC_OK;

	for (const struct json *rule = rules->child; rc == RC_OK && rule; rule = rule->next) {
		if (strcmp(member(rule, "from"), step->id) == 0)
			rc = take_account(r, a, rule, s, e);
	}
	return rc;
}

/* ---- counts ---- */

static enum rc take_count(
	struct reading *r, struct arena *a, const struct json *rule, const struct scope *s, struct err *e)
{
	const char *id = env_expand(&r->client.env, a, s, member(rule, "account"), EXPAND_PLAIN);
	struct account *account = account_of(r, id);
	enum rc rc;

	if (!*id && env_holds(&r->client.env, a, s, json_get(rule, "where")))
		return err_set(e, RC_REMOTE, "%s told of %s without saying whose; has its answer changed?",
			r->client.line.vendor, member(rule, "service"));
	/* Of a customer that is not listed (closed, not billed): not ours to count. */
	if (!account || account->missing)
		return RC_OK;
	rc = counting_take(&r->counting, a, s, rule, account->id, e);
	if (rc != RC_REMOTE)
		return rc;
	return miss(r, account, arena_strdup(a, e->text), e);
}

static enum rc each_count_rule(
	struct reading *r, struct arena *a, const struct step *step, const struct scope *s, struct err *e)
{
	const struct json *rules = json_get(r->client.env.root, "counts");
	enum rc rc = RC_OK;

	for (const struct json *rule = rules->child; rc == RC_OK && rule; rule = rule->next) {
		if (strcmp(member(rule, "from"), step->id) == 0)
			rc = take_count(r, a, rule, s, e);
	}
	return rc;
}

/* A row that holds a list or an object of its own: one row for each member of that. */
static enum rc each_inner(struct reading *r, struct arena *a, const struct step *step, const struct scope *outer,
	const struct json *row, struct err *e)
{
	const struct json *each = json_get(step->json, "each"),
			  *inner = strcmp(member(each, "path"), "$") == 0 ? row : json_path(row, member(each, "path"));
	const struct json *fields = json_get(each, "fields");
	struct bind bind[FIELDS_MAX];
	struct scope s = { .outer = outer, .bind = bind, .count = fields->count };
	enum rc rc = RC_OK;

	if (!json_is_null(inner) && !json_is(inner, JSON_ARRAY) && !json_is(inner, JSON_OBJECT))
		return err_set(e, RC_REMOTE, "%s's answer has no list at %s; has it changed?", r->client.line.vendor,
			member(each, "path"));
	for (const struct json *i = inner ? inner->child : NULL; rc == RC_OK && i; i = i->next) {
		bind_fields(a, fields, i, i->key, bind);
		if (env_holds(&r->client.env, a, &s, json_get(each, "where")))
			rc = each_count_rule(r, a, step, &s, e);
	}
	return rc;
}

/* ---- rows ---- */

static void keep_row(struct reading *r, struct step *step, const struct bind *bind, size_t count)
{
	struct record *new = ARENA_NEW(&r->arena, struct record);

	new->bind = arena_array(&r->arena, count + 1, sizeof(*new->bind));
	new->count = count;
	for (size_t i = 0; i < count; i++)
		new->bind[i] = (struct bind){ bind[i].name, copied(&r->arena, bind[i].value) };
	*step->last = new;
	step->last = &new->next;
}

/* True when a row of the same "distinct" was there before. */
static bool known_row(struct reading *r, struct arena *a, struct step *step, const struct scope *s)
{
	const char *template = json_member(step->json, "distinct"), *key;

	if (!template)
		return false;
	key = env_expand(&r->client.env, a, s, template, EXPAND_PLAIN);
	return *key && !table_new(&step->seen, &r->arena, key);
}

static enum rc take_row(
	struct reading *r, struct arena *a, const struct place *p, const struct json *row, struct err *e)
{
	const struct json *fields = json_get(p->step->json, "fields");
	struct bind bind[FIELDS_MAX];
	struct scope s = { .outer = p->scope, .bind = bind, .count = fields->count };
	enum rc rc;

	if (++r->items > r->items_max)
		return err_set(e, RC_INTERNAL,
			"%s told of more than %" PRId64 " rows; raise limits.items of its declaration.",
			r->client.line.vendor, r->items_max);
	bind_fields(a, fields, row, row->key, bind);
	if (!r->sink || !env_holds(&r->client.env, a, &s, json_get(p->step->json, "where")) ||
		known_row(r, a, p->step, &s))
		return RC_OK;
	if (p->step->kept)
		keep_row(r, p->step, bind, s.count);
	rc = each_account_rule(r, a, p->step, &s, e);
	if (rc != RC_OK)
		return rc;
	return json_get(p->step->json, "each") ? each_inner(r, a, p->step, &s, row, e)
					       : each_count_rule(r, a, p->step, &s, e);
}

/* The rows of an answer. RC_REMOTE: there is no list where the declaration says. */
static enum rc rows_of(struct reading *r, const struct place *p, const struct json *body, const struct json **ret,
	bool *ret_one, struct err *e)
{
	const char *path = json_text_or(json_get(p->step->json, "rows"), "$"),
		   *shape = json_text_or(json_get(p->step->json, "shape"), "list");
	const struct json *rows = strcmp(path, "$") == 0 ? body : json_path(body, path);
	bool list = json_is(rows, JSON_ARRAY), object = json_is(rows, JSON_OBJECT);

	*ret = rows;
	*ret_one = object && (strcmp(shape, "one") == 0 || strcmp(shape, "any") == 0);
	if (*ret_one || (list && (strcmp(shape, "list") == 0 || strcmp(shape, "any") == 0)) ||
		(object && strcmp(shape, "members") == 0))
		return RC_OK;
	return err_set(e, RC_REMOTE, "%s's answer to %s has no %s at %s; has it changed?", r->client.line.vendor,
		p->step->id, strcmp(shape, "list") == 0 ? "list" : "object",
		strcmp(path, "$") == 0 ? "its root" : path);
}

/* ---- requests ---- */

/* The address without query, secrets and our settings: for sentences. */
static const char *say_what(struct arena *a, const char *method, const char *url)
{
	const char *host = strstr(url, "://"), *path = host ? strpbrk(host + 3, "/?") : url;

	path = path ? path : "/";
	return arena_printf(a, "%s %.*s", method, (int)strcspn(path, "?"), path);
}

static void first_url(
	struct reading *r, struct arena *a, const struct place *p, const struct pager *pager, struct ask *ret)
{
	const struct json *step = p->step->json;
	AUTO(buf) query = BUF_INIT(1 << 20);

	ret->url = env_expand(&r->client.env, a, p->scope, member(step, "url"), EXPAND_URL);
	client_form(&r->client, a, p->scope, json_get(step, "query"), &query);
	pager_query(pager, a, &query);
	if (query.len)
		ret->url = arena_printf(a, "%s%c%s", ret->url, strchr(ret->url, '?') ? '&' : '?', buf_text(&query));
}

static void compose(
	struct reading *r, struct arena *a, const struct place *p, const struct pager *pager, struct ask *ret)
{
	const struct json *step = p->step->json, *json = json_get(step, "json"), *form = json_get(step, "form");
	AUTO(buf) body = BUF_INIT(1 << 20);
	const char *path, *value = pager_body(pager, a, &path);
	struct jsonw w;

	*ret = (struct ask){ .method = json_text_or(json_get(step, "method"), "GET"),
		.headers = json_get(step, "headers"),
		.what = pager->what };
	if (pager->url)
		ret->url = pager->url;
	else
		first_url(r, a, p, pager, ret);
	if (json) {
		jsonw_init(&w, &body, 0);
		client_json(&r->client, a, p->scope, json, path, value, &w);
		ret->type = "application/json";
	} else if (form) {
		client_form(&r->client, a, p->scope, form, &body);
		ret->type = "application/x-www-form-urlencoded";
	}
	ret->body = ret->type ? arena_strdup(a, buf_text(&body)) : NULL;
}

static bool status_in(const struct json *list, int status)
{
	int64_t n;

	for (const struct json *v = list ? list->child : NULL; v; v = v->next) {
		if (json_int(v, 0, 999, &n) == RC_OK && n == status)
			return true;
	}
	return false;
}

/* An error that came with status 200. */
static enum rc check_error(
	struct reading *r, const struct place *p, const struct json *body, const char *what, struct err *e)
{
	const char *path = json_member(p->step->json, "error");
	const struct json *v = path ? json_path(body, path) : NULL;

	if (json_is_null(v))
		return RC_OK;
	return err_set(e, RC_REMOTE, "%s answered %s with an error: %.300s.", r->client.line.vendor, what,
		json_scalar(v) ? json_scalar(v) : json_text_or(json_get(v, "message"), "no words"));
}

static enum rc take_page(struct reading *r, struct arena *a, const struct place *p, struct pager *pager,
	const struct ask *ask, const struct reply *reply, struct err *e)
{
	const struct json *rows, *last = NULL;
	size_t count = 0;
	bool one;
	enum rc rc = check_error(r, p, reply->body, ask->what, e);

	if (rc == RC_OK)
		rc = rows_of(r, p, reply->body, &rows, &one, e);
	if (rc != RC_OK)
		return rc;
	if (one)
		rc = take_row(r, a, p, rows, e);
	for (const struct json *i = one ? NULL : rows->child; rc == RC_OK && i; i = i->next, count++) {
		rc = take_row(r, a, p, i, e);
		last = i;
	}
	return rc == RC_OK ? pager_take(pager, reply, rows, one ? 1 : count, last, ask->url, e) : rc;
}

static enum rc read_page(struct reading *r, const struct place *p, struct pager *pager, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	struct reply reply;
	struct ask ask;
	enum rc rc;

	compose(r, &a, p, pager, &ask);
	rc = client_ask(&r->client, &a, p->scope, &ask, &reply, e);
	if (rc != RC_OK && rc != RC_BUSY && status_in(json_get(p->step->json, "empty_on"), reply.status)) {
		pager->more = false;
		return RC_OK;
	}
	/* With a sign-in for each customer, one that is refused is that customer's, not ours. */
	if (rc == RC_UNAUTHORIZED && p->blamed && r->signs_in_each)
		return e->rc = RC_DENIED;
	return rc == RC_OK ? take_page(r, &a, p, pager, &ask, &reply, e) : rc;
}

static enum rc read_pages(struct reading *r, const struct place *p, bool first_only, struct err *e)
{
	const struct json *step = p->step->json;
	struct arena a = ARENA_INIT;
	struct pager pager;
	enum rc rc = RC_OK;

	pager_init(&pager, step, r->client.line.vendor, say_what(&a, json_text_or(json_get(step, "method"), "GET"),
		env_expand(&r->client.env, &a, p->scope, member(step, "url"), EXPAND_URL)), r->pages_max);
	while (rc == RC_OK && pager.more) {
		rc = read_page(r, p, &pager, e);
		if (rc == RC_OK && r->sink)
			rc = r->sink->progress(r->sink->host, p->step->id, r->items, 0, e);
		if (first_only)
			break;
	}
	pager_release(&pager);
	arena_release(&a);
	return rc;
}

/* ---- steps ---- */

/* A failure that is one account's leaves that one missing; several in a row are the vendor's. */
static enum rc read_for(struct reading *r, const struct place *p, struct err *e)
{
	struct account *account = p->blamed ? account_of(r, p->blamed) : NULL;
	enum rc rc;

	if (account && account->missing)
		return RC_OK;
	rc = read_pages(r, p, false, e);
	if (rc == RC_OK)
		r->fails = 0;
	if (!account || (rc != RC_DENIED && rc != RC_REMOTE) || (rc == RC_REMOTE && ++r->fails == FAILS_MAX))
		return rc;
	return miss(r, account, e->text, e);
}

static enum rc for_accounts(struct reading *r, struct step *step, struct err *e)
{
	enum rc rc = RC_OK;

	for (struct account *a = r->first; rc == RC_OK && a; a = a->next) {
		struct scope s = { .prefix = "account", .bind = a->bind, .count = a->count };
		struct place p = { .step = step, .scope = &s, .blamed = a->id };

		rc = read_for(r, &p, e);
	}
	return rc;
}

static enum rc for_rows(struct reading *r, struct step *step, const struct step *of, struct err *e)
{
	const char *blamed = json_member(step->json, "account");
	enum rc rc = RC_OK;

	for (const struct record *row = of->first; rc == RC_OK && row; row = row->next) {
		AUTO(arena) a = ARENA_INIT;
		struct scope s = { .prefix = of->id, .bind = row->bind, .count = row->count };
		struct place p = { .step = step, .scope = &s };

		if (blamed)
			p.blamed = env_expand(&r->client.env, &a, &s, blamed, EXPAND_PLAIN);
		/* Rows of customers that are not listed need not be asked for. */
		if (!p.blamed || account_of(r, p.blamed))
			rc = read_for(r, &p, e);
	}
	return rc;
}

static struct step *step_named(const struct reading *r, const char *id)
{
	for (size_t i = 0; i < r->step_count; i++) {
		if (strcmp(r->steps[i].id, id) == 0)
			return &r->steps[i];
	}
	return NULL;
}

static enum rc run_step(struct reading *r, struct step *step, struct err *e)
{
	const char *over = json_member(step->json, "for_each");
	struct place p = { .step = step };

	if (!env_holds(&r->client.env, &r->arena, NULL, json_get(step->json, "if")))
		return RC_OK;
	if (!over)
		return read_pages(r, &p, false, e);
	return strcmp(over, "accounts") == 0 ? for_accounts(r, step, e) : for_rows(r, step, step_named(r, over), e);
}

static bool counted(void *arg, const char *account)
{
	return !account_of(arg, account)->missing;
}

static enum rc cover(struct reading *r, struct err *e)
{
	enum rc rc;

	for (const struct account *a = r->first; a; a = a->next) {
		if (!a->missing)
			counting_zero(&r->counting, a->id);
	}
	rc = counting_tell(&r->counting, counted, r, e);
	for (const struct account *a = r->first; rc == RC_OK && a; a = a->next) {
		if (!a->missing)
			rc = r->sink->covered(r->sink->arg, a->id, e);
	}
	return rc;
}

static int64_t limit(const struct json *root, const char *path, int64_t fallback)
{
	int64_t n;

	return json_int(json_path(root, path), 1, 100000000, &n) == RC_OK ? n : fallback;
}

static void list_steps(struct reading *r)
{
	const struct json *list = json_get(r->client.env.root, "steps");

	r->steps = arena_array(&r->arena, list->count, sizeof(*r->steps));
	for (const struct json *s = list->child; s; s = s->next) {
		struct step *step = &r->steps[r->step_count++], *of;

		*step = (struct step){ .json = s, .id = json_member(s, "id") };
		step->last = &step->first;
		of = json_get(s, "for_each") ? step_named(r, member(s, "for_each")) : NULL;
		if (of)
			of->kept = true;
	}
}

/* True when a template somewhere below says {account...}. */
static bool names_account(const struct json *v)
{
	if (json_text(v))
		return strstr(json_text(v), "{account.") != NULL;
	for (const struct json *m = v ? v->child : NULL; m; m = m->next) {
		if (names_account(m))
			return true;
	}
	return false;
}

static enum rc begin(struct reading *r, const struct pull_host *host, const struct json *settings,
	const struct pull_sink *sink, struct err *e)
{
	const struct declared *d = host->vendor->declaration;
	enum rc rc = client_open(&r->client, d, host, settings, sink, e);

	r->sink = sink;
	r->last = &r->first;
	r->counting = (struct counting){ .env = &r->client.env, .vendor = d->vendor.name, .sink = sink };
	r->items_max = limit(d->root, "limits/items", ITEMS_MAX);
	r->pages_max = limit(d->root, "limits/pages", PAGES_MAX);
	r->signs_in_each = names_account(json_get(d->root, "auth"));
	list_steps(r);
	return rc;
}

static void finish(struct reading *r)
{
	counting_release(&r->counting);
	client_close(&r->client);
	arena_release(&r->arena);
}

static enum rc read_all(const struct pull_host *host, const struct json *settings, const struct pull_sink *sink,
	bool *ret_complete, struct err *e)
{
	struct reading r = { .fails = 0 };
	enum rc rc = begin(&r, host, settings, sink, e);

	if (rc == RC_OK)
		rc = counting_begin(&r.counting, e);
	for (size_t i = 0; rc == RC_OK && i < r.step_count; i++)
		rc = run_step(&r, &r.steps[i], e);
	if (rc == RC_OK)
		rc = cover(&r, e);
	*ret_complete = rc == RC_OK;
	finish(&r);
	return rc;
}

/* Signs in and reads the first page of the first step. */
static enum rc test(
	const struct pull_host *host, const struct json *settings, pull_check_fn check, void *arg, struct err *e)
{
	struct reading r = { .fails = 0 };
	struct err why = ERR_INIT;
	enum rc rc = begin(&r, host, settings, NULL, e);
	bool in, reads;

	if (rc == RC_OK) {
		struct place p = { .step = &r.steps[0] };

		in = client_sign_in(&r.client, NULL, &why) == RC_OK;
		reads = in && read_pages(&r, &p, true, &why) == RC_OK;
		in = in && why.rc != RC_UNAUTHORIZED;
		check(arg, arena_printf(&r.arena, "%s accepts the credentials", host->vendor->name), in,
			in ? "Signed in." : why.text);
		if (in)
			check(arg, arena_printf(&r.arena, "%s lets us read", host->vendor->name), reads,
				reads ? arena_printf(&r.arena, "%" PRId64 " rows on the first page.", r.items)
				      : why.text);
	}
	finish(&r);
	return rc;
}

const struct pull_ops declared_pull = { test, read_all };

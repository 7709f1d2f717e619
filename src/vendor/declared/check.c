/* A declaration from its text: held to the schema, then every name it uses to what it can mean. */
#include "vendor/declared/schema.h"
#include "vendor/declared/value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

struct names {
	struct arena *arena;
	const struct json *root;
	const struct json *fields, *inner;	/* of the step, and of its "each"; NULL: none are in reach */
	const char *over;			/* what the step goes through: "accounts", a step's id, or NULL */
	bool any_account;			/* {account.x} is in reach even so (of a sign-in) */
	const char *at;				/* the place that is looked at */
};

static bool is(const char *name, size_t len, const char *word)
{
	return word && strlen(word) == len && strncmp(name, word, len) == 0;
}

static const struct json *find(const struct json *list, const char *member, const char *name, size_t len)
{
	for (const struct json *i = list ? list->child : NULL; i; i = i->next) {
		if (is(name, len, json_member(i, member)))
			return i;
	}
	return NULL;
}

static bool has_member(const struct json *object, const char *name, size_t len)
{
	for (const struct json *m = object ? object->child : NULL; m; m = m->next) {
		if (is(name, len, m->key))
			return true;
	}
	return false;
}

static const struct json *step_named(const struct names *n, const char *id, size_t len)
{
	return find(json_get(n->root, "steps"), "id", id, len);
}

/* {account.x}: id, name, or a field of any step that tells accounts. */
static bool account_has(const struct names *n, const char *name, size_t len)
{
	const struct json *rules = json_get(n->root, "accounts");

	if (is(name, len, "id") || is(name, len, "name"))
		return true;
	for (const struct json *r = rules->child; r; r = r->next) {
		const char *from = json_text_or(json_get(r, "from"), "");

		if (has_member(json_get(step_named(n, from, strlen(from)), "fields"), name, len))
			return true;
	}
	return false;
}

static bool known(const struct names *n, const char *name, size_t len)
{
	const char *dot = memchr(name, '.', len);
	size_t head = dot ? (size_t)(dot - name) : 0;

	if (dot && is(name, head, "account") && (n->any_account || is("accounts", 8, n->over)))
		return account_has(n, dot + 1, len - head - 1);
	if (dot)
		return is(name, head, n->over) &&
			has_member(json_get(step_named(n, name, head), "fields"), dot + 1, len - head - 1);
	return has_member(n->fields, name, len) || has_member(n->inner, name, len) ||
		find(json_get(n->root, "settings"), "name", name, len) || time_name(name, len);
}

static enum rc check_filter(const struct names *n, const char *f, size_t len, struct err *e)
{
	const char *colon = memchr(f, ':', len);
	size_t head = colon ? (size_t)(colon - f) : len, rest = colon ? len - head - 1 : 0;

	if (is(f, head, "lower") || is(f, head, "upper") || is(f, head, "trim") || (colon && is(f, head, "default")))
		return RC_OK;
	if (colon && is(f, head, "map"))
		return has_member(json_get(n->root, "maps"), colon + 1, rest) ? RC_OK
			: err_at(e, RC_INVALID, n->at, "There is no map \"%.*s\".", (int)rest, colon + 1);
	if (colon && is(f, head, "or"))
		return known(n, colon + 1, rest)
			? RC_OK
			: err_at(e, RC_INVALID, n->at, "Nothing here is called \"%.*s\".", (int)rest, colon + 1);
	return err_at(e, RC_INVALID, n->at,
		"There is no filter \"%.*s\"; there are lower, upper, trim, default:TEXT, or:NAME and map:MAP.",
		(int)len, f);
}

static enum rc check_name(void *arg, const char *name, size_t len, bool is_filter, struct err *e)
{
	struct names *n = arg;

	if (is_filter)
		return check_filter(n, name, len, e);
	return known(n, name, len) ? RC_OK
				   : err_at(e, RC_INVALID, n->at, "Nothing here is called \"%.*s\".", (int)len, name);
}

static enum rc check_template(struct names *n, const char *text, const char *at, struct err *e)
{
	enum rc rc;

	n->at = at;
	rc = text ? template_each(text, check_name, n, e) : RC_OK;
	return rc == RC_OK || e->pointer[0] ? rc : err_at(e, rc, at, "This has %s.", arena_strdup(n->arena, e->text));
}

static char *below(struct names *n, const char *at, const char *key)
{
	return arena_printf(n->arena, "%s/%s", at, key);
}

/* Every text below `v` is a template. */
static enum rc check_templates(struct names *n, const struct json *v, const char *at, struct err *e)
{
	enum rc rc = check_template(n, json_text(v), at, e);
	unsigned i = 0;

	for (const struct json *m = v ? v->child : NULL; rc == RC_OK && m; m = m->next, i++)
		rc = check_templates(n, m, m->key ? below(n, at, m->key) : arena_printf(n->arena, "%s/%u", at, i), e);
	return rc;
}

static enum rc check_members(
	struct names *n, const struct json *v, const char *const *members, const char *at, struct err *e)
{
	enum rc rc = RC_OK;

	for (; rc == RC_OK && *members; members++)
		rc = check_templates(n, json_get(v, *members), below(n, at, *members), e);
	return rc;
}

static enum rc check_known(struct names *n, const char *name, const char *at, struct err *e)
{
	return known(n, name, strlen(name)) ? RC_OK
					    : err_at(e, RC_INVALID, at, "Nothing here is called \"%.60s\".", name);
}

static enum rc check_pattern(const char *pattern, const char *at, struct err *e)
{
	bool sound;

	text_matches("", pattern, &sound);
	return sound ? RC_OK : err_at(e, RC_INVALID, at, "\"%.60s\" is no regular expression.", pattern);
}

static enum rc check_condition(struct names *n, const struct json *condition, const char *at, struct err *e)
{
	const struct json *c = condition ? condition->child : NULL;
	enum rc rc = RC_OK;
	unsigned i = 0;

	if (!c)
		return RC_OK;
	at = below(n, at, c->key);
	if (strcmp(c->key, "not") == 0)
		return check_condition(n, c, at, e);
	if (strcmp(c->key, "exists") == 0)
		return check_known(n, c->str, at, e);
	if (strcmp(c->key, "all") == 0 || strcmp(c->key, "any") == 0) {
		for (const struct json *part = c->child; rc == RC_OK && part; part = part->next)
			rc = check_condition(n, part, arena_printf(n->arena, "%s/%u", at, i++), e);
		return rc;
	}
	rc = check_known(n, c->child->str, below(n, at, "0"), e);
	if (rc == RC_OK && strcmp(c->key, "matches") == 0)
		return check_pattern(c->child->next->str, below(n, at, "1"), e);
	return rc == RC_OK ? check_templates(n, c->child->next, below(n, at, "1"), e) : rc;
}

/* ---- steps ---- */

static enum rc check_over(struct names *n, const struct json *step, const char *at, struct err *e)
{
	const char *over = json_member(step, "for_each");

	n->over = over;
	if (!over || strcmp(over, "accounts") == 0)
		return RC_OK;
	for (const struct json *s = json_get(n->root, "steps")->child; s != step; s = s->next) {
		if (is(over, strlen(over), json_member(s, "id")))
			return RC_OK;
	}
	return err_at(e, RC_INVALID, below(n, at, "for_each"), "No earlier step is called \"%s\".", over);
}

static enum rc check_paging(struct names *n, const struct json *step, const char *at, struct err *e)
{
	const struct json *paging = json_get(step, "paging");
	const char *param = json_member(paging, "param");
	bool body = strcmp(json_text_or(json_get(paging, "in"), "query"), "body") == 0;

	if (body && !json_path(json_get(step, "json"), param))
		return err_at(e, RC_INVALID, arena_printf(n->arena, "%s/paging/param", at),
			"The step's json has nothing at %s.", param);
	if (json_get(step, "json") && json_get(step, "form"))
		return err_at(e, RC_INVALID, below(n, at, "form"), "A request has json or form, not both.");
	if (json_get(paging, "size_param") && !json_get(paging, "size"))
		return err_at(e, RC_INVALID, arena_printf(n->arena, "%s/paging", at), "With size_param goes a size.");
	return RC_OK;
}

static enum rc check_step(struct names *n, const struct json *step, const char *at, struct err *e)
{
	static const char *const of_request[] = { "url", "query", "headers", "form", "json", "account", NULL };
	static const char *const of_row[] = { "distinct", NULL };
	const char *id = json_text_or(json_get(step, "id"), "");
	enum rc rc = RC_OK;

	n->fields = n->inner = NULL;
	n->over = NULL;
	if (step_named(n, id, strlen(id)) != step || strcmp(id, "account") == 0 || strcmp(id, "accounts") == 0)
		return err_at(e, RC_INVALID, below(n, at, "id"), "The name \"%s\" is taken.", id);
	rc = check_condition(n, json_get(step, "if"), below(n, at, "if"), e);
	if (rc == RC_OK)
		rc = check_over(n, step, at, e);
	if (rc == RC_OK)
		rc = check_members(n, step, of_request, at, e);
	if (rc == RC_OK)
		rc = check_paging(n, step, at, e);
	n->fields = json_get(step, "fields");
	if (rc == RC_OK)
		rc = check_members(n, step, of_row, at, e);
	if (rc == RC_OK)
		rc = check_condition(n, json_get(step, "where"), below(n, at, "where"), e);
	n->inner = json_path(step, "each/fields");
	return rc == RC_OK
		? check_condition(n, json_path(step, "each/where"), arena_printf(n->arena, "%s/each/where", at), e)
		: rc;
}

static enum rc check_steps(struct names *n, struct err *e)
{
	unsigned i = 0;
	enum rc rc = RC_OK;

	for (const struct json *s = json_get(n->root, "steps")->child; rc == RC_OK && s; s = s->next)
		rc = check_step(n, s, arena_printf(n->arena, "/steps/%u", i++), e);
	return rc;
}

/* ---- accounts and counts ---- */

/* A rule sees what its step sees. */
static enum rc enter(struct names *n, const struct json *rule, bool with_inner, const char *at, struct err *e)
{
	const char *from = json_text_or(json_get(rule, "from"), "");
	const struct json *step = step_named(n, from, strlen(from));

	if (!step)
		return err_at(e, RC_INVALID, below(n, at, "from"), "There is no step \"%s\".", from);
	n->fields = json_get(step, "fields");
	n->inner = with_inner ? json_path(step, "each/fields") : NULL;
	n->over = json_member(step, "for_each");
	return RC_OK;
}

static enum rc check_accounts(struct names *n, struct err *e)
{
	static const char *const members[] = { "id", "name", "description", "domain", NULL };
	unsigned i = 0;
	enum rc rc = RC_OK;

	for (const struct json *r = json_get(n->root, "accounts")->child; rc == RC_OK && r; r = r->next) {
		const char *at = arena_printf(n->arena, "/accounts/%u", i++);

		rc = enter(n, r, false, at, e);
		if (rc == RC_OK)
			rc = check_members(n, r, members, at, e);
		if (rc == RC_OK)
			rc = check_condition(n, json_get(r, "where"), below(n, at, "where"), e);
	}
	return rc;
}

static enum rc check_count(struct names *n, const struct json *r, const char *at, struct err *e)
{
	static const char *const members[] = { "account", "service", "key", NULL };
	const char *agg = json_text_or(json_get(r, "agg"), ""), *field = json_member(r, "field");
	enum rc rc = enter(n, r, true, at, e);

	if (rc == RC_OK)
		rc = check_members(n, r, members, at, e);
	if (rc == RC_OK)
		rc = check_condition(n, json_get(r, "where"), below(n, at, "where"), e);
	if (rc != RC_OK)
		return rc;
	if (strcmp(agg, "count") == 0)
		return field ? err_at(e, RC_INVALID, below(n, at, "field"), "A count counts rows; it has no field.")
			     : RC_OK;
	if (!field)
		return err_at(e, RC_INVALID, at, "A %s needs a \"field\".", agg);
	return check_known(n, field, below(n, at, "field"), e);
}

static enum rc check_counts(struct names *n, struct err *e)
{
	unsigned i = 0;
	enum rc rc = RC_OK;

	for (const struct json *r = json_get(n->root, "counts")->child; rc == RC_OK && r; r = r->next)
		rc = check_count(n, r, arena_printf(n->arena, "/counts/%u", i++), e);
	return rc;
}

static enum rc check_settings(struct names *n, struct err *e)
{
	const struct json *list = json_get(n->root, "settings");
	bool secret = false;
	unsigned i = 0;

	for (const struct json *s = list->child; s; s = s->next, i++) {
		const char *name = json_member(s, "name"), *at = arena_printf(n->arena, "/settings/%u", i);
		const char *type = json_text_or(json_get(s, "type"), "");
		bool choice = strcmp(type, "choice") == 0, date = strcmp(type, "date") == 0;

		if (find(list, "name", name, strlen(name)) != s || time_name(name, strlen(name)))
			return err_at(e, RC_INVALID, below(n, at, "name"), "The name \"%s\" is taken.", name);
		if (strcmp(name, "credentials_expire") == 0 && (!date || json_true(json_get(s, "secret"))))
			return err_at(e, RC_INVALID, at,
				"\"credentials_expire\" is the last day of a key: a date, and no secret.");
		if (choice != (json_get(s, "choices") != NULL))
			return err_at(e, RC_INVALID, at, "A choice, and only a choice, has \"choices\".");
		secret |= json_true(json_get(s, "secret"));
	}
	return secret ? RC_OK
		      : err_at(e, RC_INVALID, "/settings", "One setting must be secret: that is what is read with.");
}

static enum rc check_names(struct arena *a, const struct json *root, struct err *e)
{
	struct names n = { .arena = a, .root = root };
	const struct json *auth = json_get(root, "auth");
	enum rc rc = check_settings(&n, e);

	n.any_account = true;
	for (const struct json *m = auth->child; rc == RC_OK && m; m = m->next) {
		if (strcmp(m->key, "token") != 0 || !json_get(auth, "url"))
			rc = check_templates(&n, m, arena_printf(a, "/auth/%s", m->key), e);
	}
	n.any_account = false;
	if (rc == RC_OK)
		rc = check_steps(&n, e);
	if (rc == RC_OK)
		rc = check_accounts(&n, e);
	return rc == RC_OK ? check_counts(&n, e) : rc;
}

/* ---- what the catalogue shows ---- */

static const char *joined(struct arena *a, const struct json *list)
{
	const char *s = "";

	for (const struct json *i = list ? list->child : NULL; i; i = i->next)
		s = arena_printf(a, "%s%s%s", s, *s ? "|" : "", json_text_or(i, ""));
	return s;
}

static const struct vendor_setting *settings_of(struct arena *a, const struct json *list)
{
	struct vendor_setting *made = arena_array(a, list->count + 1, sizeof(*made)), *out = made;

	for (const struct json *s = list->child; s; s = s->next, out++) {
		*out = (struct vendor_setting){ .name = json_member(s, "name"),
			.label = json_member(s, "label"),
			.type = json_member(s, "type"),
			.secret = json_true(json_get(s, "secret")),
			.required = json_true(json_get(s, "required")),
			.fallback = json_member(s, "default"),
			.help = json_member(s, "help") };
		if (json_get(s, "choices"))
			out->choices = joined(a, json_get(s, "choices"));
	}
	return made;
}

static const struct declared *made_of(struct arena *a, const struct json *root)
{
	struct declared *d = ARENA_NEW(a, struct declared);

	d->root = root;
	d->vendor = (struct vendor){ .id = json_member(root, "id"),
		.name = json_member(root, "name"),
		.description = json_member(root, "description"),
		.products = joined(a, json_get(root, "products")),
		.modules = "billing",
		.portal_url = json_member(root, "portal_url"),
		.connects = "pull",
		.how = json_member(root, "how"),
		.settings = settings_of(a, json_get(root, "settings")),
		.pull = &declared_pull,
		.verified = json_member(root, "verified"),
		.declaration = d };
	return d;
}

enum rc declared_parse(struct arena *a, const char *text, size_t len, const struct declared **ret, struct err *e)
{
	struct json *schema, *root;
	enum rc rc = json_parse(a, declared_schema.text, declared_schema.len, NULL, &schema, e);

	if (rc != RC_OK)
		BUG("vendors/schema.json: %s", e->text);
	rc = json_parse(a, text, len, NULL, &root, e);
	if (rc == RC_OK)
		rc = schema_check(a, schema, root, e);
	if (rc == RC_OK)
		rc = check_names(a, root, e);
	if (rc == RC_OK)
		*ret = made_of(a, root);
	return rc;
}

static enum rc read_text(const char *path, struct buf *out, struct err *e)
{
	FILE *f = fopen(path, "rb");
	char part[16384];
	size_t n;

	if (!f)
		return err_set(e, RC_IO, "%s cannot be read: %m.", path);
	while ((n = fread(part, 1, sizeof(part), f)) > 0)
		buf_put(out, part, n);
	fclose(f);
	return out->failed ? err_set(e, RC_INVALID, "%s is longer than a declaration can be.", path) : RC_OK;
}

enum rc declared_file(struct arena *a, const char *path, const struct declared **ret, struct err *e)
{
	AUTO(buf) text = BUF_INIT(DECLARED_TEXT_MAX);
	enum rc rc = read_text(path, &text, e);

	if (rc == RC_OK)
		rc = declared_parse(a, buf_text(&text), text.len, ret, e);
	return rc;
}

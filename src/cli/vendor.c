/* vendor.c - trueup vendor check, trueup vendor try: a declaration looked at, and read with, before anything is
 * connected.
 *
 * FILE is a declaration, or the id of a vendor of the catalogue. A try keeps nothing and changes nothing anywhere.
 */
#include "cli/cli.h"

#include "base/log.h"
#include "core/cards/idmap.h"
#include "vendor/catalogue.h"
#include "vendor/declared/declared.h"

#include <string.h>
#include <unistd.h>

enum { SETTING_MAX = 64 << 10, LIST_MAX = 1 << 20, PAIRS_MAX = 4 << 20 };

/* ---- the folder of one's own ---- */

static void warn(void *arg, const char *file, const struct err *why)
{
	log_event(LOG_ERROR, "vendor_file_wrong", "file", file, "at", why->pointer, "error", why->text, NULL);
}

enum rc cli_vendors(struct cli *c, const char *data, struct err *e)
{
	const char *dir = cli_text(c, "vendors");

	if (!dir && data) {
		dir = arena_printf(&c->arena, "%s/vendors", data);
		if (access(dir, F_OK) != 0)
			return RC_OK;
	}
	return dir ? catalogue_load(dir, warn, NULL, e) : RC_OK;
}

/* ---- which one ---- */

/* Where in the file it is wrong. */
static enum rc place_error(const char *file, struct err *e)
{
	char words[sizeof(e->text)];

	memcpy(words, e->text, sizeof(words));
	if (e->rc == RC_INVALID)
		return err_set(e, RC_IO, "%s, at %s: %s", file, e->pointer[0] ? e->pointer : "its root", words);
	return e->rc;
}

static enum rc find(struct cli *c, const struct vendor **ret, struct err *e)
{
	const struct declared *d;
	enum rc rc = cli_vendors(c, cli_text(c, "data"), e);

	if (rc != RC_OK)
		return rc;
	*ret = strpbrk(c->operand, "./") ? NULL : vendor_find(c->operand);
	if (*ret)
		return (*ret)->pull ? RC_OK : err_set(e, RC_IO, "%s is not fetched from; it pushes.", (*ret)->name);
	if (declared_file(&c->arena, c->operand, &d, e) != RC_OK)
		return place_error(c->operand, e);
	*ret = &d->vendor;
	return RC_OK;
}

enum rc cmd_vendor_check(struct cli *c, struct err *e)
{
	const struct declared *d;

	if (declared_file(&c->arena, c->operand, &d, e) != RC_OK)
		return place_error(c->operand, e);
	cli_say(c, "%s declares %s (%s). It is sound.", c->operand, d->vendor.name, d->vendor.id);
	if (c->json) {
		jsonw_object(&c->out);
		jsonw_kv(&c->out, "id", d->vendor.id);
		jsonw_kv(&c->out, "name", d->vendor.name);
		jsonw_kv(&c->out, "verified", d->vendor.verified);
		jsonw_end_object(&c->out);
	}
	return RC_OK;
}

/* ---- settings ---- */

static const struct vendor_setting *setting_named(const struct vendor *v, const char *name, size_t len)
{
	for (const struct vendor_setting *s = v->settings; s->name; s++) {
		if (strlen(s->name) == len && strncmp(s->name, name, len) == 0)
			return s;
	}
	return NULL;
}

/* "@FILE" stands for what is in the file, so that a secret need not be an argument. */
static enum rc value_of(struct cli *c, const char *given, const char **ret, struct err *e)
{
	char *text;
	size_t len;
	enum rc rc;

	*ret = given;
	if (*given != '@')
		return RC_OK;
	rc = file_read(&c->arena, given + 1, SETTING_MAX, &text, &len, e);
	while (rc == RC_OK && len && strchr("\r\n", text[len - 1]))
		text[--len] = '\0';
	*ret = text;
	return rc;
}

static enum rc put_given(struct cli *c, const struct vendor *v, const char *line, struct jsonw *w, struct err *e)
{
	size_t len = strcspn(line, "=");
	const struct vendor_setting *s = setting_named(v, line, len);
	const char *value;
	enum rc rc;

	if (!line[len])
		return err_set(e, RC_INVALID, "--set wants name=value, not \"%s\".", line);
	if (!s)
		return err_set(e, RC_INVALID, "%s has no setting %.*s.", v->name, (int)len, line);
	rc = value_of(c, line + len + 1, &value, e);
	if (rc == RC_OK)
		jsonw_kv(w, s->name, value);
	return rc;
}

static bool is_given(const char *const *given, const char *name)
{
	size_t len = strlen(name);

	for (; *given; given++) {
		if (strncmp(*given, name, len) == 0 && (*given)[len] == '=')
			return true;
	}
	return false;
}

/* What is given, and the defaults of the rest. */
static enum rc compose(struct cli *c, const struct vendor *v, struct json **ret, struct err *e)
{
	AUTO(buf) b = BUF_INIT(4 << 20);
	const char *const *given = cli_list(c, "set");
	struct jsonw w;
	enum rc rc = RC_OK;

	jsonw_init(&w, &b, 0);
	jsonw_object(&w);
	for (size_t i = 0; rc == RC_OK && given[i]; i++)
		rc = put_given(c, v, given[i], &w, e);
	for (const struct vendor_setting *s = v->settings; s->name; s++) {
		if (s->fallback && !is_given(given, s->name))
			jsonw_kv(&w, s->name, s->fallback);
	}
	jsonw_end_object(&w);
	if (rc == RC_OK && (rc = json_parse(&c->arena, buf_text(&b), b.len, NULL, ret, e)) != RC_OK)
		err_prefix(e, "--set");
	return rc;
}

/* ---- what it would take in ---- */

struct seen {
	const char *id, *name, *gap;
	bool covered;
};

struct list {
	struct seen *item;
	size_t count, room;
	struct idmap at;
};

struct pair {
	uint32_t account, service;
	qty units;
	const char *text;	/* a number that no qty holds */
};

struct try {
	struct cli *cli;
	struct list accounts, services;
	struct pair *pair;
	size_t pairs, pair_room;
	struct pairmap at;
};

static void *grow(struct arena *a, void *old, size_t count, size_t *room, size_t size)
{
	void *new;

	if (count < *room)
		return old;
	*room = *room ? *room * 2 : 64;
	new = arena_array(a, *room, size);
	if (count)
		memcpy(new, old, count * size);
	return new;
}

static enum rc put(struct try *t, struct list *l, const char *id, const char *name, struct err *e)
{
	struct arena *a = &t->cli->arena;

	if (idmap_get(&l->at, id) != IDMAP_NONE)
		return RC_OK;
	if (l->count == LIST_MAX)
		return err_set(e, RC_REMOTE, "The vendor told of more than %d customers or services.", LIST_MAX);
	l->item = grow(a, l->item, l->count, &l->room, sizeof(*l->item));
	l->item[l->count] = (struct seen){ arena_strdup(a, id), arena_strdup(a, name), NULL, false };
	idmap_put(&l->at, l->item[l->count].id, (uint32_t)l->count);
	l->count++;
	return RC_OK;
}

static enum rc take_account(void *arg, const struct pull_account *a, struct err *e)
{
	struct try *t = arg;

	return put(t, &t->accounts, a->vendor_id, a->name, e);
}

static enum rc take_service(void *arg, const struct pull_service *s, struct err *e)
{
	struct try *t = arg;

	return put(t, &t->services, s->vendor_id, s->name, e);
}

static enum rc take_count(void *arg, const char *account, const char *service, const char *units, struct err *e)
{
	struct try *t = arg;
	struct pair p = { .account = idmap_get(&t->accounts.at, account),
		.service = idmap_get(&t->services.at, service) };
	uint32_t twin = pairmap_get(&t->at, p.account, p.service);

	if (qty_parse(units, &p.units) != RC_OK)
		p.text = arena_strdup(&t->cli->arena, units);
	if (twin != IDMAP_NONE)
		return qty_add(t->pair[twin].units, p.units, &t->pair[twin].units) == RC_OK
			? RC_OK : err_set(e, RC_REMOTE, "A count is too large to add up.");
	if (t->pairs == PAIRS_MAX)
		return err_set(e, RC_REMOTE, "The vendor told of more than %d counts.", PAIRS_MAX);
	t->pair = grow(&t->cli->arena, t->pair, t->pairs, &t->pair_room, sizeof(*t->pair));
	t->pair[t->pairs] = p;
	pairmap_put(&t->at, p.account, p.service, (uint32_t)t->pairs++);
	return RC_OK;
}

static enum rc take_covered(void *arg, const char *account, struct err *e)
{
	struct try *t = arg;

	t->accounts.item[idmap_get(&t->accounts.at, account)].covered = true;
	return RC_OK;
}

static enum rc take_missing(void *arg, const char *account, const char *reason, struct err *e)
{
	struct try *t = arg;

	t->accounts.item[idmap_get(&t->accounts.at, account)].gap = arena_strdup(&t->cli->arena, reason);
	return RC_OK;
}

static enum rc progress(void *host, const char *phase, int64_t done, int64_t total, struct err *e)
{
	return RC_OK;
}

static bool cancelled(void *host)
{
	return false;
}

/* What was read to its end and not counted is zero. NULL: nothing is known. */
static const char *units_of(const struct try *t, size_t account, size_t service, char out[QTY_TEXT])
{
	uint32_t i = pairmap_get(&t->at, (uint32_t)account, (uint32_t)service);

	if (t->accounts.item[account].gap || (i == IDMAP_NONE && !t->accounts.item[account].covered))
		return NULL;
	if (i == IDMAP_NONE)
		return "0";
	return t->pair[i].text ? t->pair[i].text : qty_format(t->pair[i].units, out);
}

static void write_account(const struct try *t, size_t i, struct jsonw *w)
{
	const struct seen *a = &t->accounts.item[i];
	char text[QTY_TEXT];

	jsonw_object(w);
	jsonw_kv(w, "id", a->id);
	jsonw_kv(w, "name", a->name);
	jsonw_kv(w, "missing", a->gap);
	jsonw_key(w, "counts");
	jsonw_object(w);
	for (size_t s = 0; s < t->services.count; s++) {
		const char *units = units_of(t, i, s, text);

		if (units)
			jsonw_kv(w, t->services.item[s].id, units);
	}
	jsonw_end_object(w);
	jsonw_end_object(w);
}

static void write_all(const struct try *t, bool complete, struct jsonw *w)
{
	jsonw_object(w);
	jsonw_kv_bool(w, "complete", complete);
	jsonw_key(w, "services");
	jsonw_object(w);
	for (size_t s = 0; s < t->services.count; s++)
		jsonw_kv(w, t->services.item[s].id, t->services.item[s].name);
	jsonw_end_object(w);
	jsonw_key(w, "accounts");
	jsonw_array(w);
	for (size_t i = 0; i < t->accounts.count; i++)
		write_account(t, i, w);
	jsonw_end_array(w);
	jsonw_end_object(w);
}

static void say_all(struct cli *c, const struct try *t)
{
	char text[QTY_TEXT];

	for (size_t i = 0; i < t->accounts.count; i++) {
		cli_say(c, "%s  (%s)", t->accounts.item[i].name, t->accounts.item[i].id);
		if (t->accounts.item[i].gap)
			cli_say(c, "    could not be read: %s", t->accounts.item[i].gap);
		for (size_t s = 0; s < t->services.count; s++) {
			const char *units = units_of(t, i, s, text);

			if (units)
				cli_say(c, "    %12s  %s", units, t->services.item[s].name);
		}
	}
	cli_say(c, "%zu customers, %zu services. Nothing was stored.", t->accounts.count, t->services.count);
}

static enum rc try_read(struct cli *c, const struct vendor *v, const struct json *settings, struct err *e)
{
	struct pull_host host = {
		.vendor = v, .allow_private = cli_switch(c, "allow-private-remotes"), .now = clock_now()
	};
	struct try t = { .cli = c };
	struct pull_sink sink = { .arg = &t,
		.account = take_account,
		.service = take_service,
		.count = take_count,
		.covered = take_covered,
		.missing = take_missing,
		.progress = progress,
		.cancelled = cancelled };
	bool complete;
	enum rc rc;

	idmap_init(&t.accounts.at, &c->arena, 256);
	idmap_init(&t.services.at, &c->arena, 64);
	pairmap_init(&t.at, &c->arena, 1024);
	rc = v->pull->read(&host, settings, &sink, &complete, e);
	if (rc != RC_OK)
		return rc;
	if (c->json)
		write_all(&t, complete, &c->out);
	say_all(c, &t);
	return RC_OK;
}

enum rc cmd_vendor_try(struct cli *c, struct err *e)
{
	const struct vendor *v = NULL;
	struct json *settings = NULL;
	enum rc rc = cli_trust(c, e);

	if (rc == RC_OK)
		rc = find(c, &v, e);
	if (rc == RC_OK && v)
		rc = compose(c, v, &settings, e);
	return rc == RC_OK && settings ? try_read(c, v, settings, e) : rc;
}

/* One reading of Coro: the workspaces below the channel, which modules are on, how many users and devices are
 * protected.
 *
 * Only what Coro documents is used: the search of workspaces, the modules and bundles of a subscription, and the
 * totals of the lists of users and devices. Nothing here changes anything at Coro. */
#include "vendor/coro/coro.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

struct workspace {
	const char *id;
	unsigned depth;
	bool unbilled;
	struct workspace *next;
};

struct list {
	struct workspace *first, **last;
};

struct reading {
	struct coro_client *client;
	const struct pull_sink *sink;
	struct arena arena;		/* of the whole reading */
	struct list channels, customers;
	int64_t found, done;
	bool with_trials;
};

static bool holds(const struct list *l, const char *id)
{
	for (const struct workspace *w = l->first; w; w = w->next) {
		if (strcmp(w->id, id) == 0)
			return true;
	}
	return false;
}

static struct workspace *append(struct reading *r, struct list *l, const char *id, unsigned depth)
{
	struct workspace *w = ARENA_NEW(&r->arena, struct workspace);

	w->id = arena_strdup(&r->arena, id);
	w->depth = depth;
	*l->last = w;
	l->last = &w->next;
	return w;
}

static const char *name_of(const struct json *item)
{
	const char *name = json_member(item, "displayName");

	if (!name || !*name)
		name = json_member(item, "companyName");
	return name && *name ? name : json_member(item, "id");
}

/* "New", "Trial" and "Inactive" are watched but not billed; demo mode likewise. Where the state stands is not
 * published, so every usual place is looked at. */
static bool unbilled(const struct json *v)
{
	static const char *const members[] = { "status", "state", "subscriptionStatus", "workspaceStatus",
		"subscriptionType" };
	static const char *const words[] = { "new", "trial", "inactive", "archived", "expired", "demo" };

	if (json_true(json_get(v, "demoModeEnabled")) || json_true(json_get(v, "archived")))
		return true;
	for (size_t m = 0; m < ARRAY_LEN(members); m++) {
		const char *text = json_member(v, members[m]);

		for (size_t i = 0; text && i < ARRAY_LEN(words); i++) {
			if (strcasecmp(text, words[i]) == 0)
				return true;
		}
	}
	return false;
}

static enum rc take_workspace(struct reading *r, const struct json *item, unsigned depth, struct err *e)
{
	const char *id = json_member(item, "id"), *type = json_text_or(json_get(item, "type"), "child");
	struct pull_account account = { .vendor_id = id, .domain = json_member(item, "domain") };

	if (!id || !*id)
		return err_set(e, RC_REMOTE, "Coro told of a workspace without an id.");
	if (holds(&r->channels, id) || holds(&r->customers, id))
		return RC_OK;
	if (++r->found > CORO_WORKSPACES_MAX)
		return err_set(e, RC_REMOTE, "Coro told of more than %d workspaces.", CORO_WORKSPACES_MAX);
	if (strcasecmp(type, "channel") == 0) {
		if (depth >= CORO_DEPTH_MAX)
			return err_set(e, RC_REMOTE, "Coro's channels are nested deeper than %d.", CORO_DEPTH_MAX);
		append(r, &r->channels, id, depth + 1);
		return RC_OK;
	}
	append(r, &r->customers, id, depth)->unbilled = unbilled(item);
	account.name = name_of(item);
	return r->sink->account(r->sink->arg, &account, e);
}

/* The list in an answer: {"items":[..],"totalElements":n}, or (older) a bare array. */
static const struct json *items_of(const struct json *answer)
{
	return json_is(answer, JSON_ARRAY) ? answer : json_get(answer, "items");
}

struct page {
	int64_t number, got, total;
	char first[256];		/* id of the first item: a server that ignores `page` repeats it */
};

/* True when there is nothing more to read. */
static bool last_page(struct page *p, const struct json *answer, const struct json *items)
{
	const char *first = items && items->child ? json_text_or(json_get(items->child, "id"), "") : "";
	bool repeated = p->number > 0 && *first && strcmp(first, p->first) == 0;

	if (!items || !items->count || repeated || json_is(answer, JSON_ARRAY))
		return true;
	snprintf(p->first, sizeof(p->first), "%s", first);
	if (json_int(json_get(answer, "totalElements"), 0, INT32_MAX, &p->total) != RC_OK)
		return items->count < CORO_PAGE;
	return p->got >= p->total;
}

static enum rc search_channel(struct reading *r, const struct workspace *channel, struct err *e)
{
	struct page p = { 0 };
	bool last = false;
	enum rc rc = RC_OK;

	for (; rc == RC_OK && !last; p.number++) {
		AUTO(arena) a = ARENA_INIT;
		const struct json *answer, *items;
		bool repeated;

		if (p.number == CORO_PAGES_MAX)
			return err_set(e, RC_REMOTE, "Coro's list of workspaces does not end.");
		rc = coro_get(r->client, &a, channel->id,
			arena_printf(&a, "/v1/workspaces/search?page=%" PRId64 "&pageSize=%d", p.number, CORO_PAGE),
			&answer, e);
		if (rc != RC_OK)
			break;
		items = items_of(answer);
		if (!json_is(items, JSON_ARRAY))
			return err_set(e, RC_REMOTE,
				"Coro's answer to GET /v1/workspaces/search has no list \"items\"; its form has "
				"changed, and nothing was taken.");
		p.got += items ? items->count : 0;
		repeated = p.number > 0 && items && items->child &&
			strcmp(json_text_or(json_get(items->child, "id"), ""), p.first) == 0;
		last = last_page(&p, answer, items);
		for (const struct json *i = items && !repeated ? items->child : NULL; rc == RC_OK && i; i = i->next)
			rc = take_workspace(r, i, channel->depth, e);
	}
	if (rc == RC_OK && p.total > p.got)
		return err_set(e, RC_REMOTE,
			"Coro told of %" PRId64 " workspaces and showed %" PRId64 "; nothing was taken.", p.total,
			p.got);
	return rc;
}

/* Any depth; a workspace is searched once, so that a loop among channels ends. */
static enum rc find_workspaces(struct reading *r, struct err *e)
{
	enum rc rc = RC_OK;

	append(r, &r->channels, json_text_or(json_get(r->client->settings, "channel_workspace_id"), ""), 0);
	for (const struct workspace *w = r->channels.first; rc == RC_OK && w; w = w->next) {
		rc = search_channel(r, w, e);
		/* A channel below that is closed to us takes its customers with it: then the reading is not whole. */
		if (rc == RC_DENIED)
			rc = err_set(e, RC_REMOTE, "The workspaces below %s cannot be listed: %s", w->id,
				arena_strdup(&r->arena, e->text));
		if (rc == RC_OK)
			rc = r->sink->progress(r->sink->host, "finding workspaces", r->found, 0, e);
	}
	return rc;
}

/* A module is on when it says true, or holds enabled or active, or a word that means so. */
static bool is_on(const struct json *v)
{
	const char *text = json_text(v);

	if (json_is(v, JSON_OBJECT))
		return json_true(json_get(v, "enabled")) || json_true(json_get(v, "active"));
	return json_true(v) || (text && (strcasecmp(text, "active") == 0 || strcasecmp(text, "enabled") == 0));
}

/* What says neither on nor off must not become a zero. */
static enum rc check_module(const struct json *v, struct err *e)
{
	if (json_is(v, JSON_OBJECT) ? json_get(v, "enabled") || json_get(v, "active")
				    : !json_is(v, JSON_NUMBER) && !json_is(v, JSON_ARRAY))
		return RC_OK;
	return err_set(e, RC_REMOTE,
		"Coro's answer to GET /v1/subscriptions does not say whether \"modules.%.60s\" is on; its form has "
		"changed.",
		v->key);
}

/* "modules" is an object and "bundles" a list; one of them may be away. */
static enum rc check_subscription(const struct json *modules, const struct json *bundles, struct err *e)
{
	const char *wrong = NULL;

	if ((!modules && !bundles) || (!json_is_null(modules) && !json_is(modules, JSON_OBJECT)))
		wrong = "modules";
	else if (!json_is_null(bundles) && !json_is(bundles, JSON_ARRAY))
		wrong = "bundles";
	return wrong ? err_set(e, RC_REMOTE,
			       "Coro's answer to GET /v1/subscriptions has no \"%s\" that can be read; its form has "
			       "changed.",
			       wrong)
		     : RC_OK;
}

static bool word_is(const char *word, size_t len, const char *other)
{
	return strlen(other) == len && strncasecmp(word, other, len) == 0;
}

/* Short names that stand for longer ones, and those that stay in capitals. */
static const char *spelled(const char *word, size_t len)
{
	static const char *const names[][2] = { { "edr", "EDR" }, { "sase", "SASE" }, { "ztna", "ZTNA" },
		{ "vpn", "VPN" }, { "sat", "Security Awareness Training" }, { "swg", "Secure Web Gateway" },
		{ "wifi", "WiFi" }, { "soc", "SOC" } };

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (word_is(word, len, names[i][0]))
			return names[i][1];
	}
	return NULL;
}

/* "endpointSecurity" and "ENDPOINT_SECURITY" to "Endpoint Security". */
static char *display_name(struct arena *a, const char *key)
{
	AUTO(buf) b = BUF_INIT(1024);

	while (*key) {
		size_t len = 1;
		const char *known;

		if (*key == '_' || *key == '-' || *key == ' ') {
			key++;
			continue;
		}
		if (isupper((unsigned char)key[0]) && isupper((unsigned char)key[1])) {
			while (isupper((unsigned char)key[len]))
				len++;
		} else {
			while (key[len] && key[len] != '_' && key[len] != '-' && key[len] != ' ' &&
				!isupper((unsigned char)key[len]))
				len++;
		}
		if (b.len)
			buf_putc(&b, ' ');
		known = spelled(key, len);
		if (known) {
			buf_puts(&b, known);
		} else {
			buf_putc(&b, (char)toupper((unsigned char)key[0]));
			for (size_t i = 1; i < len; i++)
				buf_putc(&b, (char)tolower((unsigned char)key[i]));
		}
		key += len;
	}
	return arena_strdup(a, buf_text(&b));
}

/* One spelling of a bundle: Coro has two. */
static char *bundle_key(struct arena *a, const char *bundle)
{
	char *key = arena_strdup(a, bundle), *out = key;

	for (; *bundle; bundle++) {
		if (*bundle != '_')
			*out++ = (char)tolower((unsigned char)*bundle);
	}
	*out = '\0';
	return key;
}

struct totals {
	const char *users, *devices;
};

static enum rc count_service(struct reading *r, struct arena *a, const char *workspace, const char *key,
	const char *name, const struct totals *t, struct err *e)
{
	const struct {
		const char *basis, *units;
	} both[] = { { "users", t->users }, { "devices", t->devices } };
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && i < ARRAY_LEN(both); i++) {
		struct pull_service s = { .vendor_id = arena_printf(a, "%s:%s", key, both[i].basis),
			.name = arena_printf(a, "%s (protected %s)", name, both[i].basis),
			.unit_basis = both[i].basis };

		rc = r->sink->service(r->sink->arg, &s, e);
		if (rc == RC_OK)
			rc = r->sink->count(r->sink->arg, workspace, s.vendor_id, both[i].units, e);
	}
	return rc;
}

static enum rc count_modules(struct reading *r, struct arena *a, const char *workspace, const struct json *sub,
	const struct totals *t, struct err *e)
{
	const struct json *modules = json_get(sub, "modules"), *bundles = json_get(sub, "bundles");
	enum rc rc = check_subscription(modules, bundles, e);

	for (const struct json *m = json_is(modules, JSON_OBJECT) ? modules->child : NULL; rc == RC_OK && m;
		m = m->next) {
		rc = check_module(m, e);
		if (rc == RC_OK && is_on(m))
			rc = count_service(r, a, workspace, m->key, display_name(a, m->key), t, e);
	}
	for (const struct json *b = json_is(bundles, JSON_ARRAY) ? bundles->child : NULL; rc == RC_OK && b;
		b = b->next) {
		const char *name = json_text(b) ? json_text(b) : json_member(b, "name");

		if (name && *name)
			rc = count_service(r, a, workspace, arena_printf(a, "bundle:%s", bundle_key(a, name)),
				arena_printf(a, "%s bundle", display_name(a, name)), t, e);
	}
	return rc;
}

/* How many there are, from a page of one. */
static enum rc total_of(
	struct reading *r, struct arena *a, const char *workspace, const char *path, const char **ret, struct err *e)
{
	const struct json *answer;
	int64_t total;
	enum rc rc = coro_get(r->client, a, workspace, arena_printf(a, "%s?page=0&pageSize=1", path), &answer, e);

	if (rc != RC_OK)
		return rc;
	if (json_int(json_get(answer, "totalElements"), 0, INT32_MAX, &total) != RC_OK)
		return err_set(e, RC_REMOTE, "Coro's answer to GET %s has no totalElements.", path);
	*ret = arena_printf(a, "%" PRId64, total);
	return RC_OK;
}

/* `a` is of this workspace. */
static enum rc read_customer(struct reading *r, struct arena *a, const struct workspace *w, struct err *e)
{
	const struct json *sub = NULL;
	struct totals t = { NULL, NULL };
	enum rc rc = coro_get(r->client, a, w->id, "/v1/subscriptions", &sub, e);

	if (rc != RC_OK)
		return rc;
	if ((w->unbilled || unbilled(sub)) && !r->with_trials)
		return RC_OK;
	rc = total_of(r, a, w->id, "/v1/users", &t.users, e);
	if (rc == RC_OK)
		rc = total_of(r, a, w->id, "/v1/devices", &t.devices, e);
	return rc == RC_OK ? count_modules(r, a, w->id, sub, &t, e) : rc;
}

/* What keeps one workspace from being read leaves that one missing; what would keep all from it ends the reading. */
static bool only_this_one(enum rc rc)
{
	return rc == RC_DENIED || rc == RC_REMOTE;
}

static enum rc read_customers(struct reading *r, struct err *e)
{
	int64_t in_a_row = 0;
	enum rc rc = RC_OK;

	for (const struct workspace *w = r->customers.first; rc == RC_OK && w; w = w->next) {
		AUTO(arena) a = ARENA_INIT;

		rc = read_customer(r, &a, w, e);
		if (rc == RC_OK) {
			in_a_row = 0;
			rc = r->sink->covered(r->sink->arg, w->id, e);
		} else if (only_this_one(rc)) {
			/* Coro being down looks like every workspace failing. */
			if (rc == RC_REMOTE && ++in_a_row == 3)
				break;
			rc = r->sink->missing(r->sink->arg, w->id, e->text, e);
		}
		if (rc == RC_OK)
			rc = r->sink->progress(r->sink->host, "counting", ++r->done, r->found, e);
	}
	return rc;
}

static enum rc read_all(const struct pull_host *host, const struct json *settings, const struct pull_sink *sink,
	bool *ret_complete, struct err *e)
{
	struct coro_client client;
	struct reading r = { .client = &client, .sink = sink };
	enum rc rc = coro_client_open(host, settings, sink, &client, e);

	r.channels.last = &r.channels.first;
	r.customers.last = &r.customers.first;
	r.with_trials = strcmp(json_text_or(json_get(settings, "include_trials"), ""), "true") == 0;
	if (rc == RC_OK)
		rc = coro_sign_in(&client, e);
	if (rc == RC_OK)
		rc = find_workspaces(&r, e);
	if (rc == RC_OK)
		rc = read_customers(&r, e);
	*ret_complete = rc == RC_OK;
	coro_client_close(&client);
	arena_release(&r.arena);
	return rc;
}

static void check_expiry(const struct pull_host *host, const struct json *settings, pull_check_fn check, void *arg)
{
	const char *text = json_text_or(json_get(settings, "credentials_expire"), "");
	char words[160];
	day end;

	if (!*text)
		return;
	if (day_parse(text, &end) != RC_OK)
		snprintf(words, sizeof(words), "\"%.20s\" is no date; write it as YYYY-MM-DD.", text);
	else
		snprintf(words, sizeof(words), "It ends in %d days.", end - day_of(host->now));
	check(arg, "The API key is good for two weeks and more",
		day_parse(text, &end) == RC_OK && end - day_of(host->now) > 14, words);
}

static enum rc test(
	const struct pull_host *host, const struct json *settings, pull_check_fn check, void *arg, struct err *e)
{
	const char *channel = json_text_or(json_get(settings, "channel_workspace_id"), "");
	struct coro_client client;
	struct arena a = ARENA_INIT;
	const struct json *answer = NULL;
	struct err why = ERR_INIT;
	enum rc rc = coro_client_open(host, settings, NULL, &client, e);

	if (rc == RC_OK) {
		bool in = coro_sign_in(&client, &why) == RC_OK;

		check(arg, "Coro accepts the client ID and secret", in, in ? "Signed in." : why.text);
		if (in) {
			bool lists = coro_get(&client, &a, channel, "/v1/workspaces/search?page=0&pageSize=1", &answer,
					     &why) == RC_OK;

			check(arg, "Workspaces below the channel can be listed", lists,
				lists ? items_of(answer) && items_of(answer)->count ? "There are some."
										    : "There is none yet."
				      : why.text);
		}
		check_expiry(host, settings, check, arg);
	}
	coro_client_close(&client);
	arena_release(&a);
	return rc;
}

const struct pull_ops coro_pull = { test, read_all, coro_hook };

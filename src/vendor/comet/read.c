/* One reading of a Comet Server: its users, their devices, protected items and storage, as a partner bills them. */
#include "vendor/comet/comet.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "vendor/declared/table.h"

static const struct comet_shape size_shape[] = { { "Size", NULL }, { NULL, NULL } };
static const struct comet_shape device_source[] = { { "Engine", NULL }, { "O365AccountCount", NULL },
	{ "TotalVmCount", NULL }, { NULL, NULL } };
static const struct comet_shape device_sources[] = { { "*", device_source }, { NULL, NULL } };
static const struct comet_shape device[] = { { "Sources", device_sources }, { NULL, NULL } };
static const struct comet_shape devices[] = { { "*", device }, { NULL, NULL } };
static const struct comet_shape job[] = { { "TotalAccountsCount", NULL }, { "TotalVmCount", NULL },
	{ "TotalSize", NULL }, { NULL, NULL } };
static const struct comet_shape source_statistics[] = { { "LastSuccessfulBackupJob", job }, { NULL, NULL } };
static const struct comet_shape source[] = { { "Engine", NULL }, { "OwnerDevice", NULL },
	{ "Statistics", source_statistics }, { NULL, NULL } };
static const struct comet_shape sources[] = { { "*", source }, { NULL, NULL } };
static const struct comet_shape vault_statistics[] = { { "ClientProvidedSize", size_shape }, { NULL, NULL } };
static const struct comet_shape vault[] = { { "DestinationType", NULL }, { "Statistics", vault_statistics },
	{ NULL, NULL } };
static const struct comet_shape vaults[] = { { "*", vault }, { NULL, NULL } };
static const struct comet_shape profile[] = { { "Username", NULL }, { "AccountName", NULL }, { "OrganizationID", NULL },
	{ "CreationGUID", NULL }, { "IsSuspended", NULL }, { "Devices", devices }, { "Sources", sources },
	{ "Destinations", vaults }, { NULL, NULL } };
static const struct comet_shape profiles[] = { { "*", profile }, { NULL, NULL } };
static const struct comet_shape organization[] = { { "Name", NULL }, { NULL, NULL } };
static const struct comet_shape organizations[] = { { "*", organization }, { NULL, NULL } };
static const struct comet_shape bucket[] = { { "OrganizationID", NULL }, { "Size", size_shape }, { NULL, NULL } };
static const struct comet_shape buckets[] = { { "*", bucket }, { NULL, NULL } };
static const struct comet_shape version[] = { { "Version", NULL }, { "AuthenticationRole", NULL },
	{ "StorageRole", NULL }, { NULL, NULL } };

static const struct {
	const char *engine, *name;
	bool booster;
} engines[] = {
	{ "engine1/file", "Files and Folders", false },
	{ "engine1/stdout", "Program Output", false },
	{ "engine1/windisk", "Disk Image", true },
	{ "engine1/hyperv", "Hyper-V", true },
	{ "engine1/vmware", "VMware", true },
	{ "engine1/proxmox", "Proxmox", true },
	{ "engine1/mssql", "Microsoft SQL Server", true },
	{ "engine1/mysql", "MySQL", true },
	{ "engine1/mongodb", "MongoDB", true },
	{ "engine1/exchangeedb", "Exchange Server", true },
	{ "engine1/winmsofficemail", "Office 365", true },
	{ "engine1/systemstate", "Windows Server System State", true },
	{ "engine1/windowssystem", "Windows System Backup", true },
	{ "engine1/vsswriter", "Application-Aware Writer", true },
};

struct cell {
	struct cell *next;
	const char *account, *service;
	int64_t n;
	bool bytes;
};

struct reading {
	struct comet_client *client;
	const struct pull_sink *sink;
	struct arena arena;
	const struct json *organizations;	/* NULL: this administrator sees only one tenant */
	struct table cells, services, accounts;
	struct cell *first;
	const char *unit;			/* "GB" or "TB" */
	const char *grouped_by;
};

static bool is(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

static const char *member(const struct json *v, const char *name)
{
	return json_text_or(json_get(v, name), "");
}

/* Counts that are zero are left out of Comet's JSON. */
static int64_t number(const struct json *v)
{
	int64_t n;

	return json_int(v, 0, INT64_MAX, &n) == RC_OK ? n : 0;
}

/* ---- sums ---- */

static enum rc add(struct reading *r, const char *account, const char *service, const char *name, int64_t n,
	const char *basis, bool bytes, struct err *e)
{
	struct pull_service told = { .vendor_id = service, .name = name, .unit_basis = basis };
	AUTO(arena) a = ARENA_INIT;
	struct cell **at = (struct cell **)table_at(&r->cells, &r->arena, arena_printf(&a, "%s\n%s", account, service));

	if (!*at) {
		*at = ARENA_NEW(&r->arena, struct cell);
		**at = (struct cell){ r->first, arena_strdup(&r->arena, account), arena_strdup(&r->arena, service), 0,
			bytes };
		r->first = *at;
	}
	if ((*at)->n > INT64_MAX - n)
		return err_set(e, RC_REMOTE, "Comet's numbers of %s are too large to add up.", name);
	(*at)->n += n;
	return table_new(&r->services, &r->arena, service) ? r->sink->service(r->sink->arg, &told, e) : RC_OK;
}

static enum rc add_bytes(
	struct reading *r, const char *account, const char *key, const char *name, int64_t n, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;

	return add(r, account, arena_printf(&a, "%s:%s", key, is(r->unit, "TB") ? "tb" : "gb"),
		arena_printf(&a, "%s (%s)", name, r->unit), n, NULL, true, e);
}

/* Bytes to hundredths of the unit, rounded up. */
static const char *units_of(const struct reading *r, const struct cell *c, char out[QTY_TEXT])
{
	unsigned shift = is(r->unit, "TB") ? 40 : 30;
	__int128 hundredths = ((__int128)c->n * 100 + (((__int128)1 << shift) - 1)) >> shift;

	if (c->bytes)
		return qty_format((qty)(hundredths * (QTY_ONE / 100)), out);
	snprintf(out, QTY_TEXT, "%" PRId64, c->n);
	return out;
}

static enum rc tell_all(struct reading *r, struct err *e)
{
	enum rc rc = RC_OK;
	char text[QTY_TEXT];

	for (const struct cell *c = r->first; rc == RC_OK && c; c = c->next)
		rc = r->sink->count(r->sink->arg, c->account, c->service, units_of(r, c, text), e);
	return rc;
}

/* ---- accounts ---- */

static const char *tenant_name(const struct reading *r, const char *id)
{
	const char *name = json_member(json_get(r->organizations, id), "Name");

	if (name && *name)
		return name;
	return *id ? id : "Top level";
}

static enum rc tell_account(struct reading *r, const char *id, const char *name, const char *description, struct err *e)
{
	struct pull_account a = { .vendor_id = id, .name = name, .description = description };

	return table_new(&r->accounts, &r->arena, id) ? r->sink->account(r->sink->arg, &a, e) : RC_OK;
}

static const char *tenant_id(const char *organization_id)
{
	return *organization_id ? organization_id : "top";
}

/* Whose the user's figures are; told when it is new. */
static enum rc account_of(struct reading *r, const struct json *user, const char **ret, struct err *e)
{
	const char *username = *member(user, "Username") ? member(user, "Username") : user->key;
	const char *name = member(user, "AccountName"), *tenant = member(user, "OrganizationID"),
		   *guid = member(user, "CreationGUID");

	if (is(r->grouped_by, "tenants")) {
		*ret = tenant_id(tenant);
		return tell_account(r, *ret, tenant_name(r, tenant), NULL, e);
	}
	if (is(r->grouped_by, "account_name")) {
		*ret = *name ? name : username;
		return tell_account(r, *ret, *ret, NULL, e);
	}
	*ret = *guid ? guid : username;
	return tell_account(r, *ret, username, *name && !is(name, username) ? name : NULL, e);
}

/* ---- one user ---- */

static const char *engine_name(const char *engine, bool *ret_booster)
{
	for (size_t i = 0; i < ARRAY_LEN(engines); i++) {
		if (is(engine, engines[i].engine)) {
			*ret_booster = engines[i].booster;
			return engines[i].name;
		}
	}
	*ret_booster = true;
	return engine;
}

/* Seen for the first time among this user's: `what` in a table of the user. */
static bool fresh(struct table *t, struct arena *a, const char *what, const char *more)
{
	return table_new(t, a, arena_printf(a, "%s\n%s", what, more));
}

/* How many accounts or machines an item protects: as of its last good backup, else as its device told. */
static int64_t protected_by(
	const struct json *user, const struct json *item, const char *id, const char *of_job, const char *of_device)
{
	const struct json *done = json_path(item, "Statistics/LastSuccessfulBackupJob");
	const struct json *told = json_get(
		json_get(json_get(json_get(json_get(user, "Devices"), member(item, "OwnerDevice")), "Sources"), id),
		of_device);

	return done ? number(json_get(done, of_job)) : number(told);
}

static enum rc count_item(struct reading *r, const char *account, const struct json *user, const struct json *item,
	struct table *seen, struct arena *a, struct err *e)
{
	const char *engine = member(item, "Engine"), *owner = member(item, "OwnerDevice");
	bool booster, here = json_get(json_get(user, "Devices"), owner) != NULL;
	const char *name = engine_name(engine, &booster);
	enum rc rc = add(r, account, arena_printf(a, "items:%s", engine), arena_printf(a, "%s protected items", name),
		1, NULL, false, e);

	if (rc == RC_OK && here && fresh(seen, a, "configured", owner))
		rc = add(r, account, "devices", "Devices", 1, "devices", false, e);
	if (rc == RC_OK && here && booster && fresh(seen, a, engine, owner))
		rc = add(r, account, arena_printf(a, "booster:%s", engine), arena_printf(a, "%s devices", name), 1,
			"devices", false, e);
	if (rc == RC_OK && is(engine, "engine1/winmsofficemail"))
		rc = add(r, account, "office365", "Office 365 accounts",
			protected_by(user, item, item->key, "TotalAccountsCount", "O365AccountCount"), "users", false,
			e);
	if (rc == RC_OK &&
		(is(engine, "engine1/hyperv") || is(engine, "engine1/vmware") || is(engine, "engine1/proxmox")))
		rc = add(r, account, arena_printf(a, "vms:%s", engine), arena_printf(a, "%s virtual machines", name),
			protected_by(user, item, item->key, "TotalVmCount", "TotalVmCount"), "devices", false, e);
	if (rc == RC_OK)
		rc = add_bytes(r, account, "protected", "Protected data",
			number(json_path(item, "Statistics/LastSuccessfulBackupJob/TotalSize")), e);
	return rc;
}

static enum rc count_vault(struct reading *r, const char *account, const struct json *v, struct err *e)
{
	int64_t bytes = number(json_path(v, "Statistics/ClientProvidedSize/Size")),
		type = number(json_get(v, "DestinationType"));

	if (type == 1003)
		return add_bytes(r, account, "vault:comet", "Vault storage on Comet Storage", bytes, e);
	if (type == 1002)
		return add_bytes(r, account, "vault:local", "Vault storage, local", bytes, e);
	return add_bytes(r, account, "vault:cloud", "Vault storage, own cloud", bytes, e);
}

/* The figures that every account has, be they zero. */
static enum rc count_basics(struct reading *r, const char *account, const struct json *user, struct err *e)
{
	const struct json *list = json_get(user, "Devices");
	enum rc rc = add(r, account, "devices", "Devices", 0, "devices", false, e);

	return rc == RC_OK
		? add(r, account, "registered", "Registered devices", list ? list->count : 0, "devices", false, e)
		: rc;
}

static enum rc count_user(struct reading *r, const struct json *user, struct err *e)
{
	const struct json *items = json_get(user, "Sources"), *stores = json_get(user, "Destinations");
	AUTO(arena) a = ARENA_INIT;
	struct table seen = { NULL, 0, 0 };
	const char *account;
	enum rc rc = account_of(r, user, &account, e);

	if (rc != RC_OK)
		return rc;
	if (json_true(json_get(user, "IsSuspended")) &&
		is(json_text_or(json_get(r->client->settings, "count_suspended"), "true"), "false"))
		return RC_OK;
	rc = count_basics(r, account, user, e);
	for (const struct json *i = items ? items->child : NULL; rc == RC_OK && i; i = i->next)
		rc = count_item(r, account, user, i, &seen, &a, e);
	for (const struct json *v = stores ? stores->child : NULL; rc == RC_OK && v; v = v->next)
		rc = count_vault(r, account, v, e);
	return rc;
}

/* ---- the server ---- */

/* An administrator of one tenant may not list tenants, and needs no list. */
static enum rc read_tenants(struct reading *r, struct err *e)
{
	enum rc rc;

	if (!is(r->grouped_by, "tenants"))
		return RC_OK;
	rc = comet_call(r->client, &r->arena, "organization/list", organizations, &r->organizations, e);
	return rc == RC_DENIED ? RC_OK : rc;
}

static enum rc tell_tenants(struct reading *r, struct err *e)
{
	enum rc rc = RC_OK;

	for (const struct json *o = r->organizations ? r->organizations->child : NULL; rc == RC_OK && o; o = o->next) {
		rc = tell_account(r, tenant_id(o->key), tenant_name(r, o->key), NULL, e);
		if (rc == RC_OK)
			rc = add(r, tenant_id(o->key), "devices", "Devices", 0, "devices", false, e);
	}
	return rc;
}

/* A bucket that users share cannot be split among them: it is the tenant's. */
static enum rc read_buckets(struct reading *r, struct err *e)
{
	const struct json *list, *about;
	enum rc rc;

	if (!is(r->grouped_by, "tenants"))
		return RC_OK;
	rc = comet_call(r->client, &r->arena, "meta/version", version, &about, e);
	if (rc != RC_OK || !json_true(json_get(about, "StorageRole")))
		return rc == RC_DENIED ? RC_OK : rc;
	rc = comet_call(r->client, &r->arena, "storage/list-buckets", buckets, &list, e);
	for (const struct json *b = rc == RC_OK ? list->child : NULL; rc == RC_OK && b; b = b->next) {
		const char *tenant = member(b, "OrganizationID");

		rc = tell_account(r, tenant_id(tenant), tenant_name(r, tenant), NULL, e);
		if (rc == RC_OK)
			rc = add_bytes(
				r, tenant_id(tenant), "bucket", "Bucket storage", number(json_path(b, "Size/Size")), e);
	}
	return rc;
}

static enum rc cover(struct reading *r, struct err *e)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && i < r->accounts.room; i++) {
		if (r->accounts.slots[i].key)
			rc = r->sink->covered(r->sink->arg, r->accounts.slots[i].key, e);
	}
	return rc;
}

static enum rc read_users(struct reading *r, struct err *e)
{
	const struct json *users;
	int64_t done = 0;
	enum rc rc = comet_call(r->client, &r->arena, "list-users-full", profiles, &users, e);

	for (const struct json *u = rc == RC_OK ? users->child : NULL; rc == RC_OK && u; u = u->next) {
		rc = count_user(r, u, e);
		if (rc == RC_OK && ++done % 500 == 0)
			rc = r->sink->progress(r->sink->host, "counting users", done, users->count, e);
	}
	return rc;
}

static enum rc read_all(const struct pull_host *host, const struct json *settings, const struct pull_sink *sink,
	bool *ret_complete, struct err *e)
{
	struct comet_client client;
	struct reading r = { .client = &client,
		.sink = sink,
		.unit = json_text_or(json_get(settings, "storage_unit"), "GB"),
		.grouped_by = json_text_or(json_get(settings, "grouped_by"), "users") };
	enum rc rc = comet_open(host, settings, sink, &client, e);

	if (rc == RC_OK)
		rc = read_tenants(&r, e);
	if (rc == RC_OK)
		rc = tell_tenants(&r, e);
	if (rc == RC_OK)
		rc = read_users(&r, e);
	if (rc == RC_OK)
		rc = read_buckets(&r, e);
	if (rc == RC_OK)
		rc = tell_all(&r, e);
	if (rc == RC_OK)
		rc = cover(&r, e);
	*ret_complete = rc == RC_OK;
	comet_close(&client);
	arena_release(&r.arena);
	return rc;
}

static enum rc test(
	const struct pull_host *host, const struct json *settings, pull_check_fn check, void *arg, struct err *e)
{
	struct comet_client client;
	struct arena a = ARENA_INIT;
	struct err why = ERR_INIT;
	const struct json *about = NULL;
	enum rc rc = comet_open(host, settings, NULL, &client, e);

	if (rc == RC_OK) {
		bool in = comet_sign_in(&client, &why) == RC_OK, reads;

		check(arg, "The Comet Server accepts name and password", in, in ? "Signed in." : why.text);
		reads = in && comet_call(&client, &a, "meta/version", version, &about, &why) == RC_OK;
		if (in)
			check(arg, "The server says what it is", reads,
				reads ? arena_printf(
						&a, "Version %s.", json_text_or(json_get(about, "Version"), "unknown"))
				      : why.text);
		if (reads)
			check(arg, "It keeps the users (authentication role)",
				json_true(json_get(about, "AuthenticationRole")),
				"Users are read from the server that has the authentication role.");
	}
	comet_close(&client);
	arena_release(&a);
	return rc;
}

const struct pull_ops comet_pull = { test, read_all, NULL };

/* The catalogue: one row a vendor. Those that speak the push API need no code of ours. */
#include "vendor/catalogue.h"
#include "vendor/comet/comet.h"
#include "vendor/coro/coro.h"
#include "vendor/declared/declared.h"

#include <dirent.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static const struct vendor_setting no_settings[] = { { NULL } };

static const struct vendor catalogue[] = {
	{ "coro", "Coro", "Cyber security modules, counted by workspace.",
		"Cloud Security|Email Security|Endpoint Security|EDR", "billing", "https://secure.coro.net",
		"push|pull",
		"Fetched: in Coro, Control Panel, Connectors, API Credentials, make an API key and enter it here. "
		"Pushed, where "
		"the console lets you choose the address: Control Panel, Workspace, Connectors, PSA tab, Add "
		"connector, "
		"Gradient. Paste the token and the address of this server, and add it.",
		coro_settings, &coro_pull, "documentation" },
	{ "comet", "Comet Backup", "Backup of devices, servers and Microsoft 365, counted by user name or tenant.",
		"Devices|Office 365|Hyper-V|VMware|Disk Image|Microsoft SQL Server|Storage", "billing|alerts", NULL,
		"push|pull",
		"Fetched: in Comet Server, make an administrator for this who signs in by password alone, and enter "
		"the server's address, "
		"the name and the password here. Pushed: Settings, Integrations, PSA Services, Add. Paste the token, "
		"set the URL to the "
		"address of this server, save, and press Sync Now.",
		comet_settings, &comet_pull, "documentation" },
	{ "cipp", "CIPP", "Microsoft 365 licences of all tenants, from CIPP.", "Microsoft 365 licences",
		"billing|alerts", NULL, "push",
		"In CIPP: Settings, Extensions, Gradient. Enter the vendor key and the partner key, and the address of "
		"this server.",
		no_settings },
	{ "cloudradial", "CloudRadial", "Microsoft 365 licences, from CloudRadial.", "Microsoft 365 licences",
		"billing", NULL, "push", "In CloudRadial's settings of partner integrations: paste the token.",
		no_settings },
	{ "keeper", "Keeper Security", "Password management, counted as the average of daily use.",
		"Password management", "billing", NULL, "push",
		"In Keeper's admin console, PSA Billing Reconciliation: paste the token. Keeper publishes no form of "
		"usage that every MSP "
		"could fetch; who holds a key for distributors connects Keeper (distributor key).",
		no_settings },
	{ "mailprotector", "Mailprotector", "Email security.", "Email security", "billing|alerts", NULL, "push",
		"In Mailprotector's console, integrations: paste the token.", no_settings },
	{ "custom", "Custom", "Any vendor or script that sends counts with a token of its own.", "", "billing|alerts",
		NULL, "push",
		"Give the token (header Gradient-Token) and the address of this server to the vendor, or to your "
		"script.",
		no_settings },
};

/* ---- with the declared ones ---- */

enum { VENDORS_MAX = 512 };

static const struct vendor *all[VENDORS_MAX];
static size_t count;
static struct arena texts; /* of the program's life */
static pthread_once_t once = PTHREAD_ONCE_INIT;

static enum rc add(const struct vendor *v, struct err *e)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(all[i]->id, v->id) != 0)
			continue;
		if (!all[i]->declaration)
			return err_at(e, RC_INVALID, "/id",
				"The id \"%s\" is taken by a vendor that needs no declaration.", v->id);
		all[i] = v;
		return RC_OK;
	}
	if (count == VENDORS_MAX)
		return err_set(e, RC_INVALID, "There are more than %d vendors.", VENDORS_MAX);
	all[count++] = v;
	return RC_OK;
}

static void add_own(void)
{
	struct err e = ERR_INIT;

	for (size_t i = 0; i < ARRAY_LEN(catalogue); i++)
		all[count++] = &catalogue[i];
	for (const struct declared_text *t = declared_texts; t->name; t++) {
		const struct declared *d;

		if (declared_parse(&texts, t->text, t->len, &d, &e) != RC_OK || add(&d->vendor, &e) != RC_OK)
			BUG("vendors/%s at %s: %s", t->name, e.pointer, e.text);
	}
}

static int is_declaration(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return entry->d_name[0] != '.' && len > 5 && strcmp(entry->d_name + len - 5, ".json") == 0 &&
		strcmp(entry->d_name, "schema.json") != 0;
}

enum rc catalogue_load(
	const char *dir, void (*wrong)(void *arg, const char *file, const struct err *why), void *arg, struct err *e)
{
	struct dirent **list;
	int n = scandir(dir, &list, is_declaration, alphasort);

	pthread_once(&once, add_own);
	if (n < 0)
		return err_set(e, RC_NOT_FOUND, "The folder %s cannot be read: %m.", dir);
	for (int i = 0; i < n; i++) {
		char *path = arena_printf(&texts, "%s/%s", dir, list[i]->d_name);
		const struct declared *d;
		struct err why = ERR_INIT;

		if (declared_file(&texts, path, &d, &why) != RC_OK || add(&d->vendor, &why) != RC_OK)
			wrong(arg, path, &why);
		free(list[i]);
	}
	free(list);
	return RC_OK;
}

const struct vendor *vendor_find(const char *id)
{
	pthread_once(&once, add_own);
	for (size_t i = 0; i < count; i++) {
		if (strcmp(all[i]->id, id) == 0)
			return all[i];
	}
	return NULL;
}

const struct vendor *vendor_at(size_t i)
{
	pthread_once(&once, add_own);
	return i < count ? all[i] : NULL;
}

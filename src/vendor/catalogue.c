/* The catalogue: one row a vendor. Those that speak the push API need no code of ours. */
#include "vendor/catalogue.h"
#include "vendor/coro/coro.h"

#include <string.h>

static const struct vendor_setting no_settings[] = { { NULL } };

static const struct vendor catalogue[] = {
	{ "coro", "Coro", "Cyber security modules, counted by workspace.",
		"Cloud Security|Email Security|Endpoint Security|EDR", "billing", "https://secure.coro.net", "push|pull",
		"Fetched: in Coro, Control Panel, Connectors, API Credentials, make an API key and enter it here. Pushed, where "
		"the console lets you choose the address: Control Panel, Workspace, Connectors, PSA tab, Add connector, "
		"Gradient. Paste the token and the address of this server, and add it.",
		coro_settings, &coro_pull },
	{ "comet", "Comet Backup", "Backup of devices, servers and Microsoft 365, counted by user name.",
		"Devices|Office 365|Hyper-V|VMware|Disk Image|Microsoft SQL Server|Storage", "billing|alerts", NULL,
		"push",
		"In Comet Server: Settings, Integrations, PSA Services, Add. Paste the token, set the URL to the "
		"address "
		"of this server, save, and press Sync Now.",
		no_settings },
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
		"In Keeper's admin console, PSA Billing Reconciliation: paste the token.", no_settings },
	{ "mailprotector", "Mailprotector", "Email security.", "Email security", "billing|alerts", NULL, "push",
		"In Mailprotector's console, integrations: paste the token.", no_settings },
	{ "custom", "Custom", "Any vendor or script that sends counts with a token of its own.", "", "billing|alerts",
		NULL, "push",
		"Give the token (header Gradient-Token) and the address of this server to the vendor, or to your "
		"script.",
		no_settings },
};

const struct vendor *vendor_find(const char *id)
{
	for (size_t i = 0; i < ARRAY_LEN(catalogue); i++) {
		if (strcmp(catalogue[i].id, id) == 0)
			return &catalogue[i];
	}
	return NULL;
}

const struct vendor *vendor_at(size_t i)
{
	return i < ARRAY_LEN(catalogue) ? &catalogue[i] : NULL;
}

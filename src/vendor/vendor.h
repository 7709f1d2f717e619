/* vendor.h - what Trueup knows of a vendor before anything is connected: a row of the catalogue. */
#ifndef VENDOR_VENDOR_H
#define VENDOR_VENDOR_H

#include "vendor/pull.h"

/* What a person fills in to connect. A vendor that pushes has none. */
struct vendor_setting {
	const char *name, *label, *type;	/* type: text, url, password, number, date, bool, choice */
	bool secret, required;
	const char *fallback, *help;
	const char *choices;			/* of a choice: "us|eu"; NULL = any */
};

struct vendor {
	const char *id, *name, *description;
	const char *products;			/* "Cloud Security|EDR"; "" when any */
	const char *modules;			/* what it can report: "billing" or "billing|alerts" */
	const char *portal_url;			/* where its own console is, or NULL */
	const char *connects; /* "push": it sends to us with a token that we issue; "pull": we fetch with
						 * its credentials; "push|pull": either, by whether settings are given */
	const char *how;			/* the steps on the vendor's side, for a person */
	const struct vendor_setting *settings;	/* ends with name == NULL */
	const struct pull_ops *pull;		/* NULL when it only pushes */
	const char *verified; /* "documentation": built by what the vendor publishes; "live": seen to work with
						 * a real tenant; NULL: nothing of ours to verify, it pushes */
	const void *declaration;		/* of a declared vendor, NULL of others */
};

#endif

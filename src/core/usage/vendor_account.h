/* vendor_account.h - a customer of the MSP as a vendor knows it. Names belong to one integration. */
#ifndef CORE_VENDOR_ACCOUNT_H
#define CORE_VENDOR_ACCOUNT_H

#include "base/json.h"
#include "db/db.h"

enum { VENDOR_ID_MAX = 256, VENDOR_NAME_MAX = 512, VENDOR_TEXT_MAX = 4000 };	/* bytes */

struct vendor_account {
	const char *id;			/* ours */
	const char *vendor_id;		/* as the vendor spells it, byte for byte */
	const char *name, *description;
	bool is_active, is_arrears;
	const char *mapping;		/* unmapped, mapped, excluded */
	const char *mapping_id;		/* NULL unless mapped */
	const char *psa_account;	/* NULL unless mapped */
};

/* What a vendor says; NULL (or -1) leaves as it is, or means the default of a new one. */
struct vendor_account_put {
	const char *vendor_id, *name, *description;
	int is_active, is_arrears;	/* 1, 0, -1 */
};

/* Makes the account, or refreshes the one of that vendor_id and keeps its mapping. Gives it back as it is now. */
enum rc vendor_account_put(struct tx *tx, struct arena *a, const char *org, const char *integration,
	const struct vendor_account_put *p, struct vendor_account *ret, struct err *e) MUST_CHECK;
/* Changes what is given; another vendor_id renames it. RC_CONFLICT: that one is taken. Gives it back as it is now. */
enum rc vendor_account_change(struct tx *tx, struct arena *a, const char *org, const char *integration,
	const struct vendor_account *old, const struct vendor_account_put *p, struct vendor_account *ret,
	struct err *e) MUST_CHECK;
/* By our id. RC_NOT_FOUND. */
enum rc vendor_account_get(struct tx *tx, struct arena *a, const char *org, const char *integration, const char *id,
	struct vendor_account *ret, struct err *e) MUST_CHECK;
/* By the vendor's id: exact, otherwise in another letter case when only one fits. RC_NOT_FOUND. */
enum rc vendor_account_find(struct tx *tx, struct arena *a, const char *org, const char *integration,
	const char *vendor_id, struct vendor_account *ret, struct err *e) MUST_CHECK;
/* The one that is mapped to a PSA account (the first by name when several are). RC_NOT_FOUND. */
enum rc vendor_account_of_psa(struct tx *tx, struct arena *a, const char *org, const char *integration,
	const char *psa_account, struct vendor_account *ret, struct err *e) MUST_CHECK;
/* All of an integration by name; `fn` returning other than RC_OK ends it. Texts are valid during the call. */
enum rc vendor_account_each(struct tx *tx, const char *org, const char *integration,
	enum rc (*fn)(void *arg, const struct vendor_account *a, struct err *e), void *arg, struct err *e) MUST_CHECK;

#endif

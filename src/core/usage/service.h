/* service.h - what a vendor counts. Kind 'vendor': our id is its name on the wire, and names are unique. Kind
 * 'organization': the vendor chooses an id. */
#ifndef CORE_SERVICE_H
#define CORE_SERVICE_H

#include "base/json.h"
#include "db/db.h"

#define SERVICE_VENDOR "vendor"
#define SERVICE_ORGANIZATION "organization"

struct service {
	const char *id;			/* ours */
	const char *kind;
	const char *vendor_id;		/* kind vendor: the same as id */
	const char *name, *description;
	const char *category, *subcategory, *support_article, *support_contact;	/* may be NULL */
	bool is_active, is_arrears;
	const char *mapping, *mapping_id;	/* as of a vendor_account */
};

/* What a vendor says; NULL (or -1) leaves as it is, or means the default of a new one. */
struct service_put {
	const char *vendor_id;		/* kind organization only */
	const char *name, *description;
	const char *category, *subcategory, *support_article, *support_contact;
	int is_active, is_arrears;	/* 1, 0, -1 */
	const char *unit_basis;		/* what it counts: users, devices, or NULL; kind organization only */
};

/* Makes a service of kind vendor unless one of that name (blanks and letter case apart) is there. */
enum rc service_put_vendor(struct tx *tx, struct arena *a, const char *org, const char *integration,
	const struct service_put *p, const char **ret_id, struct err *e) MUST_CHECK;
/* Makes a service of kind organization, or refreshes the one of that vendor_id. Gives it back as it is now. */
enum rc service_put_organization(struct tx *tx, struct arena *a, const char *org, const char *integration,
	const struct service_put *p, struct service *ret, struct err *e) MUST_CHECK;
/* Changes what is given; another vendor_id renames it. RC_CONFLICT: that id or name is taken. */
enum rc service_change(struct tx *tx, struct arena *a, const char *org, const char *integration,
	const struct service *old, const struct service_put *p, struct service *ret, struct err *e) MUST_CHECK;
/* By our id. RC_NOT_FOUND. */
enum rc service_get(struct tx *tx, struct arena *a, const char *org, const char *integration, const char *id,
	struct service *ret, struct err *e) MUST_CHECK;
/* By our id, or the vendor's: exact, otherwise in another letter case when only one fits. RC_NOT_FOUND. */
enum rc service_find(struct tx *tx, struct arena *a, const char *org, const char *integration, const char *ref,
	struct service *ret, struct err *e) MUST_CHECK;
/* All of one kind ("" = both) in the order they were made; as vendor_account_each(). */
enum rc service_each(struct tx *tx, const char *org, const char *integration, const char *kind,
	enum rc (*fn)(void *arg, const struct service *s, struct err *e), void *arg, struct err *e) MUST_CHECK;

/* The words of the vendor API; each list ends with NULL. */
extern const char *const service_categories[], *const service_subcategories[];
/* True when the word is in the list, letter for letter. */
bool service_word(const char *const *list, const char *word);

#endif

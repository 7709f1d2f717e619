#include "core/usage/service.h"

#include "base/rand.h"
#include "base/text.h"
#include "core/mapping/map.h"

#include <string.h>

const char *const service_categories[] = { "security", "backup", "productivity", "infrastructure", "service delivery",
	"consulting", "other", NULL };

const char *const service_subcategories[] = {
	"endpoint detection and response (EDR)",
	"email security",
	"virtual private network services (VPN)",
	"DNS filtering",
	"dark web monitoring",
	"password management",
	"single sign on (SSO)",
	"priviledged access and identity management (PAM/PIM)",
	"security information and event management (SIEM)",
	"mobile device management (MDM)",
	"application security",
	"mobile application management (MAM)",
	"multi factor authentication (MFA)",
	"cloud backup",
	"local backup",
	"desktop backup",
	"data archiving",
	"physical offsite storage",
	"business continuity",
	"hosted email",
	"video conferencing",
	"voice over IP services (VOIP)",
	"line of business application support",
	"unified communications as a service (UCaaS)",
	"customer relationship management",
	"cloud storage",
	"website hosting",
	"hardware as a service (HaaS)",
	"managed print services",
	"virtual desktop infrastructure (VDI)",
	"virtual server hosting",
	"infrastructure as a service (IaaS)",
	"end user support",
	"server management and support",
	"network management and support",
	"printer management and support",
	"desktop management and support",
	"hosted security operations centre (SOC)",
	"software development",
	"penetration testing",
	"project services",
	"governance and compliance",
	"business intelligence services / analytics",
	"phishing simulation",
	"privacy and security awareness training",
	"other",
	NULL,
};

bool service_word(const char *const *list, const char *word)
{
	for (; *list; list++) {
		if (strcmp(*list, word) == 0)
			return true;
	}
	return false;
}

static enum rc unknown(struct err *e, const char *id)
{
	return err_set(e, RC_NOT_FOUND, "No service found with id: %s", id);
}

static void read_row(struct rows *r, struct arena *a, struct service *ret)
{
	ret->id = rows_dup(r, a, 0);
	ret->kind = rows_dup(r, a, 1);
	ret->vendor_id = rows_dup(r, a, 2);
	ret->name = rows_dup(r, a, 3);
	ret->description = rows_dup(r, a, 4);
	ret->category = rows_dup(r, a, 5);
	ret->subcategory = rows_dup(r, a, 6);
	ret->support_article = rows_dup(r, a, 7);
	ret->support_contact = rows_dup(r, a, 8);
	ret->is_active = rows_int(r, 9) != 0;
	ret->is_arrears = rows_int(r, 10) != 0;
	ret->mapping = rows_dup(r, a, 11);
	ret->mapping_id = rows_dup(r, a, 12);
}

/* Ends a query of at most one service; `id` is for the words when there is none. */
static enum rc read_one(struct rows *r, struct arena *a, const char *id, struct service *ret, struct err *e)
{
	enum rc rc;

	memset(ret, 0, sizeof(*ret));
	if (rows_next(r))
		read_row(r, a, ret);
	rc = rows_end(r, e);
	return rc == RC_OK && !ret->id ? unknown(e, id) : rc;
}

static const char *trimmed(struct arena *a, const char *name)
{
	size_t len;

	name += strspn(name, " \t\r\n");
	for (len = strlen(name); len && strchr(" \t\r\n", name[len - 1]); len--)
		;
	return text_case(a, arena_strndup(a, name, len));
}

/* The service of kind vendor with this name, blanks at the ends and letter case apart; NULL when none. */
static enum rc find_named(struct tx *tx, struct arena *a, const char *org, const char *integration, const char *name,
	const char **ret_id, struct err *e)
{
	const char *want = trimmed(a, name);
	struct rows r;

	*ret_id = NULL;
	sql_query(tx, &r, SQL_SERVICE_NAMED, "ttt", org, integration, text_fold(a, name));
	while (rows_next(&r)) {
		if (!*ret_id && strcmp(trimmed(a, rows_text(&r, 3)), want) == 0)
			*ret_id = rows_dup(&r, a, 0);
	}
	return rows_end(&r, e);
}

enum rc service_put_vendor(struct tx *tx, struct arena *a, const char *org, const char *integration,
	const struct service_put *p, const char **ret_id, struct err *e)
{
	enum rc rc = find_named(tx, a, org, integration, p->name, ret_id, e);
	int64_t mapped;

	if (rc != RC_OK || *ret_id)
		return rc;
	*ret_id = id_make(a);
	rc = sql_exec(tx, e, SQL_SERVICE_INSERT, "tttttttttti", org, *ret_id, integration, p->name,
		text_fold(a, p->name), p->description ? p->description : "", p->category, p->subcategory,
		p->support_article, p->support_contact, clock_now());
	return rc == RC_OK ? map_auto_services(tx, org, integration, *ret_id, &mapped, e) : rc;
}

static const int64_t *flag(int given, int64_t *place)
{
	*place = given;
	return given < 0 ? NULL : place;
}

enum rc service_put_organization(struct tx *tx, struct arena *a, const char *org, const char *integration,
	const struct service_put *p, struct service *ret, struct err *e)
{
	int64_t active, arrears, mapped = 0;
	struct rows r;
	enum rc rc;

	sql_query(tx, &r, SQL_SERVICE_PUT, "ttttttttIIit", org, id_make(a), integration, p->vendor_id,
		text_case(a, p->vendor_id), p->name, text_fold(a, p->name), p->description, flag(p->is_active, &active),
		flag(p->is_arrears, &arrears), clock_now(), p->unit_basis);
	rc = read_one(&r, a, p->vendor_id, ret, e);
	if (rc == RC_OK && strcmp(ret->mapping, "unmapped") == 0)
		rc = map_auto_services(tx, org, integration, ret->id, &mapped, e);
	return rc == RC_OK && mapped ? service_get(tx, a, org, integration, ret->id, ret, e) : rc;
}

static enum rc check_taken(struct tx *tx, struct arena *a, const char *org, const char *integration,
	const struct service *old, const struct service_put *p, struct err *e)
{
	bool vendor = strcmp(old->kind, SERVICE_VENDOR) == 0;
	struct service other;
	const char *id;
	struct rows r;

	if (vendor && p->name) {
		if (find_named(tx, a, org, integration, p->name, &id, e) != RC_OK)
			return e->rc;
		if (id && strcmp(id, old->id) != 0)
			return err_set(e, RC_CONFLICT, "A service named %s exists already", p->name);
	}
	if (vendor || !p->vendor_id || strcmp(p->vendor_id, old->vendor_id) == 0)
		return RC_OK;
	sql_query(tx, &r, SQL_SERVICE_EXACT, "ttt", org, integration, p->vendor_id);
	if (read_one(&r, a, p->vendor_id, &other, e) == RC_OK)
		return err_set(e, RC_CONFLICT, "A service with id %s exists already", p->vendor_id);
	return e->rc == RC_NOT_FOUND ? RC_OK : e->rc;
}

static const char * or (const char *given, const char *old)
{
	return given ? given : old;
}

enum rc service_change(struct tx *tx, struct arena *a, const char *org, const char *integration,
	const struct service *old, const struct service_put *p, struct service *ret, struct err *e)
{
	bool vendor = strcmp(old->kind, SERVICE_VENDOR) == 0;
	const char *vendor_id = vendor ? old->vendor_id : or (p->vendor_id, old->vendor_id);
	const char *name = or (p->name, old->name);
	struct rows r;
	enum rc rc = check_taken(tx, a, org, integration, old, p, e);

	if (rc != RC_OK)
		return rc;
	sql_query(tx, &r, SQL_SERVICE_CHANGE, "tttttttttttbbi", org, old->id, vendor_id, text_case(a, vendor_id), name,
		text_fold(a, name), or (p->description, old->description), or (p->category, old->category),
		or (p->subcategory, old->subcategory), or (p->support_article, old->support_article),
		or (p->support_contact, old->support_contact), p->is_active < 0 ? old->is_active : p->is_active,
		p->is_arrears < 0 ? old->is_arrears : p->is_arrears, clock_now());
	return read_one(&r, a, old->id, ret, e);
}

enum rc service_get(struct tx *tx, struct arena *a, const char *org, const char *integration, const char *id,
	struct service *ret, struct err *e)
{
	struct rows r;

	sql_query(tx, &r, SQL_SERVICE_GET, "ttt", org, integration, id);
	return read_one(&r, a, id, ret, e);
}

/* The only service of that id in any letter case. */
static enum rc find_folded(struct tx *tx, struct arena *a, const char *org, const char *integration, const char *ref,
	struct service *ret, struct err *e)
{
	struct rows r;
	int count = 0;
	enum rc rc;

	sql_query(tx, &r, SQL_SERVICE_FOLDED, "ttt", org, integration, text_case(a, ref));
	while (rows_next(&r)) {
		count++;
		read_row(&r, a, ret);
	}
	rc = rows_end(&r, e);
	return rc == RC_OK && count != 1 ? unknown(e, ref) : rc;
}

enum rc service_find(struct tx *tx, struct arena *a, const char *org, const char *integration, const char *ref,
	struct service *ret, struct err *e)
{
	struct rows r;
	enum rc rc = service_get(tx, a, org, integration, ref, ret, e);

	if (rc == RC_NOT_FOUND) {
		sql_query(tx, &r, SQL_SERVICE_EXACT, "ttt", org, integration, ref);
		rc = read_one(&r, a, ref, ret, e);
	}
	return rc == RC_NOT_FOUND ? find_folded(tx, a, org, integration, ref, ret, e) : rc;
}

enum rc service_each(struct tx *tx, const char *org, const char *integration, const char *kind,
	enum rc (*fn)(void *arg, const struct service *s, struct err *e), void *arg, struct err *e)
{
	struct rows r;
	enum rc rc = RC_OK, end;

	sql_query(tx, &r, SQL_SERVICE_EACH, "ttt", org, integration, kind);
	while (rc == RC_OK && rows_next(&r)) {
		AUTO(arena) a = ARENA_INIT;
		struct service service;

		read_row(&r, &a, &service);
		rc = fn(arg, &service, e);
	}
	end = rows_end(&r, rc == RC_OK ? e : NULL);
	return rc == RC_OK ? end : rc;
}

#include "core/people/setup.h"

#include "core/audit.h"
#include "core/people/link.h"
#include "core/people/org.h"
#include "core/people/user.h"

#include <string.h>

static enum rc check_link(struct tx *tx, const char *token, struct err *e)
{
	struct link link;
	enum rc rc = link_look(tx, tx_arena(tx), token, &link, e);

	if (rc == RC_OK && strcmp(link.kind, LINK_SETUP) != 0)
		return err_at(e, RC_DENIED, "/token", "This link is not the one that sets the server up.");
	return rc == RC_OK ? link_use(tx, token, e) : rc;
}

static enum rc check_first(struct tx *tx, struct err *e)
{
	struct org *list;
	size_t count;
	enum rc rc = org_list(tx, tx_arena(tx), &list, &count, e);

	if (rc == RC_OK && count)
		return err_set(e, RC_CONFLICT,
			"This server is set up already, for %s. Sign in, or ask its administrator for an invitation.",
			list[0].name);
	return rc;
}

static const char *after_text(struct arena *a, const struct setup *s)
{
	AUTO(buf) b = BUF_INIT(64 * 1024);
	struct jsonw w;

	jsonw_init(&w, &b, 0);
	jsonw_object(&w);
	jsonw_kv(&w, "organization", s->organization);
	jsonw_kv(&w, "administrator", s->email);
	jsonw_end_object(&w);
	return arena_strdup(a, buf_text(&b));
}

enum rc setup_run(struct tx *tx, const struct setup *s, const char **ret_org, const char **ret_user, struct err *e)
{
	struct principal who = { .name = s->email, .role = ROLE_ADMIN };
	struct audit_entry entry = {
		.event = "organization.created", .object = "organization", .request_id = s->request_id
	};
	enum rc rc = tx_lock_org(tx, "", e);

	if (rc == RC_OK)
		rc = check_first(tx, e);
	if (rc == RC_OK && s->token)
		rc = check_link(tx, s->token, e);
	if (rc == RC_OK)
		rc = org_create(tx, s->organization, s->currency, ret_org, e);
	if (rc == RC_OK)
		rc = user_create(tx, *ret_org, s->email, s->name, ROLE_ADMIN, s->password_hash, ret_user, e);
	if (rc != RC_OK)
		return rc;
	who.org = *ret_org;
	who.id = *ret_user;
	entry.after = after_text(tx_arena(tx), s);
	return audit_append(tx, &who, &entry, e);
}

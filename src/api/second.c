/* One's own second factor: set up, confirm, remove; and an administrator's way to remove a lost one. */
#include "core/people/second.h"
#include "api/app.h"
#include "api/routes.h"
#include "core/people/passkey.h"
#include "core/people/user.h"

#include <qrencode.h>

static enum rc only_people(struct call *c, struct err *e)
{
	if (c->who.is_token)
		return err_set(e, RC_INVALID, "A token has no second factor. Sign in as the user whose it is.");
	return RC_OK;
}

static enum rc get_second(struct call *c, struct err *e)
{
	struct second s;
	bool overdue;
	enum rc rc = only_people(c, e);

	if (rc == RC_OK)
		rc = second_state(c->tx, c->who.org, c->who.id, &s, e);
	if (rc == RC_OK)
		rc = second_overdue(c->tx, &c->who, &overdue, e);
	if (rc != RC_OK)
		return rc;
	jsonw_object(&c->out);
	jsonw_kv_bool(&c->out, "on", s.on);
	jsonw_kv_bool(&c->out, "pending", s.pending);
	jsonw_kv_int(&c->out, "recovery_codes_left", s.codes_left);
	jsonw_kv_bool(&c->out, "overdue", overdue);
	jsonw_end_object(&c->out);
	return RC_OK;
}

/* The picture for the app's camera: a text of 0 and 1 for each row. */
static void write_picture(struct jsonw *w, const char *text)
{
	QRcode *qr = QRcode_encodeString(text, 0, QR_ECLEVEL_M, QR_MODE_8, 1);
	char row[200];

	jsonw_key(w, "qr");
	jsonw_array(w);
	for (int y = 0; qr && y < qr->width && qr->width < (int)sizeof(row); y++) {
		for (int x = 0; x < qr->width; x++)
			row[x] = qr->data[y * qr->width + x] & 1 ? '1' : '0';
		jsonw_stringn(w, row, (size_t)qr->width);
	}
	jsonw_end_array(w);
	QRcode_free(qr);
}

static enum rc post_second(struct call *c, struct err *e)
{
	const char *secret, *uri;
	enum rc rc = only_people(c, e);

	if (rc == RC_OK)
		rc = tx_lock_org(c->tx, c->who.org, e);
	if (rc == RC_OK)
		rc = second_begin(c->tx, c->app->vault, c->who.org, c->who.id, c->who.name, &secret, &uri, e);
	if (rc != RC_OK)
		return rc;
	c->audit_object = arena_printf(c->arena, "user %s", c->who.id);
	jsonw_object(&c->out);
	jsonw_kv(&c->out, "secret", secret);
	jsonw_kv(&c->out, "uri", uri);
	write_picture(&c->out, uri);
	jsonw_end_object(&c->out);
	return RC_OK;
}

static enum rc put_second(struct call *c, struct err *e)
{
	const char *codes[RECOVERY_CODES];
	enum rc rc = only_people(c, e);

	if (rc == RC_OK)
		rc = tx_lock_org(c->tx, c->who.org, e);
	if (rc == RC_OK)
		rc = second_confirm(c->tx, c->app->vault, c->who.org, c->who.id, call_text(c, "code"), codes, e);
	if (rc != RC_OK)
		return rc;
	c->audit_object = arena_printf(c->arena, "user %s", c->who.id);
	jsonw_object(&c->out);
	jsonw_key(&c->out, "recovery_codes");
	jsonw_array(&c->out);
	for (size_t i = 0; i < RECOVERY_CODES; i++)
		jsonw_string(&c->out, codes[i]);
	jsonw_end_array(&c->out);
	jsonw_end_object(&c->out);
	return RC_OK;
}

static enum rc post_remove(struct call *c, struct err *e)
{
	enum rc rc = only_people(c, e);

	if (rc == RC_OK)
		rc = tx_lock_org(c->tx, c->who.org, e);
	if (rc == RC_OK)
		rc = second_check(c->tx, c->app->vault, c->who.org, c->who.id, call_text(c, "code"), e);
	/* The session is good; what is wrong is a member of the body. */
	if (rc == RC_UNAUTHORIZED)
		return err_at(e, RC_INVALID, "/code", "The code does not fit, or was used already.");
	c->audit_object = arena_printf(c->arena, "user %s", c->who.id);
	return rc == RC_OK ? second_remove(c->tx, c->who.org, c->who.id, e) : rc;
}

static enum rc delete_others(struct call *c, struct err *e)
{
	const char *id = call_param(c, 0);
	struct user user;
	enum rc rc = tx_lock_org(c->tx, c->who.org, e);

	if (rc == RC_OK)
		rc = user_get(c->tx, c->arena, c->who.org, id, &user, e);
	c->audit_object = arena_printf(c->arena, "user %s", id);
	if (rc == RC_OK)
		rc = second_remove(c->tx, c->who.org, id, e);
	return rc == RC_OK ? passkey_remove(c->tx, c->who.org, id, NULL, e) : rc;
}

static const struct field code_body[] = {
	{ "code", F_TEXT, .required = true, .max = 40, .help = "of the app, or a recovery code" }, { NULL }
};

const struct route second_routes[] = {
	{ "GET", "/api/v1/me/second-factor", ROUTE_READ, ROLE_VIEWER, 200, get_second, .rate = RATE_APP,
		.before_second = true,
		.summary = "Whether one's own second factor is on, and how many recovery codes are left" },
	{ "POST", "/api/v1/me/second-factor", ROUTE_WRITE, ROLE_VIEWER, 201, post_second,
		.event = "second_factor.begun", .rate = RATE_SIGNIN, .before_second = true,
		.summary = "Begin to set up: the secret, shown once" },
	{ "PUT", "/api/v1/me/second-factor", ROUTE_WRITE, ROLE_VIEWER, 200, put_second, code_body,
		.event = "second_factor.on", .rate = RATE_SIGNIN, .before_second = true,
		.summary = "Put it in force with a code of the app; answers with the recovery codes, shown once" },
	{ "POST", "/api/v1/me/second-factor/remove", ROUTE_WRITE, ROLE_VIEWER, 204, post_remove, code_body,
		.event = "second_factor.removed", .rate = RATE_SIGNIN, .summary = "Remove one's own, with a code" },
	{ "DELETE", "/api/v1/users/{id}/second-factor", ROUTE_WRITE, ROLE_ADMIN, 204, delete_others,
		.event = "second_factor.removed", .rate = RATE_APP,
		.summary = "Remove a user's, and all passkeys, when the telephone is lost" },
	{ NULL },
};

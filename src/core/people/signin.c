#include "core/people/signin.h"

#include "base/codec.h"
#include "base/text.h"
#include "core/audit.h"
#include "core/people/link.h"
#include "core/people/org.h"
#include "core/people/password.h"
#include "core/people/second.h"
#include "core/people/session.h"

#include <arpa/inet.h>
#include <sodium.h>
#include <string.h>

/* How a count of failures slows the next try. */
struct brake {
	int64_t free; /* failures without a wait */
	int64_t ceiling; /* longest wait, seconds; the wait doubles from two seconds on */
	utime forget; /* after this long without a failure the count starts again */
};

static const struct brake account_brake = { 5, 3600, CLOCK_DAY };
static const struct brake address_brake = { 30, 900, 3600 * CLOCK_SECOND };

struct tries {
	int64_t failures;
	utime last, open;
};

static enum rc read_tries(struct tx *tx, const char *subject, const struct brake *b, struct tries *ret, struct err *e)
{
	struct rows r;
	enum rc rc;

	memset(ret, 0, sizeof(*ret));
	sql_query(tx, &r, SQL_SIGNIN_GET, "t", subject);
	if (rows_next(&r)) {
		ret->failures = rows_int(&r, 0);
		ret->last = rows_int(&r, 1);
		ret->open = rows_int(&r, 2);
	}
	rc = rows_end(&r, e);
	if (ret->last + b->forget < clock_now())
		memset(ret, 0, sizeof(*ret));
	/* A wait that was begun by a clock that was ahead is over; what was counted stays. */
	if (ret->last > clock_now())
		ret->open = ret->last = clock_now();
	return rc;
}

static utime wait_after(const struct brake *b, int64_t failures)
{
	int64_t over = failures - b->free;
	int64_t seconds = over <= 0 ? 0 : over > 20 ? b->ceiling : INT64_C(1) << over;

	return (seconds < b->ceiling ? seconds : b->ceiling) * CLOCK_SECOND;
}

static enum rc put_tries(struct tx *tx, const char *subject, int64_t failures, utime wait, struct err *e)
{
	utime now = clock_now();

	return sql_exec(tx, e, SQL_SIGNIN_PUT, "tiii", subject, failures, now, now + wait);
}

/* Counts the try as failed before it is made, so that tries side by side do not pass the brake together. */
static enum rc enter(struct tx *tx, const char *subject, const struct brake *b, struct err *e)
{
	utime now = clock_now();
	struct tries t;
	enum rc rc = read_tries(tx, subject, b, &t, e);

	if (rc != RC_OK)
		return rc;
	if (t.open > now) {
		int seconds = (int)((t.open - now + CLOCK_SECOND - 1) / CLOCK_SECOND);

		err_set(e, RC_BUSY, "Too many wrong tries. The next one is possible in %d seconds.", seconds);
		if (e)
			e->retry_after = seconds;
		return RC_BUSY;
	}
	return put_tries(tx, subject, t.failures + 1, wait_after(b, t.failures + 1), e);
}

/* Takes back what enter() counted: the try was right. */
static enum rc leave(struct tx *tx, const char *subject, const struct brake *b, struct err *e)
{
	struct tries t;
	enum rc rc = read_tries(tx, subject, b, &t, e);

	return rc == RC_OK ? put_tries(tx, subject, t.failures > 1 ? t.failures - 1 : 0, 0, e) : rc;
}

/* IPv6 by its /64, which is what one household gets; a mapped address counts as its IPv4. */
static char *address_subject(struct arena *a, const char *remote)
{
	struct in6_addr six;
	char hex[17];

	if (inet_pton(AF_INET6, remote, &six) != 1)
		return arena_printf(a, "address %s", remote);
	if (IN6_IS_ADDR_V4MAPPED(&six))
		return arena_printf(
			a, "address %d.%d.%d.%d", six.s6_addr[12], six.s6_addr[13], six.s6_addr[14], six.s6_addr[15]);
	hex_encode(six.s6_addr, 8, hex);
	return arena_printf(a, "address %s/64", hex);
}

/* The mark of a browser in which this user signed in: keyed by the password's hash, so that it ends with the password.
 * It opens nothing: it only counts such a browser's failures apart from those of strangers. */
static char *device_mark(struct arena *a, const struct user *u)
{
	unsigned char key[crypto_auth_KEYBYTES], mark[crypto_auth_BYTES];
	char *text = arena_printf(a, "trueup device|%s|%s", u->org, u->id);
	char hex[2 * sizeof(mark) + 1];

	crypto_generichash(
		key, sizeof(key), (const unsigned char *)u->password_hash, strlen(u->password_hash), NULL, 0);
	crypto_auth(mark, (const unsigned char *)text, strlen(text), key);
	hex_encode(mark, sizeof(mark), hex);
	return arena_strdup(a, hex);
}

struct attempt {
	const struct signin *in;
	struct arena *arena;
	struct user user; /* all zero when nobody has the address */
	const char *account, *address;
	const char *new_hash; /* the password under today's parameters; NULL: leave */
	struct signed_in *ret;
};

static const char *account_subject(struct attempt *t)
{
	struct arena *a = t->arena;
	char *fold = email_fold(a, t->in->email);
	char hash[HASH_TEXT];

	if (t->user.password_hash && t->in->device && same_secret(t->in->device, device_mark(a, &t->user)))
		return arena_printf(a, "device %s", t->user.id);
	hash_hex(fold, strlen(fold), hash);
	return arena_printf(a, "account %s", hash);
}

static enum rc enter_fn(struct tx *tx, void *arg, struct err *e)
{
	struct attempt *t = arg;
	enum rc rc = tx_lock_org(tx, "", e);

	if (rc == RC_OK)
		rc = user_find(tx, t->arena, t->in->email, &t->user, e);
	if (rc != RC_OK && rc != RC_NOT_FOUND)
		return rc;
	t->account = account_subject(t);
	t->address = address_subject(t->arena, t->in->remote);
	rc = enter(tx, t->address, &address_brake, e);
	return rc == RC_OK ? enter(tx, t->account, &account_brake, e) : rc;
}

/* The part of signing in that all ways share: `user` is allowed in. `via` NULL: by what this server asked for. */
static enum rc begin(struct tx *tx, struct arena *a, const struct user *user, const char *how, const char *via,
	const char *request_id, struct signed_in *ret, struct err *e)
{
	struct principal who = { .org = user->org, .id = user->id, .name = user->email, .role = user->role };
	struct audit_entry entry = { .event = how, .object = "session", .request_id = request_id };
	const char *cookie;
	struct org org;
	enum rc rc = org_get(tx, a, user->org, &org, e);

	if (rc == RC_OK)
		rc = session_begin(tx, user->org, user->id, via, &cookie, e);
	if (rc == RC_OK)
		rc = audit_append(tx, &who, &entry, e);
	if (rc != RC_OK)
		return rc;
	ret->user = *user;
	ret->org_name = org.name;
	ret->currency = org.currency;
	ret->cookie = arena_strdup(a, cookie);
	ret->device = user->password_hash ? device_mark(a, user) : NULL;
	return RC_OK;
}

static enum rc disabled(const struct user *u, struct err *e)
{
	if (u->disabled_at)
		return err_set(e, RC_DENIED, "This user is disabled. Ask an administrator of your organization.");
	return RC_OK;
}

static enum rc begin_fn(struct tx *tx, void *arg, struct err *e)
{
	struct attempt *t = arg;
	struct user now;
	enum rc rc = tx_lock_org(tx, "", e);

	if (rc == RC_OK)
		rc = leave(tx, t->address, &address_brake, e);
	if (rc == RC_OK)
		rc = put_tries(tx, t->account, 0, 0, e);
	if (rc == RC_OK)
		rc = user_get(tx, t->arena, t->user.org, t->user.id, &now, e);
	if (rc == RC_OK && !text_same(now.password_hash, t->user.password_hash))
		rc = err_set(e, RC_UNAUTHORIZED, "The password was changed just now. Sign in with the new one.");
	if (rc == RC_OK)
		rc = disabled(&now, e);
	if (rc == RC_OK)
		rc = second_check(tx, t->in->vault, now.org, now.id, t->in->code, e);
	if (rc == RC_OK && t->in->old_key)
		rc = session_end(tx, now.org, t->in->old_key, e);
	if (rc == RC_OK && t->new_hash) {
		rc = sql_exec(tx, e, SQL_USER_PASSWORD, "ttt", now.org, now.id, t->new_hash);
		now.password_hash = t->new_hash;
	}
	return rc == RC_OK ? begin(tx, t->arena, &now, "session.begin", NULL, t->in->request_id, t->ret, e) : rc;
}

/* Nobody looked at the password: the try was none. */
static enum rc unseen_fn(struct tx *tx, void *arg, struct err *e)
{
	struct attempt *t = arg;
	enum rc rc = tx_lock_org(tx, "", e);

	if (rc == RC_OK)
		rc = leave(tx, t->address, &address_brake, e);
	return rc == RC_OK ? leave(tx, t->account, &account_brake, e) : rc;
}

enum rc signin_password(struct db *db, struct arena *a, const struct signin *s, struct signed_in *ret, struct err *e)
{
	struct attempt t = { .in = s, .arena = a, .ret = ret };
	struct err ignored = ERR_INIT;
	enum rc rc;

	memset(ret, 0, sizeof(*ret));
	rc = db_write(db, enter_fn, &t, e);
	if (rc != RC_OK)
		return rc;
	rc = password_check(t.user.password_hash, s->password, e);
	if (rc == RC_BUSY && db_write(db, unseen_fn, &t, &ignored) != RC_OK)
		return rc; /* it counts, then, for a while */
	if (rc == RC_DENIED)
		return err_set(e, RC_UNAUTHORIZED, "The e-mail address or the password is wrong.");
	if (rc == RC_OK)
		rc = disabled(&t.user, e);
	if (rc == RC_OK && password_is_old(t.user.password_hash))
		rc = password_hash(a, s->password, &t.new_hash, e);
	return rc == RC_OK ? db_write(db, begin_fn, &t, e) : rc;
}

struct redeem {
	const struct signin_link *in;
	struct arena *arena;
	const char *hash; /* of the chosen password */
	struct link link;
	struct signed_in *ret;
};

static enum rc look_fn(struct tx *tx, void *arg, struct err *e)
{
	struct redeem *r = arg;
	enum rc rc = link_look(tx, r->arena, r->in->token, &r->link, e);

	if (rc != RC_OK)
		return rc;
	if (strcmp(r->link.kind, LINK_SETUP) == 0)
		return err_at(e, RC_DENIED, "/token", "This link sets the server up: open its own page.");
	if (strcmp(r->link.kind, LINK_INVITE) == 0 && !r->in->password)
		return err_at(e, RC_INVALID, "/password", "Choose a password to accept the invitation.");
	return RC_OK;
}

/* An invitation also sets what its user chose. */
static enum rc accept_choices(struct tx *tx, struct redeem *r, const struct user *u, struct err *e)
{
	struct user_change change = { .name = r->in->name };
	enum rc rc = user_set_password(tx, u->org, u->id, r->hash, e);

	return rc == RC_OK ? user_change(tx, u->org, u->id, &change, e) : rc;
}

static enum rc redeem_fn(struct tx *tx, void *arg, struct err *e)
{
	struct redeem *r = arg;
	struct user u;
	enum rc rc = link_use(tx, r->in->token, e);

	if (rc == RC_OK)
		rc = user_get(tx, r->arena, r->link.org, r->link.user_id, &u, e);
	if (rc == RC_OK)
		rc = disabled(&u, e);
	if (rc == RC_OK)
		rc = second_check(tx, r->in->vault, u.org, u.id, r->in->code, e);
	if (rc == RC_OK && r->hash)
		rc = accept_choices(tx, r, &u, e);
	if (rc == RC_OK)
		rc = user_get(tx, r->arena, r->link.org, r->link.user_id, &u, e);
	if (rc != RC_OK)
		return rc;
	return begin(tx, r->arena, &u, r->hash ? "user.accepted" : "session.begin", NULL, r->in->request_id, r->ret, e);
}

enum rc signin_link(struct db *db, struct arena *a, const struct signin_link *l, struct signed_in *ret, struct err *e)
{
	struct redeem r = { .in = l, .arena = a, .ret = ret };
	enum rc rc;

	memset(ret, 0, sizeof(*ret));
	rc = db_read(db, look_fn, &r, e);
	if (rc == RC_OK && strcmp(r.link.kind, LINK_INVITE) == 0)
		rc = password_hash(a, l->password, &r.hash, e);
	return rc == RC_OK ? db_write(db, redeem_fn, &r, e) : rc;
}

enum rc signin_known(struct tx *tx, struct arena *a, const struct user *user, const char *via, const char *request_id,
	struct signed_in *ret, struct err *e)
{
	enum rc rc = disabled(user, e);

	return rc == RC_OK ? begin(tx, a, user, arena_printf(a, "session.%s", via), via, request_id, ret, e) : rc;
}

enum rc signin_forget(struct tx *tx, struct err *e)
{
	return sql_exec(tx, e, SQL_SIGNIN_FORGET, "i", clock_now() - CLOCK_DAY);
}

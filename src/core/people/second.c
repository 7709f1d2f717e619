#include "core/people/second.h"

#include "base/codec.h"
#include "base/rand.h"
#include "core/setting.h"

#include <ctype.h>
#include <liboath/oath.h>
#include <stdlib.h>
#include <string.h>

enum { SECRET_BYTES = 20, STEP_SECONDS = 30, WINDOW = 1, DIGITS = 6 };

struct row {
	const char *secret_id;
	int64_t last_step;
	bool confirmed;
	int64_t codes_left;
};

static enum rc read_row(struct tx *tx, const char *org, const char *user, struct row *ret, struct err *e)
{
	struct rows r;

	memset(ret, 0, sizeof(*ret));
	sql_query(tx, &r, SQL_SECOND_GET, "tt", org, user);
	if (rows_next(&r)) {
		ret->secret_id = rows_dup(&r, tx_arena(tx), 0);
		ret->last_step = rows_int(&r, 1);
		ret->confirmed = !rows_null(&r, 2);
		ret->codes_left = rows_int(&r, 3);
	}
	return rows_end(&r, e);
}

static const char *owner(struct arena *a, const char *user)
{
	return arena_printf(a, "user:%s", user);
}

enum rc second_state(struct tx *tx, const char *org, const char *user, struct second *ret, struct err *e)
{
	struct row row;
	enum rc rc = read_row(tx, org, user, &row, e);

	*ret = (struct second){
		.on = row.confirmed, .pending = row.secret_id && !row.confirmed, .codes_left = row.codes_left
	};
	return rc;
}

enum rc second_begin(struct tx *tx, struct vault *v, const char *org, const char *user, const char *email,
	const char **ret_secret, const char **ret_uri, struct err *e)
{
	struct arena *a = tx_arena(tx);
	unsigned char raw[SECRET_BYTES];
	char *text = NULL, *secret_id;
	struct row row;
	enum rc rc = read_row(tx, org, user, &row, e);

	if (rc == RC_OK && row.confirmed)
		return err_set(e, RC_CONFLICT, "A second factor is in force already. Remove it first.");
	if (rc != RC_OK)
		return rc;
	rand_bytes(raw, sizeof(raw));
	if (oath_base32_encode((const char *)raw, sizeof(raw), &text, NULL) != OATH_OK)
		BUG("base32");
	*ret_secret = arena_strdup(a, text);
	free(text);
	*ret_uri = arena_printf(a, "otpauth://totp/Trueup:%s?secret=%s&issuer=Trueup&digits=%d&period=%d",
		url_encode(a, email), *ret_secret, DIGITS, STEP_SECONDS);
	rc = vault_put(v, tx, org, row.secret_id, owner(a, user), *ret_secret, &secret_id, e);
	return rc == RC_OK ? sql_exec(tx, e, SQL_SECOND_PUT, "ttti", org, user, secret_id, clock_now()) : rc;
}

/* Digits only: apps show "123 456". */
static bool six_digits(const char *code, char out[DIGITS + 1])
{
	size_t n = 0;

	for (; *code; code++) {
		if (*code == ' ' || *code == '-')
			continue;
		if (!isdigit((unsigned char)*code) || n == DIGITS)
			return false;
		out[n++] = *code;
	}
	out[n] = '\0';
	return n == DIGITS;
}

static enum rc no_fit(struct err *e)
{
	return err_at(e, RC_UNAUTHORIZED, "/code",
		"The code does not fit, or was used already. Wait for the next one, and see that the "
		"telephone's clock is right.");
}

static enum rc check_totp(struct tx *tx, struct vault *v, const char *org, const char *user, const struct row *row,
	const char *digits, struct err *e)
{
	struct arena *a = tx_arena(tx);
	char *secret, *raw = NULL;
	uint64_t counter = 0;
	size_t len;
	int hit;
	enum rc rc = vault_get(v, tx, a, org, row->secret_id, owner(a, user), &secret, e);

	if (rc != RC_OK)
		return rc;
	if (oath_base32_decode(secret, strlen(secret), &raw, &len) != OATH_OK)
		return err_set(
			e, RC_INTERNAL, "The second factor's secret is damaged. Have it removed and set it up again.");
	hit = oath_totp_validate3(
		raw, len, (time_t)(clock_now() / CLOCK_SECOND), STEP_SECONDS, 0, WINDOW, NULL, &counter, digits);
	free(raw);
	if (hit < 0)
		return no_fit(e);
	rc = sql_exec(tx, e, SQL_SECOND_STEP, "tti", org, user, (int64_t)counter);
	return rc == RC_OK && sql_changes(tx) != 1 ? no_fit(e) : rc;
}

static void hash_code(struct arena *a, const char *user, const char *code, char out[HASH_TEXT])
{
	char *text = arena_printf(a, "trueup recovery|%s|%s", user, code), *p = text;

	/* As people type it: any case, with or without the dash. */
	for (char *q = text; *q; q++) {
		if (*q != '-' && *q != ' ')
			*p++ = (char)tolower((unsigned char)*q);
	}
	*p = '\0';
	hash_hex(text, strlen(text), out);
}

static enum rc use_recovery(struct tx *tx, const char *org, const char *user, const char *code, struct err *e)
{
	char hash[HASH_TEXT];
	enum rc rc;

	hash_code(tx_arena(tx), user, code, hash);
	rc = sql_exec(tx, e, SQL_SECOND_CODE_USE, "ttti", org, user, hash, clock_now());
	return rc == RC_OK && sql_changes(tx) != 1 ? no_fit(e) : rc;
}

static enum rc make_codes(
	struct tx *tx, const char *org, const char *user, const char *ret_codes[RECOVERY_CODES], struct err *e)
{
	static const char letters[] = "abcdefghjkmnpqrstuvwxyz23456789";
	struct arena *a = tx_arena(tx);
	enum rc rc = sql_exec(tx, e, SQL_SECOND_CODES_FORGET, "tt", org, user);

	for (size_t i = 0; rc == RC_OK && i < RECOVERY_CODES; i++) {
		unsigned char raw[12];
		char hash[HASH_TEXT];
		char *code = arena_alloc(a, sizeof(raw) + 3), *p = code;

		rand_bytes(raw, sizeof(raw));
		for (size_t k = 0; k < sizeof(raw); k++) {
			if (k == 4 || k == 8)
				*p++ = '-';
			*p++ = letters[raw[k] % (sizeof(letters) - 1)];
		}
		ret_codes[i] = code;
		hash_code(a, user, code, hash);
		rc = sql_exec(tx, e, SQL_SECOND_CODE_ADD, "ttt", org, user, hash);
	}
	return rc;
}

enum rc second_confirm(struct tx *tx, struct vault *v, const char *org, const char *user, const char *code,
	const char *ret_codes[RECOVERY_CODES], struct err *e)
{
	char digits[DIGITS + 1];
	struct row row;
	enum rc rc = read_row(tx, org, user, &row, e);

	if (rc == RC_OK && (!row.secret_id || row.confirmed))
		return err_set(e, RC_CONFLICT, "No second factor waits to be confirmed. Begin anew.");
	if (rc == RC_OK && !six_digits(code, digits))
		return err_at(e, RC_INVALID, "/code", "A code of the app has %d digits.", DIGITS);
	if (rc == RC_OK)
		rc = check_totp(tx, v, org, user, &row, digits, e);
	if (rc == RC_UNAUTHORIZED)
		return err_at(e, RC_INVALID, "/code",
			"The code does not fit. Scan the picture again, and see that the telephone's clock is right.");
	if (rc == RC_OK)
		rc = sql_exec(tx, e, SQL_SECOND_CONFIRM, "tti", org, user, clock_now());
	return rc == RC_OK ? make_codes(tx, org, user, ret_codes, e) : rc;
}

enum rc second_check(struct tx *tx, struct vault *v, const char *org, const char *user, const char *code, struct err *e)
{
	char digits[DIGITS + 1];
	struct row row;
	enum rc rc = read_row(tx, org, user, &row, e);

	if (rc != RC_OK || !row.confirmed)
		return rc;
	if (!code)
		return err_at(e, RC_UNAUTHORIZED, "/code", "Enter the code of your app, or a recovery code, too.");
	if (six_digits(code, digits))
		return check_totp(tx, v, org, user, &row, digits, e);
	return use_recovery(tx, org, user, code, e);
}

enum rc second_remove(struct tx *tx, const char *org, const char *user, struct err *e)
{
	struct row row;
	enum rc rc = read_row(tx, org, user, &row, e);

	if (rc == RC_OK && row.secret_id)
		rc = vault_delete(tx, org, row.secret_id, e);
	if (rc == RC_OK)
		rc = sql_exec(tx, e, SQL_SECOND_CODES_FORGET, "tt", org, user);
	return rc == RC_OK ? sql_exec(tx, e, SQL_SECOND_REMOVE, "tt", org, user) : rc;
}

enum rc second_overdue(struct tx *tx, const struct principal *who, bool *ret, struct err *e)
{
	utime since = 0;
	bool has = false, required;
	int64_t days;
	struct rows r;
	enum rc rc;

	*ret = false;
	if (who->is_token || who->elsewhere || who->role < ROLE_APPROVER)
		return RC_OK;
	sql_query(tx, &r, SQL_SECOND_OWNER, "tt", who->org, who->id);
	if (rows_next(&r)) {
		since = rows_int(&r, 0);
		has = rows_int(&r, 1) > 0;
	}
	rc = rows_end(&r, e);
	if (rc != RC_OK || has)
		return rc;
	rc = setting_bool(tx, who->org, SETTING_SECOND_REQUIRED, &required, e);
	if (rc == RC_OK)
		rc = setting_int(tx, who->org, SETTING_SECOND_GRACE, &days, e);
	*ret = rc == RC_OK && required && since + days * CLOCK_DAY <= clock_now();
	return rc;
}

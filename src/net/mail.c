/* Mail: the message in a form that every relay takes - ASCII, base64 body, encoded words - and its sending. */
#include "net/mail.h"

#include "base/buf.h"
#include "base/codec.h"
#include "base/rand.h"
#include "net/trust.h"

#include <curl/curl.h>
#include <string.h>

enum { MESSAGE_BYTES = 4 << 20, LINE = 76, WORD = 36, TIMEOUT_MS = 60000, CONNECT_MS = 15000 };

static bool plain(const char *s)
{
	for (; *s; s++) {
		if ((unsigned char)*s < ' ' || (unsigned char)*s >= 0x7f)
			return false;
	}
	return true;
}

/* No line end and no control sign of a text may begin a header of its own. */
static char *one_line(struct arena *a, const char *s)
{
	char *copy = arena_strdup(a, s);

	for (char *p = copy; *p; p++) {
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = ' ';
	}
	return copy;
}

/* RFC 2047: words of at most 75 characters, each of whole UTF-8 characters. */
static void put_encoded(struct arena *a, struct buf *b, const char *s)
{
	size_t len = strlen(s);

	for (size_t at = 0, n; at < len; at += n) {
		n = len - at < WORD ? len - at : WORD;
		while (at + n < len && n > 1 && ((unsigned char)s[at + n] & 0xc0) == 0x80)
			n--;
		buf_printf(b, "%s=?utf-8?B?%s?=", at ? "\r\n " : "", base64_encode(a, s + at, n));
	}
}

static void put_text(struct arena *a, struct buf *b, const char *s)
{
	s = one_line(a, s);
	if (plain(s) && strlen(s) < 900)
		buf_puts(b, s);
	else
		put_encoded(a, b, s);
}

char *mail_address(struct arena *a, const char *text)
{
	const char *open = strrchr(text, '<');
	const char *start = open ? open + 1 : text;
	size_t len = strcspn(start, open ? ">" : "");
	char *address = arena_strndup(a, start, len);
	const char *at = strchr(address, '@');

	for (const char *p = text; *p; p++) {
		if ((unsigned char)*p < ' ')
			return NULL;
	}
	if (!at || at == address || !at[1] || strchr(at + 1, '@') || !plain(address) ||
		strpbrk(address, " <>,;:\"\\()"))
		return NULL;
	return address;
}

/* "Name <a@b>" with the name encoded where it must be. */
static void put_sender(struct arena *a, struct buf *b, const char *from)
{
	const char *open = strrchr(from, '<');
	size_t len = open ? (size_t)(open - from) : 0;
	char *name;

	while (len && from[len - 1] == ' ')
		len--;
	name = arena_strndup(a, from, len);
	if (len && plain(name) && !strpbrk(name, "\"\\"))
		buf_printf(b, "\"%s\" ", name);
	else if (len) {
		put_encoded(a, b, one_line(a, name));
		buf_putc(b, ' ');
	}
	buf_printf(b, "<%s>", mail_address(a, from));
}

static void put_date(struct buf *b, utime now)
{
	static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct",
		"Nov", "Dec" };
	day d = day_of(now);
	int64_t second = (now - d * CLOCK_DAY) / CLOCK_SECOND;
	int year, month, mday;

	day_to_ymd(d, &year, &month, &mday);
	buf_printf(b, "Date: %s, %d %s %d %02d:%02d:%02d +0000\r\n", days[day_weekday(d)], mday, months[month - 1],
		year, (int)(second / 3600), (int)(second / 60 % 60), (int)(second % 60));
}

static void put_body(struct arena *a, struct buf *b, const char *text)
{
	AUTO(buf) lines = BUF_INIT(MESSAGE_BYTES / 2);
	const char *code;

	for (const char *p = text; *p; p++) {
		if (*p == '\n' && (p == text || p[-1] != '\r'))
			buf_putc(&lines, '\r');
		buf_putc(&lines, *p);
	}
	code = base64_encode(a, buf_text(&lines), lines.len);
	for (size_t len = strlen(code), at = 0; at < len; at += LINE)
		buf_printf(b, "%.*s\r\n", LINE, code + at);
}

char *mail_format(struct arena *a, const struct mail *m, utime now, const char *message_id)
{
	AUTO(buf) b = BUF_INIT(MESSAGE_BYTES);

	put_date(&b, now);
	buf_puts(&b, "From: ");
	put_sender(a, &b, m->from);
	buf_puts(&b, "\r\nTo: ");
	for (size_t i = 0; m->to[i]; i++)
		buf_printf(&b, "%s<%s>", i ? ",\r\n " : "", one_line(a, m->to[i]));
	buf_puts(&b, "\r\nSubject: ");
	put_text(a, &b, m->subject);
	buf_printf(&b, "\r\nMessage-ID: <%s>\r\n", message_id);
	buf_puts(&b,
		"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
		"Content-Transfer-Encoding: base64\r\nAuto-Submitted: auto-generated\r\n\r\n");
	put_body(a, &b, m->text);
	return arena_strdup(a, buf_text(&b));
}

struct source {
	const char *text;
	size_t left;
};

static size_t read_message(char *out, size_t size, size_t count, void *arg)
{
	struct source *s = arg;
	size_t n = size * count < s->left ? size * count : s->left;

	memcpy(out, s->text, n);
	s->text += n;
	s->left -= n;
	return n;
}

static bool has_user(const char *url)
{
	const char *host = strstr(url, "://");
	size_t len = host ? strcspn(host + 3, "/") : 0;

	return host && memchr(host + 3, '@', len);
}

static void set_up(
	CURL *easy, const struct mail *m, const char *from, struct curl_slist *to, struct source *s, char *error)
{
	curl_easy_setopt(easy, CURLOPT_URL, m->smtp_url);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(easy, CURLOPT_USE_SSL, has_user(m->smtp_url) ? (long)CURLUSESSL_ALL : (long)CURLUSESSL_TRY);
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	trust_apply(easy);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)TIMEOUT_MS);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	curl_easy_setopt(easy, CURLOPT_MAIL_FROM, from);
	curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, to);
	curl_easy_setopt(easy, CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1L);
	curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(easy, CURLOPT_READFUNCTION, read_message);
	curl_easy_setopt(easy, CURLOPT_READDATA, s);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, error);
}

static enum rc deliver(const struct mail *m, const char *from, struct curl_slist *to, const char *text, struct err *e)
{
	struct source s = { text, strlen(text) };
	char error[CURL_ERROR_SIZE] = "";
	CURL *easy = curl_easy_init();
	CURLcode code;

	if (!easy)
		BUG("libcurl gives no handle");
	set_up(easy, m, from, to, &s, error);
	code = curl_easy_perform(easy);
	curl_easy_cleanup(easy);
	if (code == CURLE_OK)
		return RC_OK;
	return err_set(e, RC_REMOTE,
		"The mail relay did not take the message: %s. Check TRUEUP_SMTP_URL and TRUEUP_MAIL_FROM.",
		error[0] ? error : curl_easy_strerror(code));
}

static struct curl_slist *recipients(struct arena *a, const struct mail *m)
{
	struct curl_slist *list = NULL;

	for (size_t i = 0; m->to[i]; i++) {
		const char *address = mail_address(a, m->to[i]);

		if (address)
			list = curl_slist_append(list, address);
	}
	return list;
}

enum rc mail_send(const struct mail *m, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	const char *from = m->from ? mail_address(&a, m->from) : NULL;
	struct curl_slist *to = recipients(&a, m);
	char uuid[UUID_TEXT];
	const char *id;
	enum rc rc;

	if (!from)
		return curl_slist_free_all(to),
		       err_set(e, RC_INVALID,
			       "No mail can be sent without a sender. Set TRUEUP_MAIL_FROM to an address.");
	if (!to)
		return err_set(e, RC_INVALID, "None of the recipients has an address that mail can be sent to.");
	id = arena_printf(&a, "%s%s", uuid_new(uuid), strchr(from, '@'));
	rc = deliver(m, from, to, mail_format(&a, m, clock_now(), id), e);
	curl_slist_free_all(to);
	return rc;
}

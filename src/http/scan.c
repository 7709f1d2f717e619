#include "http/scan.h"

#include <string.h>
#include <strings.h>

enum { LENGTH_DIGITS = 15, CHUNK_DIGITS = 8 };

void scan_init(struct scan *s, size_t max_body)
{
	memset(s, 0, sizeof(*s));
	buf_init(&s->line, SCAN_HEAD_MAX + 2);
	s->max_body = max_body;
}

void scan_release(struct scan *s)
{
	buf_release(&s->line);
}

static bool refuse(struct scan *s, int status, const char *why)
{
	s->status = status;
	s->why = why;
	return false;
}

static void next_request(struct scan *s)
{
	s->state = SCAN_REQUEST;
	s->head = s->body = s->left = 0;
	s->lengths = s->encodings = s->hosts = 0;
}

static bool is_token_byte(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		(c && strchr("!#$%&'*+-.^_`|~", c));
}

/* Length of the token at the start. */
static size_t token(const char *p, size_t len)
{
	size_t n = 0;

	while (n < len && is_token_byte((unsigned char)p[n]))
		n++;
	return n;
}

static bool is_word(const char *p, size_t len, const char *word)
{
	return len == strlen(word) && strncasecmp(p, word, len) == 0;
}

/* METHOD SP target SP HTTP/1.x, each blank once. */
static bool read_request_line(struct scan *s, const char *p, size_t len)
{
	size_t method = token(p, len), target = 0;
	const char *rest;

	if (method == 0 || method == len || p[method] != ' ')
		return refuse(
			s, 400, "The first line of a request is METHOD, target and HTTP/1.1, with one blank between.");
	rest = p + method + 1;
	len -= method + 1;
	while (target < len && (unsigned char)rest[target] > ' ' && rest[target] != 0x7f)
		target++;
	if (target == 0 || len - target != 9 || memcmp(rest + target, " HTTP/1.", 8) != 0)
		return refuse(
			s, 400, "The first line of a request is METHOD, target and HTTP/1.1, with one blank between.");
	if (rest[target + 8] != '1' && rest[target + 8] != '0')
		return refuse(s, 505, "This server speaks HTTP/1.1.");
	s->http11 = rest[target + 8] == '1';
	s->may_have_body = is_word(p, method, "POST") || is_word(p, method, "PUT") || is_word(p, method, "PATCH");
	s->state = SCAN_HEADER;
	return true;
}

static bool read_length(struct scan *s, const char *p, size_t len)
{
	size_t value = 0;

	if (s->lengths++ > 0)
		return refuse(s, 400, "Content-Length is there more than once.");
	if (len == 0 || len > LENGTH_DIGITS)
		return refuse(s, 400, "Content-Length is a number in digits, with nothing around it.");
	for (size_t i = 0; i < len; i++) {
		if (p[i] < '0' || p[i] > '9')
			return refuse(s, 400, "Content-Length is a number in digits, with nothing around it.");
		value = value * 10 + (size_t)(p[i] - '0');
	}
	s->body = s->left = value;
	return true;
}

static bool read_header(struct scan *s, const char *p, size_t len)
{
	size_t name = token(p, len);
	const char *value;

	if (name == 0 || name == len || p[name] != ':')
		return refuse(s, 400, "A header is a name, a colon right behind it, and a value, on one line.");
	value = p + name + 1;
	len -= name + 1;
	for (; len > 0 && (*value == ' ' || *value == '\t'); len--)
		value++;
	while (len > 0 && (value[len - 1] == ' ' || value[len - 1] == '\t'))
		len--;
	for (size_t i = 0; i < len; i++)
		if (((unsigned char)value[i] < ' ' && value[i] != '\t') || value[i] == 0x7f)
			return refuse(s, 400, "A header has no control characters.");
	if (is_word(p, name, "Content-Length"))
		return read_length(s, value, len);
	if (is_word(p, name, "Transfer-Encoding")) {
		if (s->encodings++ > 0 || !is_word(value, len, "chunked"))
			return refuse(s, 400, "The only Transfer-Encoding is chunked, once.");
	} else if (is_word(p, name, "Host")) {
		s->hosts++;
	}
	return true;
}

static bool end_headers(struct scan *s)
{
	if (s->encodings && (s->lengths || !s->http11))
		return refuse(s, 400, "Send either Content-Length or, in HTTP/1.1, Transfer-Encoding.");
	if (s->hosts > 1 || (s->hosts == 0 && s->http11))
		return refuse(s, 400, "Send one Host.");
	if (!s->may_have_body && (s->encodings || s->body))
		return refuse(s, 400, "A request with this method has no body.");
	if (s->body > s->max_body)
		return refuse(s, 413, "The body is larger than this server takes.");
	if (s->encodings)
		s->state = SCAN_CHUNK_SIZE;
	else if (s->body)
		s->state = SCAN_BODY;
	else
		next_request(s);
	return true;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_chunk_size(struct scan *s, const char *p, size_t len)
{
	size_t size = 0;

	if (len == 0 || len > CHUNK_DIGITS)
		return refuse(s, 400, "The size of a chunk is a few hexadecimal digits.");
	for (size_t i = 0; i < len; i++) {
		int digit = hex_digit(p[i]);

		if (digit < 0)
			return refuse(s, 400, "The size of a chunk is a few hexadecimal digits.");
		size = size * 16 + (size_t)digit;
	}
	s->left = size;
	s->body += size;
	if (s->body > s->max_body)
		return refuse(s, 413, "The body is larger than this server takes.");
	s->state = size ? SCAN_CHUNK : SCAN_LAST;
	return true;
}

static bool read_line(struct scan *s, const char *p, size_t len)
{
	if (s->state == SCAN_REQUEST)
		return read_request_line(s, p, len);
	if (s->state == SCAN_HEADER)
		return len ? read_header(s, p, len) : end_headers(s);
	if (s->state == SCAN_CHUNK_SIZE)
		return read_chunk_size(s, p, len);
	if (len > 0)
		return refuse(s, 400,
			s->state == SCAN_LAST ? "Nothing comes after the last chunk."
					      : "A chunk is longer than its size says.");
	if (s->state == SCAN_LAST)
		next_request(s);
	else
		s->state = SCAN_CHUNK_SIZE;
	return true;
}

/* A line with its LF; the CR before it belongs there. */
static bool end_line(struct scan *s, const char *p, size_t len)
{
	if (len < 2 || p[len - 2] != '\r' || memchr(p, '\r', len - 2))
		return refuse(s, 400, "A line ends with CR and LF.");
	return read_line(s, p, len - 2);
}

/* Takes from `data` up to the end of a line, or keeps what there is of it. Returns what was taken; 0 = refused. */
static size_t take_line(struct scan *s, const char *data, size_t len)
{
	const char *lf = memchr(data, '\n', len);
	size_t used = lf ? (size_t)(lf - data) + 1 : len;
	bool fine;

	s->head += s->state == SCAN_REQUEST || s->state == SCAN_HEADER ? used : 0;
	if (s->head > SCAN_HEAD_MAX || s->line.len + used > SCAN_HEAD_MAX) {
		refuse(s, 431, "The headers are longer than this server takes.");
		return 0;
	}
	if (!lf || s->line.len > 0)
		buf_put(&s->line, data, used);
	if (!lf)
		return used;
	fine = s->line.len > 0 ? end_line(s, s->line.data, s->line.len) : end_line(s, data, used);
	buf_clear(&s->line);
	return fine ? used : 0;
}

static size_t take_body(struct scan *s, size_t len)
{
	size_t used = len < s->left ? len : s->left;

	s->left -= used;
	if (s->left == 0 && s->state == SCAN_CHUNK)
		s->state = SCAN_CHUNK_END;
	else if (s->left == 0)
		next_request(s);
	return used;
}

static bool in_body(const struct scan *s)
{
	return s->state == SCAN_BODY || s->state == SCAN_CHUNK;
}

size_t scan_skip(struct scan *s, size_t len)
{
	return in_body(s) && !s->status ? take_body(s, len) : 0;
}

bool scan_feed(struct scan *s, const char *data, size_t len)
{
	while (len > 0 && !s->status) {
		size_t used = in_body(s) ? take_body(s, len) : take_line(s, data, len);

		data += used;
		len -= used;
	}
	return s->status == 0;
}

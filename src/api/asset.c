/* The web UI: hashed files that browsers may keep for ever, and one page for every address that is not a file. */
#include "api/asset.h"

#include <stdlib.h>
#include <string.h>

#define PAGE "index.html"
#define BASE_TAG "<base href=\"/\">"

#define POLICY \
	"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " \
	"connect-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"

char *asset_base(const char *public_url)
{
	const char *host = public_url ? strstr(public_url, "://") : NULL;
	const char *path = host ? strchr(host + 3, '/') : NULL;
	char *base = xstrdup(path ? path : "");
	size_t len = strcspn(base, "?#");

	while (len && base[len - 1] == '/')
		len--;
	base[len] = '\0';
	return base;
}

const char *asset_below(const char *base, const char *path)
{
	size_t len = strlen(base);

	if (!len || strncmp(path, base, len) != 0)
		return path;
	if (path[len] == '\0')
		return "/";
	return path[len] == '/' ? path + len : path;
}

static const struct asset *find(const char *name)
{
	for (const struct asset *a = assets; a->name; a++) {
		if (strcmp(a->name, name) == 0)
			return a;
	}
	return NULL;
}

static bool below(const char *path, const char *folder)
{
	size_t len = strlen(folder);

	return strncmp(path, folder, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

/* What looks like a file: its last part has an ending. */
static bool is_file(const char *path)
{
	return strchr(strrchr(path, '/') + 1, '.') != NULL;
}

/* "gzip" among the codings the browser takes. */
static bool takes_gzip(const struct request *rq)
{
	const char *accepts = http_header(rq, "Accept-Encoding");
	const char *at = accepts ? strstr(accepts, "gzip") : NULL;

	return at && strncmp(at, "gzip;q=0", 8) != 0;
}

static int send_file(struct request *rq, const struct asset *a)
{
	const char *known = http_header(rq, "If-None-Match");
	bool gz = a->gz && takes_gzip(rq);

	http_add_header(rq, "Cache-Control", "public, max-age=31536000, immutable");
	http_add_header(rq, "ETag", a->etag);
	http_add_header(rq, "Vary", "Accept-Encoding");
	if (known && strstr(known, a->etag)) {
		http_reply(rq, 304, a->type, "", 0);
		return 304;
	}
	http_add_header(rq, "Content-Security-Policy", POLICY);
	if (gz)
		http_add_header(rq, "Content-Encoding", "gzip");
	http_reply(
		rq, 200, a->type, gz ? a->gz : a->data, gz ? (size_t)(a->gz_end - a->gz) : (size_t)(a->end - a->data));
	return 200;
}

/* The page, with the base path in the place of "/". */
static int send_page(const char *base, struct request *rq)
{
	const struct asset *a = find(PAGE);
	const char *page = a ? arena_strndup(&rq->arena, (const char *)a->data, (size_t)(a->end - a->data)) : BASE_TAG;
	const char *at = strstr(page, BASE_TAG);
	char *text;

	if (!a || !at)
		BUG("the web UI has no page with a base");
	text = arena_printf(
		&rq->arena, "%.*s<base href=\"%s/\">%s", (int)(at - page), page, base, at + strlen(BASE_TAG));
	http_add_header(rq, "Cache-Control", "no-store");
	http_add_header(rq, "Content-Security-Policy", POLICY);
	http_reply(rq, 200, a->type, text, strlen(text));
	return 200;
}

int asset_serve(const char *base, struct request *rq)
{
	const char *path = rq->path;
	const struct asset *a;

	if (*path != '/' || (strcmp(rq->method, "GET") != 0 && strcmp(rq->method, "HEAD") != 0))
		return 0;
	if (below(path, "/api") || below(path, "/healthz") || below(path, "/readyz") || below(path, "/metrics"))
		return 0;
	a = find(path + 1);
	if (a && strcmp(a->name, PAGE) != 0)
		return send_file(rq, a);
	return is_file(path) ? 0 : send_page(base, rq);
}

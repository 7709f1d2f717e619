/* asset.h - the files of the web UI, embedded by web/build.mjs, and how they are served. */
#ifndef API_ASSET_H
#define API_ASSET_H

#include "http/http.h"

struct asset {
	const char *name;		/* "app-5XQ2.js"; NULL ends the table */
	const char *type;
	const char *etag;		/* strong, quoted */
	const unsigned char *data, *end;
	const unsigned char *gz, *gz_end;	/* NULL when compressing gains nothing */
};

extern const struct asset assets[];

struct api_server;

/* Path of a public address without the slash at its end: "" or "/trueup". In memory of the caller. */
char *asset_base(const char *public_url);
/* The path behind `base`, for servers that live below a path of their host; as it is when it does not begin so. */
const char *asset_below(const char *base, const char *path);
/* Answers a GET or HEAD of a file or page of the UI, status 200, 304 or 404, and gives the status back; 0: not its
 * business, the request is untouched. */
int asset_serve(const char *base, struct request *rq);

#endif

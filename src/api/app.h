/* app.h - what a running server consists of; handlers reach it through call->app. */
#ifndef API_APP_H
#define API_APP_H

#include "core/people/sso.h"
#include "core/vault.h"
#include "db/db.h"

struct api_server;
struct events;
struct limiter;

struct app {
	struct db *db;
	struct vault *vault;
	struct api_server *server;	/* api_start() fills these three */
	struct events *events;		/* who listens to GET /events */
	struct limiter *limiter;	/* requests per key and class */
	const char *public_url;		/* TRUEUP_PUBLIC_URL, or "http://" and the bound address */
	bool allow_private;		/* TRUEUP_ALLOW_PRIVATE_REMOTES */
	struct sso_net sso;		/* how the sign-in provider is reached */
	const char *proxy_user_header;	/* TRUEUP_PROXY_USER_HEADER; NULL: nobody is signed in by a header */
	const char *proxy_from;		/* TRUEUP_PROXY_FROM, checked */
	bool read_only;			/* TRUEUP_READ_ONLY: every write but sign-in is refused */
};

#endif

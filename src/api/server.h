/* server.h - the running API: listens, dispatches, answers. What `trueup serve` starts and stops. */
#ifndef API_SERVER_H
#define API_SERVER_H

#include "api/app.h"

struct api_server;

struct api_config {
	const char *listen;		/* "127.0.0.1:8080", "[::1]:0"; port 0 picks one */
	unsigned threads;		/* I/O threads; 0 = 2 */
	unsigned workers;		/* threads that read the store and call remotes; 0 = 8 */
	unsigned max_connections;	/* 0 = 4,096; more wait in the kernel's queue */
	size_t max_body;		/* bytes; 0 = 100 MiB; a route may take less */
	/* Requests a second: 0 = no limit, -1 = the default. Ten seconds' worth may come at once. */
	int push_rate;			/* per push token; default 100, as vendors know it */
	int app_rate;			/* per token, session or address; default 500 */
	int signin_rate;		/* per address; default 10 */
};

#define API_CONFIG_INIT { .push_rate = -1, .app_rate = -1, .signin_rate = -1 }

/* Fills app->events and app->limiter, and app->public_url when it is NULL, then listens. `app` must outlive the
 * server; app->db must be open, and nobody may have used it yet (db_listen). RC_IO with a sentence: port in use,
 * address wrong. */
enum rc api_start(struct app *app, const struct api_config *config, struct api_server **ret, struct err *e) MUST_CHECK;
/* The bound port. */
int api_port(const struct api_server *s);
/* "127.0.0.1:41234": the bound address, as it goes into the file `address` of the data folder. */
const char *api_address(const struct api_server *s);
/* Takes no new requests, waits at most `seconds` for those at work, ends event streams and threads. Before
 * db_close(). */
void api_stop(struct api_server *s, int seconds);
/* After db_close(): until then the store's writer may have an answer to give. */
void api_free(struct api_server *s);

#endif

/* events.h - server-sent events: what happened, to every browser of the organization that listens. */
#ifndef API_EVENTS_H
#define API_EVENTS_H

#include "api/app.h"
#include "http/http.h"

struct events;

/* Hears what the store tells on EVENT_CHANNEL. db_close() frees it. */
enum rc events_new(struct db *db, struct events **ret, struct err *e) MUST_CHECK;
/* Ends every stream; nobody can listen any more. */
void events_stop(struct events *ev);

/* Takes the request: from now on it is a stream. RC_BUSY: too many listen. */
enum rc events_join(struct events *ev, struct request *rq, const char *org, struct err *e) MUST_CHECK;
unsigned events_listeners(struct events *ev);

#endif

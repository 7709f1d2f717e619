/* pg_listen.c - hears the messages of every process on the same PostgreSQL store.
 *
 * One channel a store carries "CHANNEL\nTEXT". The thread connects again by itself, slower each time;
 * what is said while it is away is not heard, so listeners look for themselves now and then too.
 */
#include "db/pg.h"

#include "base/buf.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { FIRST_WAIT_MS = 200, LONGEST_WAIT_MS = 5000 };

struct far_ear {
	char *url;
	void (*fn)(void *arg, const char *channel, const char *text);
	void *arg;
	PGconn *db;	/* NULL while there is no connection */
	int stop;	/* an eventfd: readable when the thread has to end */
	pthread_t thread;
};

static enum rc start_listening(struct far_ear *ear, struct err *e)
{
	char channel[48], command[64];
	struct buf text = BUF_INIT(sizeof(command));
	PGresult *result;
	enum rc rc;

	rc = pg_connect(ear->url, CONN_READ, &ear->db, e);
	if (rc != RC_OK)
		return rc;
	rc = pg_channel(ear->db, channel, sizeof(channel), e);
	if (rc == RC_OK) {
		buf_printf(&text, "LISTEN \"%s\"", channel);
		result = PQexec(ear->db, buf_text(&text));
		if (PQresultStatus(result) != PGRES_COMMAND_OK)
			rc = err_set(e, RC_IO, "LISTEN failed.");
		PQclear(result);
		buf_release(&text);
	}
	if (rc != RC_OK) {
		PQfinish(ear->db);
		ear->db = NULL;
	}
	return rc;
}

static void hear(struct far_ear *ear, char *message)
{
	char *text = strchr(message, '\n');

	if (!text)
		return;
	*text++ = '\0';
	ear->fn(ear->arg, message, text);
}

/* Tells what has arrived; the connection is gone when it is lost. */
static void take_messages(struct far_ear *ear)
{
	PGnotify *note;

	if (!PQconsumeInput(ear->db)) {
		PQfinish(ear->db);
		ear->db = NULL;
		return;
	}
	while ((note = PQnotifies(ear->db))) {
		hear(ear, note->extra);
		PQfreemem(note);
	}
}

/* Waits for the server or for the end. False: end. */
static bool wait_for(struct far_ear *ear, int timeout_ms)
{
	struct pollfd fds[2] = { { .fd = ear->stop, .events = POLLIN } };

	if (ear->db)
		fds[1] = (struct pollfd){ .fd = PQsocket(ear->db), .events = POLLIN };
	if (poll(fds, ear->db ? 2 : 1, timeout_ms) < 0 && errno != EINTR)
		BUG("poll: %s", strerror(errno));
	return !(fds[0].revents & POLLIN);
}

static void *listen_main(void *arg)
{
	struct far_ear *ear = arg;
	int wait_ms = FIRST_WAIT_MS;
	struct err e;

	while (wait_for(ear, ear->db ? -1 : wait_ms)) {
		if (ear->db)
			take_messages(ear);
		else if (start_listening(ear, &e) == RC_OK)
			wait_ms = FIRST_WAIT_MS;
		else
			wait_ms = wait_ms * 2 < LONGEST_WAIT_MS ? wait_ms * 2 : LONGEST_WAIT_MS;
	}
	return NULL;
}

void *pg_listen(const char *url, void (*fn)(void *arg, const char *channel, const char *text), void *arg)
{
	struct far_ear *ear = xcalloc(1, sizeof(*ear));
	struct err e;

	ear->url = xstrdup(url);
	ear->fn = fn;
	ear->arg = arg;
	ear->stop = eventfd(0, EFD_CLOEXEC);
	if (ear->stop < 0)
		BUG("eventfd: %s", strerror(errno));
	/* Now, so that what is written after this call is heard; a failure is tried again by the thread. */
	if (start_listening(ear, &e) != RC_OK)
		ear->db = NULL;
	if (pthread_create(&ear->thread, NULL, listen_main, ear) != 0)
		BUG("no thread for the listener");
	return ear;
}

void pg_unlisten(void *far_ear)
{
	struct far_ear *ear = far_ear;

	if (eventfd_write(ear->stop, 1) != 0)
		BUG("eventfd: %s", strerror(errno));
	pthread_join(ear->thread, NULL);
	close(ear->stop);
	if (ear->db)
		PQfinish(ear->db);
	free(ear->url);
	free(ear);
}

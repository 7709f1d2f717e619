#include "acks.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LEFT "left"
#define RIGHT "right"

struct thread {
	pthread_t id;
	struct db *db;
	int fd, first, count;
};

static enum rc add_pair(struct tx *tx, void *arg, struct err *e)
{
	int64_t number = *(int *)arg;
	char name[16];
	enum rc rc;

	snprintf(name, sizeof(name), "%08d", *(int *)arg);
	rc = sql_exec(tx, e, SQL_JOB_INSERT, "tttttiti", LEFT, name, "kind", "{}", NULL, INT64_C(1), NULL, INT64_C(1));
	if (rc == RC_OK)
		rc = sql_put(tx, e, SQL_OUTBOX_STEP_ADD, "ttiittt", RIGHT, RIGHT, number, number, "a", "b", NULL);
	return rc;
}

enum rc acks_write_one(struct db *db, int number, int fd, struct err *e)
{
	enum rc rc = db_write(db, add_pair, &number, e);

	if (rc == RC_OK && write(fd, &number, sizeof(number)) != sizeof(number))
		abort();
	return rc;
}

static void *write_pairs(void *arg)
{
	struct thread *t = arg;
	struct err e;
	int i;

	for (i = t->first; i < t->first + t->count; i++)
		if (acks_write_one(t->db, i, t->fd, &e) != RC_OK)
			fprintf(stderr, "write %d: %s\n", i, e.text);
	return NULL;
}

void acks_write(const char *url, int fd, int first, int count)
{
	struct thread threads[WRITERS];
	struct db *db;
	struct err e;
	int i;

	if (db_open(url, 1, &db, &e) != RC_OK) {
		fprintf(stderr, "%s\n", e.text);
		_exit(1);
	}
	for (i = 0; i < WRITERS; i++) {
		threads[i] = (struct thread){ .db = db, .fd = fd, .first = first + i * count, .count = count };
		if (pthread_create(&threads[i].id, NULL, write_pairs, &threads[i]) != 0)
			abort();
	}
	for (i = 0; i < WRITERS; i++)
		pthread_join(threads[i].id, NULL);
	db_close(db);
}

void acks_read(struct acks *acks, int fd)
{
	ssize_t got;

	if (!acks->numbers)
		acks->numbers = xcalloc(ACKS_MAX, sizeof(int));
	while (acks->count < ACKS_MAX && (got = read(fd, &acks->numbers[acks->count], sizeof(int))) == sizeof(int))
		acks->count++;
	close(fd);
}

void acks_free(struct acks *acks)
{
	free(acks->numbers);
	*acks = (struct acks){ 0 };
}

struct check {
	const struct acks *acks;
	int missing, halves;
};

/* Marks 1 for a left row, 2 for a right one. */
static enum rc mark_rows(struct tx *tx, unsigned char *seen, struct err *e)
{
	struct rows r;
	enum rc rc;

	sql_query(tx, &r, SQL_JOB_LIST, "ttti", LEFT, "", "", INT64_C(1) << 40);
	while (rows_next(&r))
		seen[strtol(rows_text(&r, 0), NULL, 10)] |= 1;
	rc = rows_end(&r, e);
	if (rc != RC_OK)
		return rc;
	sql_query(tx, &r, SQL_OUTBOX_STEPS, "tt", RIGHT, RIGHT);
	while (rows_next(&r))
		seen[rows_int(&r, 0)] |= 2;
	return rows_end(&r, e);
}

static enum rc check_rows(struct tx *tx, void *arg, struct err *e)
{
	unsigned char *seen = xcalloc(ACKS_MAX, 1);
	struct check *c = arg;
	enum rc rc = mark_rows(tx, seen, e);
	int i;

	for (i = 0; i < c->acks->count; i++)
		c->missing += seen[c->acks->numbers[i]] == 0;
	for (i = 0; i < ACKS_MAX; i++)
		c->halves += seen[i] == 1 || seen[i] == 2;
	free(seen);
	return rc;
}

int acks_missing(struct db *db, const struct acks *acks, int *ret_halves)
{
	struct check c = { .acks = acks };
	struct err e;

	if (db_read(db, check_rows, &c, &e) != RC_OK) {
		fprintf(stderr, "%s\n", e.text);
		abort();
	}
	*ret_halves = c.halves;
	return c.missing;
}

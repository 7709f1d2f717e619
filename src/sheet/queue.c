#include "sheet/source.h"

#include <string.h>

struct queued_row {
	int64_t line;
	size_t count;
	const char **cell;
	struct queued_row *next;
};

void row_queue_init(struct row_queue *q)
{
	q->arena = (struct arena)ARENA_INIT;
	q->first = NULL;
	q->last = &q->first;
}

void row_queue_add(struct row_queue *q, int64_t line, const char *const *cell, size_t count)
{
	struct queued_row *row = ARENA_NEW(&q->arena, struct queued_row);

	row->line = line;
	row->count = count;
	row->cell = arena_array(&q->arena, count + 1, sizeof(*row->cell));
	if (count)
		memcpy(row->cell, cell, count * sizeof(*row->cell));
	*q->last = row;
	q->last = &row->next;
}

bool row_queue_take(struct row_queue *q, struct sheet_row *ret)
{
	struct queued_row *row = q->first;

	if (!row)
		return false;
	q->first = row->next;
	if (!q->first)
		q->last = &q->first;
	*ret = (struct sheet_row){ row->line, row->count, row->cell };
	return true;
}

void row_queue_next_block(struct row_queue *q, const char **keep, size_t count)
{
	struct arena fresh = ARENA_INIT;

	for (size_t i = 0; i < count; i++)
		keep[i] = arena_strdup(&fresh, keep[i]);
	arena_release(&q->arena);
	row_queue_init(q);
	q->arena = fresh;
}

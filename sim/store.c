#include "store.h"

#include <stdlib.h>
#include <string.h>

#include "cw.h"

static struct node *root_of(const struct sim *s)
{
	return s->data;
}

enum rc store_open(struct sim *s, const struct json *fixture, struct err *e)
{
	struct node *root = node_object();

	for (const struct json *v = fixture ? fixture->child : NULL; v; v = v->next) {
		if (v->type == JSON_ARRAY)
			node_set(root, v->key, node_from(v));
	}
	cw_fill_dates(root);
	s->data = root;
	return RC_OK;
}

void store_close(struct sim *s)
{
	node_free(root_of(s));
}

struct node *store_rows(struct sim *s, const char *kind)
{
	if (!node_get(root_of(s), kind))
		node_set(root_of(s), kind, node_array());
	return node_get(root_of(s), kind);
}

bool store_is(const struct node *row, const char *member, const char *value)
{
	const char *text = node_text(node_get(row, member), NULL);

	return text && value && strcmp(text, value) == 0;
}

struct node *store_find(struct sim *s, const char *kind, const char *id)
{
	for (struct node *n = store_rows(s, kind)->child; n; n = n->next) {
		if (store_is(n, "id", id))
			return n;
	}
	return NULL;
}

struct node *store_insert(struct sim *s, const char *kind, struct node *row)
{
	int64_t last = 900000;

	for (struct node *n = store_rows(s, kind)->child; n; n = n->next) {
		int64_t id = node_number_or(node_get(n, "id"), 0);

		last = id > last ? id : last;
	}
	if (!node_get(row, "id"))
		node_set(row, "id", node_int(last + 1));
	node_append(store_rows(s, kind), row);
	return row;
}

void store_delete(struct sim *s, const char *kind, const char *id)
{
	struct node **link = &store_rows(s, kind)->child;

	while (*link) {
		struct node *n = *link;

		if (!store_is(n, "id", id)) {
			link = &n->next;
			continue;
		}
		*link = n->next;
		n->next = NULL;
		node_free(n);
	}
}

enum rc store_edit(struct sim *s, const struct json *what, struct err *e)
{
	const char *kind = json_member(what, "kind"), *id = json_scalar(json_get(what, "id"));
	const struct json *set = json_get(what, "set");
	struct node *row;

	if (!kind)
		return err_set(e, RC_INVALID, "\"kind\" is missing");
	if (json_get(what, "insert")) {
		cw_fill_dates(store_insert(s, kind, node_from(json_get(what, "insert"))));
		return RC_OK;
	}
	row = store_find(s, kind, id);
	if (!row)
		return err_set(e, RC_NOT_FOUND, "no such record of %s", kind);
	if (json_true(json_get(what, "delete"))) {
		store_delete(s, kind, id);
		return RC_OK;
	}
	for (const struct json *v = json_is(set, JSON_OBJECT) ? set->child : NULL; v; v = v->next)
		node_set(row, v->key, node_from(v));
	cw_fill_dates(row);
	return RC_OK;
}

void store_state(struct sim *s, struct jsonw *w)
{
	for (struct node *n = root_of(s)->child; n; n = n->next) {
		jsonw_key(w, n->key);
		node_write(w, n);
	}
}

const char *store_setting(const struct sim *s, const char *name, const char *fallback)
{
	return node_text(node_get(s->settings, name), fallback);
}

bool store_flag(const struct sim *s, const char *name)
{
	return node_true(node_get(s->settings, name));
}

bool store_among(const struct sim *s, const char *name, const char *text)
{
	const struct node *list = node_get(s->settings, name);

	for (struct node *n = list ? list->child : NULL; n; n = n->next) {
		if (strcmp(node_text(n, ""), text) == 0)
			return true;
	}
	return false;
}

bool store_within_rate(struct sim *s)
{
	int64_t limit = node_number_or(node_get(s->settings, "rate_limit"), 0);
	int64_t minute = clock_now() / (60 * CLOCK_SECOND), count = 0;

	if (!limit)
		return true;
	if (node_number_or(node_get(s->settings, "_minute"), 0) == minute)
		count = node_number_or(node_get(s->settings, "_count"), 0);
	node_set(s->settings, "_minute", node_int(minute));
	node_set(s->settings, "_count", node_int(count + 1));
	return count < limit;
}

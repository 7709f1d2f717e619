/* tree.c - JSON that can be changed. */
#include "tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct node *make(enum json_type type, const char *str)
{
	struct node *n = xcalloc(1, sizeof(*n));

	n->type = type;
	n->str = str ? xstrdup(str) : NULL;
	return n;
}

struct node *node_object(void)
{
	return make(JSON_OBJECT, NULL);
}

struct node *node_array(void)
{
	return make(JSON_ARRAY, NULL);
}

struct node *node_null(void)
{
	return make(JSON_NULL, NULL);
}

struct node *node_bool(bool v)
{
	return make(v ? JSON_TRUE : JSON_FALSE, NULL);
}

struct node *node_string(const char *s)
{
	return s ? make(JSON_STRING, s) : node_null();
}

struct node *node_number(const char *text)
{
	return make(JSON_NUMBER, text);
}

struct node *node_int(int64_t v)
{
	char text[32];

	snprintf(text, sizeof(text), "%lld", (long long)v);
	return node_number(text);
}

struct node *node_from(const struct json *v)
{
	struct node *n, **tail;
	const struct json *c;

	if (!v)
		return node_null();
	n = make(v->type, v->type == JSON_STRING || v->type == JSON_NUMBER ? v->str : NULL);
	tail = &n->child;
	for (c = v->child; c; c = c->next) {
		*tail = node_from(c);
		(*tail)->key = c->key ? xstrdup(c->key) : NULL;
		tail = &(*tail)->next;
	}
	return n;
}

struct node *node_copy(const struct node *from)
{
	struct node *n, **tail;
	const struct node *c;

	if (!from)
		return node_null();
	n = make(from->type, from->str);
	tail = &n->child;
	for (c = from->child; c; c = c->next) {
		*tail = node_copy(c);
		(*tail)->key = c->key ? xstrdup(c->key) : NULL;
		tail = &(*tail)->next;
	}
	return n;
}

void node_free(struct node *n)
{
	struct node *c, *next;

	if (!n)
		return;
	for (c = n->child; c; c = next) {
		next = c->next;
		node_free(c);
	}
	free(n->key);
	free(n->str);
	free(n);
}

/* The link that holds the member, or the empty link at the end. */
static struct node **link_of(struct node *object, const char *key)
{
	struct node **link = &object->child;

	while (*link && strcmp((*link)->key, key) != 0)
		link = &(*link)->next;
	return link;
}

void node_set(struct node *object, const char *key, struct node *value)
{
	struct node **link = link_of(object, key);
	struct node *old = *link;

	free(value->key);
	value->key = xstrdup(key);
	value->next = old ? old->next : NULL;
	*link = value;
	node_free(old);
}

void node_remove(struct node *object, const char *key)
{
	struct node **link = link_of(object, key);
	struct node *old = *link;

	if (!old)
		return;
	*link = old->next;
	node_free(old);
}

void node_append(struct node *array, struct node *value)
{
	struct node **link = &array->child;

	while (*link)
		link = &(*link)->next;
	*link = value;
}

struct node *node_get(const struct node *object, const char *key)
{
	struct node *c;

	if (!object || object->type != JSON_OBJECT)
		return NULL;
	for (c = object->child; c; c = c->next)
		if (strcmp(c->key, key) == 0)
			return c;
	return NULL;
}

struct node *node_path(const struct node *n, const char *path)
{
	char part[80];
	const char *slash;
	size_t len;

	for (;; path = slash + 1) {
		slash = strchr(path, '/');
		len = slash ? (size_t)(slash - path) : strlen(path);
		if (len >= sizeof(part))
			return NULL;
		memcpy(part, path, len);
		part[len] = '\0';
		n = node_get(n, part);
		if (!slash || !n)
			return (struct node *)n;
	}
}

const char *node_text(const struct node *n, const char *fallback)
{
	return n && (n->type == JSON_STRING || n->type == JSON_NUMBER) ? n->str : fallback;
}

int64_t node_number_or(const struct node *n, int64_t fallback)
{
	const char *text = node_text(n, NULL);
	char *end;
	long long v;

	if (!text)
		return fallback;
	v = strtoll(text, &end, 10);
	return end != text ? v : fallback;
}

bool node_true(const struct node *n)
{
	return n && n->type == JSON_TRUE;
}

bool node_is_null(const struct node *n)
{
	return !n || n->type == JSON_NULL;
}

static void write_parts(struct jsonw *w, const struct node *n)
{
	const struct node *c;

	for (c = n->child; c; c = c->next) {
		if (n->type == JSON_OBJECT)
			jsonw_key(w, c->key);
		node_write(w, c);
	}
}

void node_write(struct jsonw *w, const struct node *n)
{
	switch (n ? n->type : JSON_NULL) {
	case JSON_NULL:
		jsonw_null(w);
		break;
	case JSON_FALSE:
	case JSON_TRUE:
		jsonw_bool(w, n->type == JSON_TRUE);
		break;
	case JSON_NUMBER:
		jsonw_number(w, n->str);
		break;
	case JSON_STRING:
		jsonw_string(w, n->str);
		break;
	case JSON_ARRAY:
		jsonw_array(w);
		write_parts(w, n);
		jsonw_end_array(w);
		break;
	case JSON_OBJECT:
		jsonw_object(w);
		write_parts(w, n);
		jsonw_end_object(w);
		break;
	}
}

void node_print(struct buf *out, const struct node *n)
{
	struct jsonw w;

	jsonw_init(&w, out, 0);
	node_write(&w, n);
}

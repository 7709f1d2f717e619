/* tree.h - JSON that can be changed: what a simulated system remembers.
 *
 * base/json reads texts into trees that never change; a system needs objects it can edit, so they
 * are copied into these nodes. Numbers stay the text they came as. Every node has one owner: what
 * is put into an object or an array belongs to it from then on.
 */
#ifndef SIM_TREE_H
#define SIM_TREE_H

#include "base/json.h"

struct node {
	enum json_type type;
	char *key;		/* member name when the parent is an object */
	char *str;		/* text of a string or of a number          */
	struct node *child;
	struct node *next;
};

struct node *node_object(void);
struct node *node_array(void);
struct node *node_null(void);
struct node *node_bool(bool v);
struct node *node_string(const char *s);
struct node *node_number(const char *text);
struct node *node_int(int64_t v);
struct node *node_from(const struct json *v);
struct node *node_copy(const struct node *n);
void node_free(struct node *n);

/* Adds the member or replaces its value in its place. */
void node_set(struct node *object, const char *key, struct node *value);
void node_remove(struct node *object, const char *key);
void node_append(struct node *array, struct node *value);

/* All take NULL, or a node of another type, and then give NULL or the fallback. */
struct node *node_get(const struct node *object, const char *key);
struct node *node_path(const struct node *n, const char *path);	/* "company/id" */
const char *node_text(const struct node *n, const char *fallback);	/* strings and numbers */
int64_t node_number_or(const struct node *n, int64_t fallback);
bool node_true(const struct node *n);
bool node_is_null(const struct node *n);				/* absent counts */

void node_write(struct jsonw *w, const struct node *n);
void node_print(struct buf *out, const struct node *n);

#endif

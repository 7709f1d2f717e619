/* cw_cond.c - the filter language of the ConnectWise PSA API.
 *
 *     expr   := and { "or" and }          and := term { "and" term }
 *     term   := "not" term | "(" expr ")" | path op value | path ["not"] "in" "(" value, ... ")"
 *     op     := = | != | <> | < | <= | > | >= | [not] like | [not] contains
 *     value  := "text" | 'text' | number | True | False | null | [date-time]
 */
#include "cw.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum op { OP_AND, OP_OR, OP_NOT, OP_EQ, OP_NE, OP_LT, OP_LE, OP_GT, OP_GE, OP_LIKE, OP_CONTAINS, OP_IN };

struct cw_cond {
	enum op op;
	struct cw_cond *left, *right; /* of AND, OR, NOT */
	const char *path;
	struct node_value *values;
};

struct node_value {
	struct node node;
	struct node_value *next;
};

struct parser {
	struct arena *a;
	const struct cw_kind *kind;
	const char *s;
	int depth;
	struct err *e;
};

static enum rc parse_or(struct parser *p, struct cw_cond **ret);

static void blanks(struct parser *p)
{
	while (isspace((unsigned char)*p->s))
		p->s++;
}

static bool word_char(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

static bool take_word(struct parser *p, const char *word)
{
	size_t len = strlen(word);

	blanks(p);
	if (strncasecmp(p->s, word, len) != 0 || word_char(p->s[len]))
		return false;
	p->s += len;
	return true;
}

static bool take(struct parser *p, const char *mark)
{
	blanks(p);
	if (strncmp(p->s, mark, strlen(mark)) != 0)
		return false;
	p->s += strlen(mark);
	return true;
}

static enum rc wrong(struct parser *p, const char *expected)
{
	return err_set(p->e, RC_INVALID, "conditions: %s expected at \"%.40s\"", expected, p->s);
}

static struct cw_cond *make(struct parser *p, enum op op)
{
	struct cw_cond *c = ARENA_NEW(p->a, struct cw_cond);

	c->op = op;
	return c;
}

/* "[[]" stands for a literal bracket; a doubled quote for a quote. */
static enum rc quoted(struct parser *p, struct node *v)
{
	AUTO(buf) b = BUF_INIT(1 << 20);
	char quote = *p->s++;

	for (; *p->s && (*p->s != quote || p->s[1] == quote); p->s++) {
		buf_putc(&b, *p->s);
		if (*p->s == quote)
			p->s++;
		else if (strncmp(p->s, "[[]", 3) == 0)
			p->s += 2;
	}
	if (*p->s != quote)
		return wrong(p, "closing quote");
	p->s++;
	v->type = JSON_STRING;
	v->str = arena_strdup(p->a, buf_text(&b));
	return RC_OK;
}

static enum rc bracketed(struct parser *p, struct node *v)
{
	const char *end = strchr(++p->s, ']');
	char text[CLOCK_TEXT];
	utime t;

	if (!end || clock_parse(arena_strndup(p->a, p->s, (size_t)(end - p->s)), &t) != RC_OK)
		return wrong(p, "date-time in brackets");
	p->s = end + 1;
	v->type = JSON_STRING;
	v->str = arena_strdup(p->a, clock_format(t, text));
	return RC_OK;
}

static enum rc numeral(struct parser *p, struct node *v)
{
	const char *start = p->s;
	char text[NUM_TEXT];

	while (*p->s && strchr("+-.eE0123456789", *p->s))
		p->s++;
	v->type = JSON_NUMBER;
	v->str = arena_strndup(p->a, start, (size_t)(p->s - start));
	return num_canonical(v->str, text) == RC_OK ? RC_OK : wrong(p, "value");
}

static enum rc parse_value(struct parser *p, struct node_value **ret)
{
	struct node_value *v = ARENA_NEW(p->a, struct node_value);

	*ret = v;
	blanks(p);
	if (*p->s == '"' || *p->s == '\'')
		return quoted(p, &v->node);
	if (*p->s == '[')
		return bracketed(p, &v->node);
	if (take_word(p, "null"))
		return v->node.type = JSON_NULL, RC_OK;
	if (take_word(p, "true"))
		return v->node.type = JSON_TRUE, RC_OK;
	if (take_word(p, "false"))
		return v->node.type = JSON_FALSE, RC_OK;
	return numeral(p, &v->node);
}

static enum rc parse_list(struct parser *p, struct cw_cond *c)
{
	struct node_value **tail = &c->values;

	if (!take(p, "("))
		return wrong(p, "(");
	do {
		if (parse_value(p, tail) != RC_OK)
			return RC_INVALID;
		tail = &(*tail)->next;
	} while (take(p, ","));
	return take(p, ")") ? RC_OK : wrong(p, ")");
}

static bool take_op(struct parser *p, enum op *ret)
{
	static const struct {
		const char *mark;
		enum op op;
	} marks[] = {
		{ "!=", OP_NE },
		{ "<>", OP_NE },
		{ "<=", OP_LE },
		{ ">=", OP_GE },
		{ "=", OP_EQ },
		{ "<", OP_LT },
		{ ">", OP_GT },
	};

	for (size_t i = 0; i < ARRAY_LEN(marks); i++)
		if (take(p, marks[i].mark))
			return *ret = marks[i].op, true;
	*ret = OP_LIKE;
	if (take_word(p, "like"))
		return true;
	*ret = OP_CONTAINS;
	if (take_word(p, "contains"))
		return true;
	*ret = OP_IN;
	return take_word(p, "in");
}

static enum rc parse_path(struct parser *p, struct cw_cond *c)
{
	const char *start, *end;
	char *first;

	blanks(p);
	for (start = p->s; word_char(*p->s) || *p->s == '/' || *p->s == '.'; p->s++)
		;
	if (p->s == start)
		return wrong(p, "field");
	c->path = arena_strndup(p->a, start, (size_t)(p->s - start));
	for (char *dot = strchr(c->path, '.'); dot; dot = strchr(dot, '.'))
		*dot = '/';
	end = strchr(c->path, '/');
	first = arena_strndup(p->a, c->path, end ? (size_t)(end - c->path) : strlen(c->path));
	if (strcmp(first, "lastUpdated") != 0 && !cw_known_field(p->kind, first))
		return err_at(p->e, RC_INVALID, first, "The field %s does not exist.", first);
	return RC_OK;
}

static enum rc parse_compare(struct parser *p, struct cw_cond **ret)
{
	struct cw_cond *c = make(p, OP_EQ), *negated;
	bool negate;

	if (parse_path(p, c) != RC_OK)
		return RC_INVALID;
	negate = take_word(p, "not");
	if (!take_op(p, &c->op))
		return wrong(p, "operator");
	if (c->op == OP_IN ? parse_list(p, c) != RC_OK : parse_value(p, &c->values) != RC_OK)
		return RC_INVALID;
	*ret = c;
	if (negate) {
		negated = make(p, OP_NOT);
		negated->left = c;
		*ret = negated;
	}
	return RC_OK;
}

static enum rc parse_term(struct parser *p, struct cw_cond **ret)
{
	struct cw_cond *c;
	enum rc rc = RC_INVALID;

	if (++p->depth > 64)
		return wrong(p, "less nesting");
	if (take_word(p, "not")) {
		c = make(p, OP_NOT);
		rc = parse_term(p, &c->left);
		*ret = c;
	} else if (take(p, "(")) {
		rc = parse_or(p, ret);
		if (rc == RC_OK && !take(p, ")"))
			rc = wrong(p, ")");
	} else {
		rc = parse_compare(p, ret);
	}
	p->depth--;
	return rc;
}

static enum rc parse_and(struct parser *p, struct cw_cond **ret)
{
	struct cw_cond *c;

	if (parse_term(p, ret) != RC_OK)
		return RC_INVALID;
	while (take_word(p, "and")) {
		c = make(p, OP_AND);
		c->left = *ret;
		*ret = c;
		if (parse_term(p, &c->right) != RC_OK)
			return RC_INVALID;
	}
	return RC_OK;
}

static enum rc parse_or(struct parser *p, struct cw_cond **ret)
{
	struct cw_cond *c;

	if (parse_and(p, ret) != RC_OK)
		return RC_INVALID;
	while (take_word(p, "or")) {
		c = make(p, OP_OR);
		c->left = *ret;
		*ret = c;
		if (parse_and(p, &c->right) != RC_OK)
			return RC_INVALID;
	}
	return RC_OK;
}

enum rc cw_cond_parse(struct arena *a, const struct cw_kind *k, const char *text, struct cw_cond **ret, struct err *e)
{
	struct parser p = { a, k, text, 0, e };

	*ret = NULL;
	if (!text || !*text)
		return RC_OK;
	if (parse_or(&p, ret) != RC_OK)
		return RC_INVALID;
	blanks(&p);
	return *p.s ? wrong(&p, "end") : RC_OK;
}

const struct node *cw_field(const struct node *row, const char *path)
{
	const struct node *n = node_path(row, path);

	if (!n && strcmp(path, "lastUpdated") == 0)
		n = node_path(row, "_info/lastUpdated");
	return n;
}

static int compare_numbers(const struct node *a, const struct node *b)
{
	qty x, y;

	if (qty_parse(a->str, &x) != RC_OK || qty_parse(b->str, &y) != RC_OK)
		return strcmp(a->str, b->str);
	return x < y ? -1 : x > y;
}

int cw_compare(const struct node *a, const struct node *b)
{
	if (node_is_null(a) || node_is_null(b))
		return (int)node_is_null(b) - (int)node_is_null(a);
	if (a->type == JSON_NUMBER && b->type == JSON_NUMBER)
		return compare_numbers(a, b);
	if (a->type == JSON_STRING && b->type == JSON_STRING)
		return strcasecmp(a->str, b->str);
	return (int)a->type - (int)b->type;
}

static bool like(const char *text, const char *pattern)
{
	for (; *pattern; text++, pattern++) {
		if (*pattern == '*' || *pattern == '%') {
			while (*pattern == '*' || *pattern == '%')
				pattern++;
			for (;; text++) {
				if (like(text, pattern))
					return true;
				if (!*text)
					return false;
			}
		}
		if (!*text || tolower((unsigned char)*text) != tolower((unsigned char)*pattern))
			return false;
	}
	return !*text;
}

/* Nothing is equal to null only; any other comparison with it is not true, as in SQL. */
static bool holds(enum op op, const struct node *field, const struct node *value)
{
	int order;

	if (node_is_null(field) || node_is_null(value))
		return op == OP_EQ || op == OP_IN ? node_is_null(field) && node_is_null(value)
						  : op == OP_NE && node_is_null(value) && !node_is_null(field);
	if (op == OP_LIKE || op == OP_CONTAINS) {
		const char *text = node_text(field, ""), *part = node_text(value, "");

		return op == OP_LIKE ? like(text, part) : strcasestr(text, part) != NULL;
	}
	order = cw_compare(field, value);
	return op == OP_EQ || op == OP_IN ? order == 0
		: op == OP_NE             ? order != 0
		: op == OP_LT             ? order < 0
		: op == OP_LE             ? order <= 0
		: op == OP_GT             ? order > 0
					  : order >= 0;
}

static bool compare_true(const struct cw_cond *c, const struct node *field)
{
	for (const struct node_value *v = c->values; v; v = v->next)
		if (holds(c->op, field, &v->node))
			return true;
	return false;
}

/* A path that begins with an array is true when it is so of one element. */
static bool array_true(const struct cw_cond *c, const struct node *array, const char *rest)
{
	for (const struct node *n = array->child; n; n = n->next)
		if (compare_true(c, cw_field(n, rest)))
			return true;
	return false;
}

bool cw_cond_true(const struct cw_cond *c, const struct node *row)
{
	const struct node *array;
	const char *slash;
	char first[64];

	if (!c)
		return true;
	if (c->op == OP_AND)
		return cw_cond_true(c->left, row) && cw_cond_true(c->right, row);
	if (c->op == OP_OR)
		return cw_cond_true(c->left, row) || cw_cond_true(c->right, row);
	if (c->op == OP_NOT)
		return !cw_cond_true(c->left, row);
	slash = strchr(c->path, '/');
	if (slash && (size_t)(slash - c->path) < sizeof(first)) {
		snprintf(first, sizeof(first), "%.*s", (int)(slash - c->path), c->path);
		array = node_get(row, first);
		if (array && array->type == JSON_ARRAY)
			return array_true(c, array, slash + 1);
	}
	return compare_true(c, cw_field(row, c->path));
}

/* Tags and notes on accounts, products and cards. */
#include "api/route.h"
#include "core/cards/note.h"
#include "core/cards/tag.h"

#include <string.h>

static enum rc get_tags(struct call *c, struct err *e)
{
	enum rc rc;

	call_list_begin(c);
	rc = tag_write_list(c->tx, c->who.org, &c->out, e);
	call_list_end(c, NULL);
	return rc;
}

static enum rc put(struct call *c, const char *id, struct err *e)
{
	const char *made = id;
	enum rc rc = tx_lock_org(c->tx, c->who.org, e);

	if (rc == RC_OK)
		rc = tag_put(c->tx, c->who.org, id, call_text(c, "name"), call_text(c, "color"), &made, e);
	if (rc != RC_OK)
		return rc;
	c->audit_object = arena_printf(c->arena, "tag %s", made);
	c->audit_after = arena_strdup(c->arena, c->rq->body);
	return tag_write(c->tx, c->who.org, made, &c->out, e);
}

static enum rc post_tag(struct call *c, struct err *e)
{
	return put(c, NULL, e);
}

static enum rc put_tag(struct call *c, struct err *e)
{
	return put(c, call_param(c, 0), e);
}

static enum rc delete_tag(struct call *c, struct err *e)
{
	c->audit_object = arena_printf(c->arena, "tag %s", call_param(c, 0));
	return tag_remove(c->tx, c->who.org, call_param(c, 0), e);
}

static enum rc write_subject(struct call *c, const char *kind, const char *id, struct err *e)
{
	enum rc rc;

	jsonw_object(&c->out);
	rc = tag_write_of(c->tx, c->who.org, kind, id, &c->out, e);
	if (rc == RC_OK)
		rc = note_write_of(c->tx, c->who.org, kind, id, &c->out, e);
	jsonw_end_object(&c->out);
	return rc;
}

static enum rc get_subject(struct call *c, struct err *e)
{
	const char *kind = call_param(c, 0), *id = call_param(c, 1);
	enum rc rc = subject_check(c->tx, c->who.org, kind, id, e);

	return rc == RC_OK ? write_subject(c, kind, id, e) : rc;
}

static enum rc put_tags(struct call *c, struct err *e)
{
	const char *kind = call_param(c, 0), *id = call_param(c, 1);
	const struct json *given = json_get(c->body, "tags");
	const char **tags = arena_array(c->arena, given->count + 1, sizeof(*tags));
	size_t count = 0;
	enum rc rc;

	for (const struct json *t = given->child; t; t = t->next) {
		if (!json_text(t))
			return err_at(e, RC_INVALID, "/tags", "Each tag is given by its id.");
		tags[count++] = json_text(t);
	}
	rc = tag_set(c->tx, c->who.org, kind, id, tags, count, e);
	if (rc != RC_OK)
		return rc;
	c->audit_object = arena_printf(c->arena, "%s %s", kind, id);
	c->audit_after = arena_strdup(c->arena, c->rq->body);
	return write_subject(c, kind, id, e);
}

static enum rc post_note(struct call *c, struct err *e)
{
	const char *id;
	enum rc rc = note_add(c->tx, &c->who, call_param(c, 0), call_param(c, 1), call_text(c, "note"), &id, e);

	if (rc != RC_OK)
		return rc;
	c->audit_object = arena_printf(c->arena, "note %s", id);
	c->audit_after = arena_strdup(c->arena, c->rq->body);
	return note_write(c->tx, c->who.org, id, &c->out, e);
}

static enum rc delete_note(struct call *c, struct err *e)
{
	c->audit_object = arena_printf(c->arena, "note %s", call_param(c, 0));
	return note_remove(c->tx, c->who.org, call_param(c, 0), e);
}

static const struct field tag_body[] = {
	{ "name", F_TEXT, .required = true, .max = 60 },
	{ "color", F_TEXT, .max = 7, .help = "#rrggbb" },
	{ NULL },
};

static const struct field set_body[] = {
	{ "tags", F_ARRAY, .required = true, .max = TAGS_MAX, .help = "ids; these and no others" },
	{ NULL },
};

static const struct field note_body[] = {
	{ "note", F_TEXT, .required = true, .max = 4000 },
	{ NULL },
};

#define SUBJECT "/api/v1/subjects/{kind}/{id}"

const struct route tags_routes[] = {
	{ "GET", "/api/v1/tags", ROUTE_READ, ROLE_VIEWER, 200, get_tags, .rate = RATE_APP, .summary = "All tags" },
	{ "POST", "/api/v1/tags", ROUTE_WRITE, ROLE_APPROVER, 201, post_tag, tag_body, .event = "tag.made",
		.rate = RATE_APP, .summary = "Make a tag" },
	{ "PUT", "/api/v1/tags/{id}", ROUTE_WRITE, ROLE_APPROVER, 200, put_tag, tag_body, .event = "tag.changed",
		.rate = RATE_APP, .summary = "Rename or recolor a tag" },
	{ "DELETE", "/api/v1/tags/{id}", ROUTE_WRITE, ROLE_APPROVER, 204, delete_tag, .event = "tag.removed",
		.rate = RATE_APP, .summary = "Remove a tag from everything" },
	{ "GET", SUBJECT, ROUTE_READ, ROLE_VIEWER, 200, get_subject, .rate = RATE_APP,
		.summary = "Tags and notes of an account, a product or a card" },
	{ "PUT", SUBJECT "/tags", ROUTE_WRITE, ROLE_APPROVER, 200, put_tags, set_body, .event = "tag.set",
		.rate = RATE_APP, .summary = "Which tags are on it" },
	{ "POST", SUBJECT "/notes", ROUTE_WRITE, ROLE_APPROVER, 201, post_note, note_body, .event = "note.made",
		.rate = RATE_APP, .summary = "Write a note" },
	{ "DELETE", "/api/v1/notes/{id}", ROUTE_WRITE, ROLE_APPROVER, 204, delete_note, .event = "note.removed",
		.rate = RATE_APP, .summary = "Remove a note" },
	{ NULL },
};

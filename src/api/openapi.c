#include "api/openapi.h"

#include "api/check.h"
#include "api/work.h"

#include <stdio.h>
#include <string.h>

enum { OPENAPI_MAX = 4 << 20 };

/* Of a body or of an answer: in an answer every member is there, and no other. */
static void write_fields(struct jsonw *w, const struct field *fields, bool answer);

static void write_type(struct jsonw *w, const char *type, const struct field *f)
{
	jsonw_key(w, "type");
	if (f->nullable)
		jsonw_array(w);
	jsonw_string(w, type);
	if (f->nullable) {
		jsonw_string(w, "null");
		jsonw_end_array(w);
	}
}

static void write_choices(struct jsonw *w, const char *choices)
{
	size_t len;

	jsonw_key(w, "enum");
	jsonw_array(w);
	for (const char *p = choices; *p; p += len + (p[len] == '|')) {
		len = strcspn(p, "|");
		jsonw_stringn(w, p, len);
	}
	jsonw_end_array(w);
}

static void write_text(struct jsonw *w, const struct field *f, bool answer)
{
	write_type(w, "string", f);
	if (f->choices)
		write_choices(w, f->choices);
	else if (!answer)
		jsonw_kv_int(w, "maxLength", f->max ? f->max : CHECK_TEXT_MAX);
}

static void write_array(struct jsonw *w, const struct field *f, bool answer)
{
	jsonw_kv(w, "type", "array");
	if (!answer)
		jsonw_kv_int(w, "maxItems", f->max ? f->max : CHECK_ARRAY_MAX);
	jsonw_key(w, "items");
	jsonw_object(w);
	if (f->members)
		write_fields(w, f->members, answer);
	jsonw_end_object(w);
}

static void write_field(struct jsonw *w, const struct field *f, bool answer)
{
	jsonw_object(w);
	switch (f->type) {
	case F_TEXT:
		write_text(w, f, answer);
		break;
	case F_INT:
		write_type(w, "integer", f);
		break;
	case F_BOOL:
		write_type(w, "boolean", f);
		break;
	case F_DECIMAL:
		jsonw_kv_raw(w, "type", "[\"string\",\"number\"]");
		break;
	case F_DATE:
		jsonw_kv(w, "type", "string");
		jsonw_kv(w, "format", "date");
		break;
	case F_OBJECT:
		if (f->members)
			write_fields(w, f->members, answer);
		else
			write_type(w, "object", f);
		break;
	case F_ARRAY:
		write_array(w, f, answer);
		break;
	case F_ANY:
		break;
	}
	if (f->help)
		jsonw_kv(w, "description", f->help);
	jsonw_end_object(w);
}

static void write_required(struct jsonw *w, const struct field *fields, bool answer)
{
	bool any = false;

	for (const struct field *f = fields; f->name; f++)
		any |= answer || f->required;
	if (!any)
		return;
	jsonw_key(w, "required");
	jsonw_array(w);
	for (const struct field *f = fields; f->name; f++)
		if (answer || f->required)
			jsonw_string(w, f->name);
	jsonw_end_array(w);
}

static void write_fields(struct jsonw *w, const struct field *fields, bool answer)
{
	jsonw_kv(w, "type", "object");
	jsonw_key(w, "properties");
	jsonw_object(w);
	for (const struct field *f = fields; f->name; f++) {
		jsonw_key(w, f->name);
		write_field(w, f, answer);
	}
	jsonw_end_object(w);
	write_required(w, fields, answer);
	if (answer)
		jsonw_kv_bool(w, "additionalProperties", false);
}

static void write_parameter(struct jsonw *w, const char *name, size_t len, bool in_path)
{
	jsonw_object(w);
	jsonw_key(w, "name");
	jsonw_stringn(w, name, len);
	jsonw_kv(w, "in", in_path ? "path" : "query");
	if (in_path)
		jsonw_kv_bool(w, "required", true);
	jsonw_kv_raw(w, "schema", "{\"type\":\"string\"}");
	jsonw_end_object(w);
}

/* The summary names the parameters after the question mark, each as ?name= */
static void write_parameters(struct jsonw *w, const struct route *r)
{
	size_t len;

	jsonw_key(w, "parameters");
	jsonw_array(w);
	for (const char *p = strchr(r->path, '{'); p; p = strchr(p + len, '{')) {
		len = strcspn(++p, "*}");
		write_parameter(w, p, len, true);
	}
	for (const char *p = r->summary ? strchr(r->summary, '?') : NULL; p; p = strchr(p + len, '?')) {
		len = strcspn(++p, "= ");
		if (p[len] == '=')
			write_parameter(w, p, len, false);
	}
	jsonw_end_array(w);
}

/* "content" with a schema that `fn` writes the members of. */
static void write_content(struct jsonw *w, const struct route *r, void (*fn)(struct jsonw *w, const struct route *r))
{
	jsonw_key(w, "content");
	jsonw_object(w);
	jsonw_key(w, "application/json");
	jsonw_object(w);
	jsonw_key(w, "schema");
	jsonw_object(w);
	fn(w, r);
	jsonw_end_object(w);
	jsonw_end_object(w);
	jsonw_end_object(w);
}

static void write_body_schema(struct jsonw *w, const struct route *r)
{
	write_fields(w, r->body, false);
}

static void write_body(struct jsonw *w, const struct route *r)
{
	if (!r->body)
		return;
	jsonw_key(w, "requestBody");
	jsonw_object(w);
	write_content(w, r, write_body_schema);
	jsonw_end_object(w);
}

static void write_answer_schema(struct jsonw *w, const struct route *r)
{
	const struct field list[] = { { "items", F_ARRAY, .members = r->answer },
		{ "next_cursor", F_TEXT, .nullable = true, .help = "for ?cursor= of the next page" }, { NULL } };

	write_fields(w, r->answer_list ? list : r->answer, true);
}

static void write_responses(struct jsonw *w, const struct route *r)
{
	char status[16];

	snprintf(status, sizeof(status), "%d", r->status);
	jsonw_key(w, "responses");
	jsonw_object(w);
	jsonw_key(w, status);
	jsonw_object(w);
	jsonw_kv(w, "description", r->summary ? r->summary : "Done");
	if (r->answer)
		write_content(w, r, write_answer_schema);
	jsonw_end_object(w);
	jsonw_kv_raw(w, "default",
		r->face == FACE_VENDOR ? "{\"$ref\":\"#/components/responses/VendorError\"}"
				       : "{\"$ref\":\"#/components/responses/Problem\"}");
	jsonw_end_object(w);
}

static void write_operation(struct jsonw *w, const struct route *r)
{
	static const char lower[][8] = { "get", "put", "post", "delete", "patch", "options" };
	static const char upper[][8] = { "GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS" };
	unsigned i = 0;

	while (i < ARRAY_LEN(upper) && strcmp(upper[i], r->method) != 0)
		i++;
	if (i == ARRAY_LEN(upper))
		BUG("route %s has the method %s", r->path, r->method);
	jsonw_key(w, lower[i]);
	jsonw_object(w);
	jsonw_kv(w, "summary", r->summary);
	jsonw_kv(w, "x-role", r->face == FACE_VENDOR ? "vendor" : role_name(r->role));
	if (r->face == FACE_VENDOR)
		jsonw_kv_raw(w, "security", "[{\"vendor\":[]}]");
	else if (r->role != ROLE_NONE)
		jsonw_kv_raw(w, "security", "[{\"token\":[]},{\"session\":[]}]");
	write_parameters(w, r);
	write_body(w, r);
	write_responses(w, r);
	jsonw_end_object(w);
}

/* "/a/{rest*}" as OpenAPI writes it. */
static const char *plain_path(struct arena *a, const char *path)
{
	const char *star = strchr(path, '*');

	return star ? arena_printf(a, "%.*s%s", (int)(star - path), path, star + 1) : path;
}

/* All operations of a path belong under one key: at its first route, the others are looked up. */
static void write_paths(struct jsonw *w, const struct matcher *m)
{
	AUTO(arena) a = ARENA_INIT;
	const struct route *r, *other;

	for (unsigned i = 0; (r = matcher_at(m, i)); i++) {
		bool first = true;

		for (unsigned j = 0; j < i && first; j++)
			first = strcmp(matcher_at(m, j)->path, r->path) != 0;
		if (!first)
			continue;
		jsonw_key(w, plain_path(&a, r->path));
		jsonw_object(w);
		for (unsigned j = i; (other = matcher_at(m, j)); j++)
			if (strcmp(other->path, r->path) == 0)
				write_operation(w, other);
		jsonw_end_object(w);
	}
}

static const char components[] =
	"{\"securitySchemes\":{"
	"\"token\":{\"type\":\"http\",\"scheme\":\"bearer\"},"
	"\"session\":{\"type\":\"apiKey\",\"in\":\"cookie\",\"name\":\"" AUTH_COOKIE
	"\",\"description\":\"Changes also need the header " AUTH_CSRF_HEADER
	" with the value of the cookie " AUTH_CSRF_COOKIE "\"},"
	"\"vendor\":{\"type\":\"apiKey\",\"in\":\"header\",\"name\":\"Gradient-Token\"}},"
	"\"responses\":{"
	"\"Problem\":{\"description\":\"What went wrong\",\"content\":{\"application/problem+json\":{\"schema\":"
	"{\"$ref\":\"#/components/schemas/Problem\"}}}},"
	"\"VendorError\":{\"description\":\"What went wrong\",\"content\":{\"application/json\":{\"schema\":"
	"{\"$ref\":\"#/components/schemas/VendorError\"}}}}},"
	"\"schemas\":{"
	"\"Problem\":{\"type\":\"object\",\"required\":[\"type\",\"title\",\"status\",\"detail\",\"request_id\"],"
	"\"properties\":{"
	"\"type\":{\"type\":\"string\"},\"title\":{\"type\":\"string\"},\"status\":{\"type\":\"integer\"},"
	"\"detail\":{\"type\":\"string\"},\"request_id\":{\"type\":\"string\"},"
	"\"errors\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{\"pointer\":{\"type\":"
	"\"string\"},"
	"\"detail\":{\"type\":\"string\"}}}}}},"
	"\"VendorError\":{\"type\":\"object\",\"required\":[\"statusCode\",\"message\"],\"properties\":{"
	"\"statusCode\":{\"type\":\"integer\"},\"message\":{},\"error\":{\"type\":\"string\"}}}}}";

char *openapi_text(const struct matcher *m)
{
	struct buf out = BUF_INIT(OPENAPI_MAX);
	struct jsonw w;

	jsonw_init(&w, &out, 0);
	jsonw_object(&w);
	jsonw_kv(&w, "openapi", "3.1.0");
	jsonw_kv_raw(&w, "info", "{\"title\":\"Trueup\",\"version\":\"1\"}");
	jsonw_key(&w, "paths");
	jsonw_object(&w);
	write_paths(&w, m);
	jsonw_end_object(&w);
	jsonw_kv_raw(&w, "components", components);
	jsonw_end_object(&w);
	return buf_take(&out);
}

static enum rc get_openapi(struct call *c, struct err *e)
{
	jsonw_raw(&c->out, c->app->server->openapi);
	return RC_OK;
}

const struct route openapi_routes[] = {
	{ "GET", "/api/v1/openapi.json", ROUTE_NOW, ROLE_NONE, 200, get_openapi, .rate = RATE_NONE,
		.summary = "This description" },
	{ NULL },
};

#include "api/problem.h"

#include <string.h>

static const struct {
	int status;
	const char *title;
} titles[] = { { 400, "Bad Request" }, { 401, "Unauthorized" }, { 403, "Forbidden" }, { 404, "Not Found" },
	{ 405, "Method Not Allowed" }, { 409, "Conflict" }, { 413, "Content Too Large" },
	{ 415, "Unsupported Media Type" }, { 422, "Unprocessable Content" }, { 429, "Too Many Requests" },
	{ 500, "Internal Server Error" }, { 502, "Bad Gateway" }, { 503, "Service Unavailable" } };

static const int statuses[RC_MAX] = { [RC_OK] = 200,
	[RC_NOT_FOUND] = 404,
	[RC_CONFLICT] = 409,
	[RC_INVALID] = 400,
	[RC_DENIED] = 403,
	[RC_UNAUTHORIZED] = 401,
	[RC_BUSY] = 429,
	[RC_REMOTE] = 502,
	[RC_IO] = 503,
	[RC_INTERNAL] = 500 };

/* For a failure without words. */
static const char *const plain_words[RC_MAX] = { [RC_OK] = "",
	[RC_NOT_FOUND] = "There is no such thing.",
	[RC_CONFLICT] = "This does not go with how things are now.",
	[RC_INVALID] = "The request is wrong.",
	[RC_DENIED] = "This is not allowed.",
	[RC_UNAUTHORIZED] = "Sign in first.",
	[RC_BUSY] = "Too much at once. Ask again in a moment.",
	[RC_REMOTE] = "The other system failed.",
	[RC_IO] = "The store could not be reached. Nothing was changed.",
	[RC_INTERNAL] = "Something went wrong in this program. The log has the details." };

int problem_status(const struct err *e)
{
	return e->status ? e->status : statuses[e->rc];
}

const char *problem_title(int status)
{
	for (unsigned i = 0; i < ARRAY_LEN(titles); i++)
		if (titles[i].status == status)
			return titles[i].title;
	return "Error";
}

static const char *words(const struct err *e)
{
	return e->text[0] ? e->text : plain_words[e->rc];
}

static void write_complaint(struct jsonw *w, const char *pointer, const char *detail)
{
	jsonw_object(w);
	jsonw_kv(w, "pointer", pointer);
	jsonw_kv(w, "detail", detail);
	jsonw_end_object(w);
}

static void write_app(struct jsonw *w, const struct err *e, const struct complaint *list, const char *request_id)
{
	int status = problem_status(e);

	jsonw_object(w);
	jsonw_kv(w, "type", "about:blank");
	jsonw_kv(w, "title", problem_title(status));
	jsonw_kv_int(w, "status", status);
	jsonw_kv(w, "detail", words(e));
	jsonw_kv(w, "request_id", request_id);
	if (list || e->pointer[0]) {
		jsonw_key(w, "errors");
		jsonw_array(w);
		if (!list)
			write_complaint(w, e->pointer, words(e));
		for (; list; list = list->next)
			write_complaint(w, list->pointer, list->detail);
		jsonw_end_array(w);
	}
	jsonw_end_object(w);
}

/* {"statusCode":400,"message":["..."],"error":"Bad Request"}: the forms that vendors' scripts have seen. */
static void write_vendor(struct jsonw *w, const struct err *e, const struct complaint *list)
{
	int status = problem_status(e);

	jsonw_object(w);
	jsonw_kv_int(w, "statusCode", status);
	jsonw_key(w, "message");
	if (list) {
		jsonw_array(w);
		for (; list; list = list->next)
			jsonw_string(w, list->detail);
		jsonw_end_array(w);
	} else {
		jsonw_string(w, status == 401 ? "Unauthorized" : words(e));
	}
	if (status == 400 || status == 429)
		jsonw_kv(w, "error", problem_title(status));
	jsonw_end_object(w);
}

void problem_write(struct buf *out, enum face face, const struct err *e, const struct complaint *complaints,
	const char *request_id)
{
	struct jsonw w;

	jsonw_init(&w, out, face == FACE_VENDOR ? JSONW_ASCII : 0);
	if (face == FACE_VENDOR)
		write_vendor(&w, e, complaints);
	else
		write_app(&w, e, complaints, request_id);
}

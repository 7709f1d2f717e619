/* problem.h - how a failure is said: a problem document (RFC 9457), or the vendor API's own form. */
#ifndef API_PROBLEM_H
#define API_PROBLEM_H

#include "api/route.h"

/* One thing that is wrong with a body. */
struct complaint {
	const char *pointer, *detail;
	struct complaint *next;
};

/* The HTTP status of an error. */
int problem_status(const struct err *e);
/* "Not Found"; "Error" for a status that is not known. */
const char *problem_title(int status);

/* Writes the body. `complaints` may be NULL. */
void problem_write(struct buf *out, enum face face, const struct err *e, const struct complaint *complaints,
	const char *request_id);

#endif

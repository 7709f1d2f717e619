/* declared.h - vendors that are declared by a file: what a declaration is, checked, and how it is read.
 *
 * The form of the file is in vendors/schema.json, and is held to it; what a schema cannot say (names that mean
 * nothing, a step that asks for rows of a later one) is checked beside it. A declaration that passed the check cannot
 * make the engine fail in any way but by what a vendor answers.
 */
#ifndef VENDOR_DECLARED_DECLARED_H
#define VENDOR_DECLARED_DECLARED_H

#include "base/json.h"
#include "vendor/vendor.h"

struct declared {
	struct vendor vendor;		/* its `declaration` points back here */
	const struct json *root;
};

enum { DECLARED_TEXT_MAX = 1 << 20 };

/* Reads and checks. All of it lives in `a`, which must outlive its use. RC_INVALID with a JSON pointer. */
enum rc declared_parse(
	struct arena *a, const char *text, size_t len, const struct declared **ret, struct err *e) MUST_CHECK;
/* The same from a file. RC_IO, or RC_INVALID with a pointer and the file's name in the words. */
enum rc declared_file(struct arena *a, const char *path, const struct declared **ret, struct err *e) MUST_CHECK;

extern const struct pull_ops declared_pull;

/* The files that are part of the program (made by tools/embed from vendors/). Ends with name == NULL. */
struct declared_text {
	const char *name, *text;
	size_t len;
};
extern const struct declared_text declared_texts[];
extern const struct declared_text declared_schema;

#endif

/* package.h - inside of sheet: the parts of an XLSX file, and its texts and formats. */
#ifndef SHEET_PACKAGE_H
#define SHEET_PACKAGE_H

#include <expat.h>

#include "sheet/source.h"

struct package;		/* the zip */
struct part;		/* one file in it, being read */

/* Reads all of `f` into memory (at most SHEET_BYTES_MAX). RC_INVALID: damaged, with a password, or unpacks to too
 * much. */
enum rc package_open(FILE *f, struct package **ret, struct err *e) MUST_CHECK;
void package_close(struct package *p);
/* RC_NOT_FOUND (no words) when there is no such part. */
enum rc part_open(struct package *p, const char *name, struct part **ret, struct err *e) MUST_CHECK;
/* *ret_len 0 at the end. */
enum rc part_read(struct part *t, char *out, size_t size, size_t *ret_len, struct err *e) MUST_CHECK;
void part_close(struct part *t);

/* Feeds a whole part to the handlers that are set on `xml`. RC_NOT_FOUND when it is not there. */
enum rc part_parse(struct package *p, const char *name, XML_Parser xml, struct err *e) MUST_CHECK;
/* A parser that refuses document types (there are none in XLSX, and they are how XML is abused). */
XML_Parser xml_new(void *arg, XML_StartElementHandler start, XML_EndElementHandler end, XML_CharacterDataHandler text);
/* Name without prefix. */
const char *xml_local(const char *name);
/* Value of an attribute by local name, or NULL. */
const char *xml_attribute(const char **attributes, const char *name);

/* What cells refer to. */
struct workbook {
	char *part;			/* of the chosen worksheet */
	char *worksheet;		/* its name */
	char **text;			/* shared texts */
	size_t texts;
	bool *is_date;			/* by style number */
	size_t styles;
	bool since_1904;
	struct arena arena;
};

/* `wanted` NULL = the first visible sheet. RC_INVALID names the sheets when there is none of that name. */
enum rc workbook_read(struct package *p, const char *wanted, struct workbook *ret, struct err *e) MUST_CHECK;
void workbook_release(struct workbook *w);

#endif

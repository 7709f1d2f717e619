/* Workbook, shared texts and styles of an XLSX file (ECMA-376 part 1, chapter 18). */
#include "sheet/package.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define TEXTS_BYTES_MAX (128u << 20)

/* One reader for the small parts: each fills what it finds. */
struct reading {
	struct workbook *w;
	const char *wanted;
	struct buf names;		/* of all sheets, for the refusal */
	char *chosen, *chosen_rel;	/* sheet and its relation */
	char *target;			/* of the relation */
	struct buf text;		/* of the shared text being read */
	bool in_t, in_rph;
	size_t texts_room, styles_room;
	bool in_cell_formats;
	struct { long id; bool date; } *custom;	/* number formats of this file */
	size_t customs, customs_room;
};

static struct reading *reading_of(void *xml)
{
	return XML_GetUserData((XML_Parser)xml);
}

static void start_workbook(void *xml, const char *element, const char **attributes)
{
	struct reading *r = reading_of(xml);
	const char *name = xml_attribute(attributes, "name"), *state = xml_attribute(attributes, "state");
	const char *rel = NULL, *flag;

	element = xml_local(element);
	if (strcmp(element, "workbookPr") == 0) {
		flag = xml_attribute(attributes, "date1904");
		r->w->since_1904 = flag && (strcmp(flag, "1") == 0 || strcmp(flag, "true") == 0);
	}
	if (strcmp(element, "sheet") != 0 || !name)
		return;
	for (size_t i = 0; attributes[i]; i += 2) {
		/* "r:id", not "sheetId": only the prefixed one has this local name. */
		if (strchr(attributes[i], ':') && strcmp(xml_local(attributes[i]), "id") == 0)
			rel = attributes[i + 1];
	}
	buf_printf(&r->names, "%s\"%s\"", r->names.len ? ", " : "", name);
	if (!rel || r->chosen || (r->wanted ? strcmp(r->wanted, name) != 0 : state && strcmp(state, "visible") != 0))
		return;
	r->chosen = arena_strdup(&r->w->arena, name);
	r->chosen_rel = arena_strdup(&r->w->arena, rel);
}

static void start_relation(void *xml, const char *element, const char **attributes)
{
	struct reading *r = reading_of(xml);
	const char *id = xml_attribute(attributes, "Id"), *target = xml_attribute(attributes, "Target");

	if (id && target && strcmp(id, r->chosen_rel) == 0)
		r->target = arena_strdup(&r->w->arena, target);
}

static void start_text(void *xml, const char *element, const char **attributes)
{
	struct reading *r = reading_of(xml);

	element = xml_local(element);
	if (strcmp(element, "si") == 0)
		buf_clear(&r->text);
	else if (strcmp(element, "rPh") == 0)
		r->in_rph = true;	/* how a Japanese text is read out: not a part of it */
	else if (strcmp(element, "t") == 0)
		r->in_t = true;
}

static void data_text(void *xml, const char *text, int len)
{
	struct reading *r = reading_of(xml);

	if (r->in_t && !r->in_rph)
		buf_put(&r->text, text, (size_t)len);
}

static void end_text(void *xml, const char *element)
{
	struct reading *r = reading_of(xml);
	struct workbook *w = r->w;

	element = xml_local(element);
	if (strcmp(element, "t") == 0)
		r->in_t = false;
	else if (strcmp(element, "rPh") == 0)
		r->in_rph = false;
	if (strcmp(element, "si") != 0)
		return;
	if (w->arena.used + r->text.len > TEXTS_BYTES_MAX || r->text.failed) {
		XML_StopParser(xml, XML_FALSE);
		return;
	}
	if (w->texts == r->texts_room) {
		r->texts_room = r->texts_room ? r->texts_room * 2 : 1024;
		w->text = xrealloc(w->text, r->texts_room * sizeof(*w->text));
	}
	w->text[w->texts++] = arena_strndup(&w->arena, buf_text(&r->text), r->text.len);
}

/* A format shows a date when it has a year or day outside of quotes and brackets. */
static bool date_code(const char *code)
{
	for (; *code; code++) {
		if (*code == '"') {
			code = strchr(code + 1, '"');
			if (!code)
				return false;
		} else if (*code == '[') {
			code = strchr(code, ']');
			if (!code)
				return false;
		} else if (*code == '\\' && code[1]) {
			code++;
		} else if (strchr("yYdD", *code)) {
			return true;
		}
	}
	return false;
}

static bool date_format(const struct reading *r, long id)
{
	for (size_t i = 0; i < r->customs; i++) {
		if (r->custom[i].id == id)
			return r->custom[i].date;
	}
	/* Built-in formats that show a date. */
	return (id >= 14 && id <= 17) || id == 22 || (id >= 27 && id <= 36) || (id >= 50 && id <= 58);
}

static void add_custom(struct reading *r, const char *id, const char *code)
{
	if (r->customs == r->customs_room) {
		r->customs_room = r->customs_room ? r->customs_room * 2 : 32;
		r->custom = xrealloc(r->custom, r->customs_room * sizeof(*r->custom));
	}
	r->custom[r->customs].id = strtol(id, NULL, 10);
	r->custom[r->customs++].date = date_code(code);
}

static void add_style(struct reading *r, const char *format)
{
	struct workbook *w = r->w;

	if (w->styles == r->styles_room) {
		r->styles_room = r->styles_room ? r->styles_room * 2 : 64;
		w->is_date = xrealloc(w->is_date, r->styles_room * sizeof(*w->is_date));
	}
	w->is_date[w->styles++] = format && date_format(r, strtol(format, NULL, 10));
}

static void start_style(void *xml, const char *element, const char **attributes)
{
	struct reading *r = reading_of(xml);
	const char *id = xml_attribute(attributes, "numFmtId"), *code = xml_attribute(attributes, "formatCode");

	element = xml_local(element);
	if (strcmp(element, "numFmt") == 0 && id && code)
		add_custom(r, id, code);
	else if (strcmp(element, "cellXfs") == 0)
		r->in_cell_formats = true;
	else if (strcmp(element, "xf") == 0 && r->in_cell_formats)
		add_style(r, id);
}

static void end_style(void *xml, const char *element)
{
	if (strcmp(xml_local(element), "cellXfs") == 0)
		reading_of(xml)->in_cell_formats = false;
}

static enum rc parse_part(struct package *p, const char *name, struct reading *r, XML_StartElementHandler start,
	XML_EndElementHandler end, XML_CharacterDataHandler text, struct err *e)
{
	XML_Parser xml = xml_new(r, start, end, text);
	enum rc rc = part_parse(p, name, xml, e);

	XML_ParserFree(xml);
	return rc;
}

static enum rc choose_sheet(struct package *p, struct reading *r, struct err *e)
{
	enum rc rc = parse_part(p, "xl/workbook.xml", r, start_workbook, NULL, NULL, e);

	if (rc == RC_NOT_FOUND)
		return err_set(
			e, RC_INVALID, "The file is a zip, but not an XLSX workbook; export the table as CSV or XLSX.");
	if (rc == RC_OK && !r->chosen)
		return err_set(e, RC_INVALID, "The workbook has no sheet%s%s; it has %s.",
			r->wanted ? " " : " that is visible", r->wanted ? r->wanted : "",
			r->names.len ? buf_text(&r->names) : "none");
	if (rc == RC_OK)
		rc = parse_part(p, "xl/_rels/workbook.xml.rels", r, start_relation, NULL, NULL, e);
	if (rc == RC_NOT_FOUND || (rc == RC_OK && !r->target))
		return err_set(e, RC_INVALID, "The workbook does not say where its sheet is; open and save it again.");
	return rc;
}

static enum rc read_parts(struct package *p, struct reading *r, struct err *e)
{
	struct workbook *w = r->w;
	enum rc rc = choose_sheet(p, r, e);

	if (rc != RC_OK)
		return rc;
	w->worksheet = r->chosen;
	w->part = *r->target == '/' ? r->target + 1 : arena_printf(&w->arena, "xl/%s", r->target);
	rc = parse_part(p, "xl/styles.xml", r, start_style, end_style, NULL, e);
	if (rc == RC_OK || rc == RC_NOT_FOUND)
		rc = parse_part(p, "xl/sharedStrings.xml", r, start_text, end_text, data_text, e);
	return rc == RC_NOT_FOUND ? RC_OK : rc;
}

enum rc workbook_read(struct package *p, const char *wanted, struct workbook *ret, struct err *e)
{
	struct reading r = { .w = ret, .wanted = wanted, .names = BUF_INIT(2000), .text = BUF_INIT(SHEET_CELL_MAX) };
	enum rc rc;

	memset(ret, 0, sizeof(*ret));
	rc = read_parts(p, &r, e);
	buf_release(&r.names);
	buf_release(&r.text);
	free(r.custom);
	return rc;
}

void workbook_release(struct workbook *w)
{
	free(w->text);
	free(w->is_date);
	arena_release(&w->arena);
}

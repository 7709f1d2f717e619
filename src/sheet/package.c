#include "sheet/package.h"

#include <stdlib.h>
#include <string.h>
#include <zip.h>

/* What all parts together may unpack to. */
#define UNPACKED_MAX (INT64_C(1) << 30)
#define RATIO_MAX 300
#define BLOCK 65536

struct package {
	char *data;
	size_t size;
	zip_t *zip;
	int64_t unpacked;
};

struct part {
	struct package *package;
	zip_file_t *file;
};

static enum rc read_all(FILE *f, struct package *p, struct err *e)
{
	long size = -1;

	if (fseek(f, 0, SEEK_END) == 0)
		size = ftell(f);
	rewind(f);
	if (size < 0 || size > SHEET_BYTES_MAX)
		return err_set(e, RC_INVALID, "The file is larger than %lld MB; split it.",
			(long long)(SHEET_BYTES_MAX >> 20));
	p->data = xmalloc((size_t)size + 1);
	p->size = fread(p->data, 1, (size_t)size, f);
	if (p->size != (size_t)size)
		return err_set(e, RC_IO, "The file cannot be read to its end.");
	return RC_OK;
}

enum rc package_open(FILE *f, struct package **ret, struct err *e)
{
	struct package *p = xcalloc(1, sizeof(*p));
	enum rc rc = read_all(f, p, e);
	zip_source_t *source = NULL;

	if (rc == RC_OK) {
		source = zip_source_buffer_create(p->data, p->size, 0, NULL);
		p->zip = source ? zip_open_from_source(source, ZIP_RDONLY, NULL) : NULL;
		if (!p->zip) {
			zip_source_free(source);
			rc = err_set(e, RC_INVALID,
				"The file looks like XLSX, but is damaged; open and save it again, or export CSV.");
		}
	}
	if (rc != RC_OK) {
		package_close(p);
		return rc;
	}
	*ret = p;
	return RC_OK;
}

void package_close(struct package *p)
{
	if (!p)
		return;
	if (p->zip)
		zip_discard(p->zip);
	free(p->data);
	free(p);
}

static enum rc check_part(const struct package *p, const char *name, const zip_stat_t *st, struct err *e)
{
	bool known = (st->valid & ZIP_STAT_SIZE) && (st->valid & ZIP_STAT_COMP_SIZE);

	if ((st->valid & ZIP_STAT_ENCRYPTION_METHOD) && st->encryption_method != ZIP_EM_NONE)
		return err_set(e, RC_INVALID, "The file has a password; save it without one.");
	if (known &&
		(st->size > (zip_uint64_t)(UNPACKED_MAX - p->unpacked) || st->size / RATIO_MAX > st->comp_size + 1024))
		return err_set(e, RC_INVALID,
			"Part %s of the file would unpack to %llu MB; that is more than is read here.", name,
			(unsigned long long)(st->size >> 20));
	return RC_OK;
}

enum rc part_open(struct package *p, const char *name, struct part **ret, struct err *e)
{
	zip_stat_t st;
	zip_file_t *file;
	enum rc rc;

	if (zip_stat(p->zip, name, ZIP_FL_NOCASE, &st) != 0)
		return RC_NOT_FOUND;
	rc = check_part(p, name, &st, e);
	if (rc != RC_OK)
		return rc;
	file = zip_fopen_index(p->zip, st.index, 0);
	if (!file)
		return err_set(
			e, RC_INVALID, "Part %s of the file cannot be unpacked: %s.", name, zip_strerror(p->zip));
	*ret = xcalloc(1, sizeof(**ret));
	(*ret)->package = p;
	(*ret)->file = file;
	return RC_OK;
}

enum rc part_read(struct part *t, char *out, size_t size, size_t *ret_len, struct err *e)
{
	zip_int64_t got = zip_fread(t->file, out, size);

	if (got < 0)
		return err_set(e, RC_INVALID, "The file is damaged: %s.", zip_file_strerror(t->file));
	t->package->unpacked += got;
	if (t->package->unpacked > UNPACKED_MAX)
		return err_set(
			e, RC_INVALID, "The file unpacks to more than a gigabyte; export it as CSV and split it.");
	*ret_len = (size_t)got;
	return RC_OK;
}

void part_close(struct part *t)
{
	if (!t)
		return;
	zip_fclose(t->file);
	free(t);
}

static void refuse_doctype(void *xml, const char *name, const char *system_id, const char *public_id, int internal)
{
	XML_StopParser(xml, XML_FALSE);
}

XML_Parser xml_new(void *arg, XML_StartElementHandler start, XML_EndElementHandler end, XML_CharacterDataHandler text)
{
	XML_Parser xml = XML_ParserCreate(NULL);

	if (!xml)
		BUG("out of memory");
	XML_SetUserData(xml, arg);
	XML_UseParserAsHandlerArg(xml);
	XML_SetElementHandler(xml, start, end);
	XML_SetCharacterDataHandler(xml, text);
	XML_SetStartDoctypeDeclHandler(xml, refuse_doctype);
	return xml;
}

enum rc part_parse(struct package *p, const char *name, XML_Parser xml, struct err *e)
{
	char block[BLOCK];
	struct part *t;
	size_t len = 0;
	enum rc rc = part_open(p, name, &t, e);

	if (rc != RC_OK)
		return rc;
	do {
		rc = part_read(t, block, sizeof(block), &len, e);
		if (rc == RC_OK && XML_Parse(xml, block, (int)len, len == 0) != XML_STATUS_OK)
			rc = err_set(e, RC_INVALID, "Part %s of the file is damaged: %s.", name,
				XML_ErrorString(XML_GetErrorCode(xml)));
	} while (rc == RC_OK && len > 0);
	part_close(t);
	return rc;
}

const char *xml_local(const char *name)
{
	const char *colon = strrchr(name, ':');

	return colon ? colon + 1 : name;
}

const char *xml_attribute(const char **attributes, const char *name)
{
	for (size_t i = 0; attributes[i]; i += 2) {
		if (strcmp(xml_local(attributes[i]), name) == 0)
			return attributes[i + 1];
	}
	return NULL;
}

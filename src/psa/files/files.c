/* Any PSA over files: the book is read from a report of its lines that a person brings, and every approved change goes
 * on the work list, whose CSV has the columns that the PSA's own import wants. For Accelo, Tigerpaw, CloudBlue, or a
 * system of one's own. */
#include "psa/files/files.h"

#include "psa/byhand.h"
#include "psa/registry.h"
#include "psa/wire.h"

#include <stdlib.h>
#include <string.h>

#define COLUMN(name_, label_)                                                                                          \
	{                                                                                                              \
		.name = "column_" name_, .label = (label_), .type = "text"                                             \
	}

static const struct psa_setting settings_rows[] = {
	{ .name = "column_account",
		.label = "Heading of the customer's name",
		.type = "text",
		.help = "As it stands in the file. A heading left empty is found by itself where it can be." },
	COLUMN("account_code", "Heading of the customer's number"),
	COLUMN("contract", "Heading of the contract"),
	COLUMN("product", "Heading of the product"),
	COLUMN("product_code", "Heading of the product's number"),
	COLUMN("quantity", "Heading of the quantity"),
	COLUMN("price", "Heading of the unit price"),
	COLUMN("cost", "Heading of the unit cost"),
	COLUMN("currency", "Heading of the currency"),
	COLUMN("line", "Heading of the line's number"),
	{ .name = "currency",
		.label = "Currency",
		.type = "text",
		.fallback = "USD",
		.help = "Three letters, for files without such a column." },
	{ .name = "decimal",
		.label = "Decimal mark",
		.type = "text",
		.help = "A point or a comma; empty = found by itself." },
	{ .name = "export_columns",
		.label = "Columns of the work list as CSV",
		.type = "text",
		.help = "As your PSA's import wants them: Header=field with commas between, such as "
			"Customer=account_code, Item=product_code, Qty=to. Empty = all." },
	{ .name = NULL },
};

static void files_close(struct psa_conn *c)
{
	if (!c)
		return;
	arena_release(&c->arena);
	free(c);
}

static enum rc files_open(
	const struct psa_host *host, const struct json *settings, struct psa_conn **ret, struct err *e)
{
	struct psa_conn *c;
	enum rc rc = psa_settings_check(&psa_files, settings, e);

	if (rc != RC_OK)
		return rc;
	c = xcalloc(1, sizeof(*c));
	c->host = *host;
	for (int i = 0; i < COL_MAX; i++)
		c->heading[i] = wire_setting(&c->arena, settings_rows, settings, files_settings_of[i]);
	c->currency = wire_setting(&c->arena, settings_rows, settings, "currency");
	c->decimal = wire_setting(&c->arena, settings_rows, settings, "decimal");
	if (*c->decimal && strcmp(c->decimal, ".") != 0 && strcmp(c->decimal, ",") != 0) {
		files_close(c);
		return err_at(e, RC_INVALID, "/settings/decimal", "The decimal mark is a point or a comma.");
	}
	*ret = c;
	return RC_OK;
}

/* True when an earlier row names the same account, product or contract. `offset` is that of the id in a row. */
static bool told(const struct files_report *r, size_t i, size_t offset)
{
	const char *id = *(const char *const *)((const char *)&r->row[i] + offset);

	for (size_t k = 0; k < i; k++) {
		if (strcmp(*(const char *const *)((const char *)&r->row[k] + offset), id) == 0)
			return true;
	}
	return false;
}

static const char *why_left_out(const struct files_row *f)
{
	if (!*f->account && !*f->account_code)
		return "names no customer";
	if (!*f->product)
		return "names no product";
	return f->has_quantity ? NULL : "has no quantity";
}

static enum rc tell_names(const struct psa_sink *s, const struct files_report *r, size_t i, struct err *e)
{
	const struct files_row *f = &r->row[i];
	struct psa_account a = { f->account_id, f->account_code, *f->account ? f->account : f->account_code, "Active",
		"", "" };
	struct psa_product p = { .remote_id = f->product_id,
		.code = f->product_code,
		.name = f->product,
		.product_class = "",
		.unit = "",
		.price = f->price,
		.cost = f->cost,
		.has_price = f->has_price,
		.has_cost = f->has_cost };
	struct psa_contract c = { .remote_id = f->contract_id,
		.account_remote_id = f->account_id,
		.name = *f->contract ? f->contract : "All lines",
		.type = "",
		.status = "Active",
		.cycle = "",
		.currency = f->currency,
		.start = DAY_NONE,
		.end = DAY_NONE,
		.billed_through = DAY_NONE };
	enum rc rc = RC_OK;

	if (!told(r, i, offsetof(struct files_row, account_id)))
		rc = s->account(s->arg, &a, e);
	if (rc == RC_OK && !told(r, i, offsetof(struct files_row, product_id)))
		rc = s->product(s->arg, &p, e);
	if (rc == RC_OK && !told(r, i, offsetof(struct files_row, contract_id)))
		rc = s->contract(s->arg, &c, e);
	return rc;
}

/* The number in the file, else contract and product; a second line of both gets a number behind. */
static const char *line_id(struct arena *a, const struct files_report *r, size_t i)
{
	const struct files_row *f = &r->row[i];
	size_t before = 1;

	if (*f->line)
		return f->line;
	for (size_t k = 0; k < i; k++)
		before += strcmp(r->row[k].contract_id, f->contract_id) == 0 &&
			strcmp(r->row[k].product_id, f->product_id) == 0 && !why_left_out(&r->row[k]);
	return before == 1 ? arena_printf(a, "%s/%s", f->contract_id, f->product_id)
			   : arena_printf(a, "%s/%s#%zu", f->contract_id, f->product_id, before);
}

static struct psa_line line_of(struct arena *a, const struct files_report *r, size_t i)
{
	const struct files_row *f = &r->row[i];

	return (struct psa_line){ .remote_id = line_id(a, r, i),
		.contract_remote_id = f->contract_id,
		.product_remote_id = f->product_id,
		.product_code = f->product_code,
		.description = f->product,
		.version = "",
		.quantity = f->quantity,
		.unit_price = f->price,
		.unit_cost = f->cost,
		.has_price = f->has_price,
		.has_cost = f->has_cost,
		.billable = true,
		.effective = DAY_NONE,
		.cancelled = DAY_NONE,
		.billed_through = DAY_NONE };
}

/* All lines of the contract that row `first` is the first of. */
static enum rc tell_lines(const struct psa_sink *s, struct files_report *r, size_t first, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	const char *contract = r->row[first].contract_id;
	struct psa_line *lines = arena_array(&a, r->count, sizeof(*lines));
	size_t count = 0;

	for (size_t i = first; i < r->count; i++) {
		if (strcmp(r->row[i].contract_id, contract) == 0 && !why_left_out(&r->row[i]))
			lines[count++] = line_of(&a, r, i);
	}
	return s->lines(s->arg, contract, lines, count, e);
}

static enum rc tell_row(const struct psa_sink *s, struct files_report *r, size_t i, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	const struct files_row *f = &r->row[i];
	const char *reason = why_left_out(f);

	if (reason)
		return s->skip(s->arg, "line", arena_printf(&a, "row %lld", (long long)f->number),
			arena_printf(&a, "%s, %s", f->account, f->product), reason, e);
	return tell_names(s, r, i, e);
}

static bool begins_contract(const struct files_report *r, size_t i)
{
	if (why_left_out(&r->row[i]))
		return false;
	for (size_t k = 0; k < i; k++) {
		if (strcmp(r->row[k].contract_id, r->row[i].contract_id) == 0 && !why_left_out(&r->row[k]))
			return false;
	}
	return true;
}

static enum rc tell_all(const struct psa_sink *s, struct files_report *r, struct err *e)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; i < r->count && rc == RC_OK; i++) {
		rc = tell_row(s, r, i, e);
		if (rc == RC_OK && i % 100 == 0)
			rc = s->progress(s->arg, "rows", (int64_t)i, (int64_t)r->count, e);
	}
	for (size_t i = 0; i < r->count && rc == RC_OK; i++) {
		if (begins_contract(r, i))
			rc = tell_lines(s, r, i, e);
	}
	return rc;
}

/* A file is always read whole, so a quick reading is a full one. */
static enum rc files_sync(struct psa_conn *c, struct psa_sync *how, const struct psa_sink *sink, struct err *e)
{
	struct files_report r;
	enum rc rc = files_read(c, &r, e);

	how->full = true;
	if (rc == RC_OK)
		rc = tell_all(sink, &r, e);
	how->ret_watermark = clock_now();
	files_report_release(&r);
	return rc;
}

static enum rc files_test(struct psa_conn *c, psa_check_fn check, void *arg, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	struct err why = ERR_INIT;
	struct files_report r;
	enum rc rc = files_read(c, &r, &why);

	check(arg, "Line report", rc == RC_OK,
		rc == RC_OK ? arena_printf(&a, "%s: %zu rows.", c->host.file_name ? c->host.file_name : "file", r.count)
			    : why.text);
	for (int i = 0; i < COL_MAX && rc == RC_OK; i++) {
		if (r.column[i] >= 0)
			check(arg, files_settings_of[i] + 7, true, arena_printf(&a, "Column %d.", r.column[i] + 1));
	}
	files_report_release(&r);
	return RC_OK;
}

static enum rc files_read_line(struct psa_conn *c, struct arena *a, const char *contract, const char *line,
	struct psa_line *ret, struct err *e)
{
	return err_set(e, RC_INVALID, "A single line cannot be read from a file; bring a new one.");
}

static bool files_by_hand(const struct json *settings, const struct psa_change *change)
{
	return true;
}

static enum rc files_plan(struct arena *a, const struct psa_change *c, const struct psa_line *line,
	const struct psa_contract *contract, struct psa_plan *ret, struct err *e)
{
	memset(ret, 0, sizeof(*ret));
	byhand_plan(a, c, line, contract, "Contracts", "quantity", ret);
	return RC_OK;
}

static void files_write(struct psa_conn *c, struct arena *a, const struct psa_change *change, struct psa_result *ret)
{
	byhand_refuse("A PSA over files", ret);
}

const struct psa_ops psa_files = {
	.kind = "files",
	.name = "Any PSA, over files",
	.settings = settings_rows,
	.caps = PSA_CAP_DECIMALS | PSA_CAP_EFFECTIVE_DATE | PSA_CAP_BY_HAND | PSA_CAP_FILE,
	.word_account = "Customer",
	.word_contract = "Contract",
	.word_line = "Line",
	.word_product = "Product",
	.open = files_open,
	.close = files_close,
	.test = files_test,
	.sync = files_sync,
	.read_line = files_read_line,
	.by_hand = files_by_hand,
	.plan = files_plan,
	.apply = files_write,
	.settle = files_write,
};

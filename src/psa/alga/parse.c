/* What Alga sends, as the structs of psa.h. Money is in cents, as a number or as a text; words come in any case. */
#include "psa/alga/alga.h"

#include <string.h>
#include <strings.h>

static const char *why_not_read(struct fields *f, const struct alga_bound *b, day today)
{
	day end = field_day(f, "end_date");

	if (!*b->contract || !*b->client)
		return "is a template";
	if (!field_bool(f, "is_active"))
		return "inactive";
	if (!field_bool(f, "contract_is_active"))
		return "its contract is not active";
	if (end != DAY_NONE && end < today)
		return "ended";
	return strcasecmp(b->type, "Fixed") == 0 ? NULL : "is billed by hours or usage, not by a quantity";
}

enum rc alga_bound(const struct json *v, day today, struct alga_bound *ret, struct err *e)
{
	struct fields f = fields_of("Alga PSA", "contract line", v, e);
	qty amount;

	*ret = (struct alga_bound){ .line = field_text(&f, "contract_line_id"),
		.contract = field_text(&f, "contract_id"),
		.client = field_text(&f, "client_id"),
		.name = field_text(&f, "contract_line_name"),
		.type = field_text(&f, "contract_line_type") };
	ret->has_amount = field_cents(&f, "custom_rate", &amount);
	ret->skip = why_not_read(&f, ret, today);
	if (!*ret->line)
		field_wrong(&f, "contract_line_id", "is missing");
	return f.rc;
}

/* A product's rate is its own; a service on a fixed line counts by its base rate. */
static bool price_of(struct fields *f, bool product, qty *ret)
{
	if (product)
		return field_cents(f, "configuration/custom_rate", ret);
	return field_cents(f, "type_config/base_rate", ret) || field_cents(f, "service/default_rate", ret);
}

enum rc alga_service(
	struct arena *a, const struct json *v, const struct alga_bound *b, struct inplace_seen *ret, struct err *e)
{
	struct fields f = fields_of("Alga PSA", "service of a contract line", v, e);
	bool product = strcasecmp(field_text(&f, "service/item_kind"), "product") == 0 ||
		field_bool(&f, "service/is_license");
	const char *id = field_text(&f, "service/service_id");
	struct psa_line *l = &ret->line;

	memset(ret, 0, sizeof(*ret));
	*l = (struct psa_line){ .remote_id = arena_printf(a, "%s/%s", b->line, id),
		.contract_remote_id = b->contract,
		.product_remote_id = id,
		.product_code = "",
		.description = field_text(&f, "service/service_name"),
		.version = field_text(&f, "configuration/updated_at"),
		.billable = true,
		.effective = DAY_NONE,
		.cancelled = DAY_NONE,
		.billed_through = DAY_NONE };
	if (!field_qty(&f, "configuration/quantity", &l->quantity))
		l->quantity = QTY_ONE;
	l->has_price = price_of(&f, product, &l->unit_price);
	if (!product && b->has_amount) {
		l->has_price = false;
		l->fixed = "its contract line has a fixed amount, so its quantity does not change what is billed";
	}
	if (!*id)
		field_wrong(&f, "service/service_id", "is missing");
	ret->rest = arena_printf(a, "service %s, type %s, own rate %s", id,
		field_text(&f, "configuration/configuration_type"), field_text(&f, "configuration/custom_rate"));
	ret->json = wire_text(a, v);
	return f.rc;
}

/* The connectors, those that write each with a line of its fixture that the tests change, and how to learn what its simulator
 * truly holds. */
#include "office.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static qty connectwise_units(struct simulator *s)
{
	return office_qty(json_get(simulator_record(s, "additions", "4410"), "quantity"));
}

static qty autotask_units(struct simulator *s)
{
	const struct json *changes = json_get(simulator_record(s, "contractServices", "4410"), "_changes");
	qty sum = 0;

	for (const struct json *v = changes->child; v; v = v->next)
		sum += office_qty(json_get(v, "delta"));
	return sum;
}

static qty halo_units(struct simulator *s)
{
	const struct json *v = json_get(simulator_record(s, "invoices", "-77"), "lines")->child;

	while (strcmp(json_scalar(json_get(v, "id")), "4410") != 0)
		v = v->next;
	return office_qty(json_get(v, "qty_order"));
}

static qty syncro_units(struct simulator *s)
{
	return office_qty(json_get(simulator_record(s, "lines", "1823311"), "quantity"));
}

/* The newest day counts. */
static qty superops_units(struct simulator *s)
{
	const struct json *k = simulator_record(s, "contracts", "7712093387461");
	qty sum = 0;

	for (const struct json *v = json_path(k, "contract/billableContract/changes")->child; v; v = v->next) {
		const char *operation = json_member(v, "quantityChangeOperation");
		qty q = office_qty(json_get(v, "quantity"));

		sum = strcmp(operation, "BASELINE") == 0 ? q : strcmp(operation, "INCREASE") == 0 ? sum + q : sum - q;
	}
	return sum;
}

static qty alga_units(struct simulator *s)
{
	return office_qty(json_path(simulator_record(s, "rows", "2"), "configuration/quantity"));
}

static qty kaseya_units(struct simulator *s)
{
	return office_qty(json_get(simulator_record(s, "lines", "88101"), "units"));
}

#define SUPEROPS_CONTRACT(changes)                                                                                     \
	"{\"kind\":\"contracts\",\"id\":7712093387461,\"set\":{\"contract\":{\"contractId\":\"77120933874617\","       \
	"\"name\":\"Coro EDR\",\"contractType\":\"SERVICE\",\"billableContract\":{\"chargeItem\":{\"itemId\":"         \
	"\"7700450011\"},\"quantityCalculationType\":\"FIXED\",\"sellingPrice\":{\"model\":\"PER_UNIT\","              \
	"\"details\":[{\"value\":\"6.00\"}]},\"frequencyType\":\"RECURRING\",\"changes\":[{\"changeId\":\"9001\","     \
	"\"effectiveDate\":\"2026-01-01\",\"quantity\":\"" changes "\",\"quantityChangeOperation\":\"BASELINE\"}]}}}}"

#define ALGA_ROW(quantity)                                                                                             \
	"{\"kind\":\"rows\",\"id\":2,\"set\":{\"configuration\":{\"config_id\":\"cfg2\",\"contract_line_id\":"         \
	"\"3b0c\","                                                                                                    \
	"\"service_id\":\"c42d\",\"configuration_type\":\"Fixed\",\"custom_rate\":\"375.00\",\"quantity\":" quantity   \
	"}}}"

const struct system systems[] = {
	{ "connectwise", "connectwise", "small.json",
		"{\"site\":\"%s\",\"company_id\":\"alderridge\",\"public_key\":\"pubSmall00000001\",\"private_key\":"
		"\"prvSmall00000001\",\"client_id\":\"6a1b3c5d-0000-4000-8000-000000000001\",\"requests_per_minute\":"
		"\"6000\"}",
		"250", "901", "4410", "\"method\":\"PATCH\",\"path\":\"/additions/\"",
		"{\"kind\":\"additions\",\"id\":4410,\"set\":{\"quantity\":%d}}",
		"{\"kind\":\"agreements\",\"id\":77,\"set\":{\"cancelledFlag\":true}}",
		"{\"kind\":\"agreements\",\"id\":77,\"set\":{\"cancelledFlag\":false}}",
		"{\"kind\":\"agreements\",\"id\":77,\"set\":{\"cancelledFlag\":\"perhaps\"}}",
		"{\"kind\":\"agreements\",\"id\":77,\"set\":{\"cancelledFlag\":false}}", "cancelledFlag",
		connectwise_units, NULL },
	{ "autotask", "autotask", "autotask.json",
		"{\"site\":\"%s\",\"user_name\":\"api@alderridge.example\",\"secret\":\"s3cret#Small\",\"integration_"
		"code\":"
		"\"ABCDEFGHIJKLMNOPQRSTUVWXYZ1\"}",
		"250", "901", "4410", "\"method\":\"POST\",\"path\":\"/ContractServiceAdjustments\"",
		"{\"kind\":\"contractServices\",\"id\":4410,\"set\":{\"_units\":%d}}",
		"{\"kind\":\"contracts\",\"id\":77,\"set\":{\"endDate\":\"@today-1\"}}",
		"{\"kind\":\"contracts\",\"id\":77,\"set\":{\"endDate\":\"2031-12-31T00:00:00Z\"}}",
		"{\"kind\":\"contracts\",\"id\":77,\"set\":{\"endDate\":{\"year\":2031}}}",
		"{\"kind\":\"contracts\",\"id\":77,\"set\":{\"endDate\":\"2031-12-31T00:00:00Z\"}}", "endDate",
		autotask_units, "{\"settings\":{\"threshold\":100000000}}", "/Currencies/" },
	{ "halopsa", "halopsa", "halopsa.json",
		"{\"site\":\"%s\",\"client_id\":\"7f7f1c1e-halo\",\"client_secret\":\"s3cret&Small=\",\"requests_per_"
		"minute\":"
		"\"6000\"}",
		"250", "901", "4410", "\"method\":\"POST\",\"path\":\"/api/RecurringInvoice\"", NULL,
		"{\"kind\":\"invoices\",\"id\":-77,\"set\":{\"disabled\":true}}",
		"{\"kind\":\"invoices\",\"id\":-77,\"set\":{\"disabled\":false}}",
		"{\"kind\":\"invoices\",\"id\":-77,\"set\":{\"disabled\":\"perhaps\"}}",
		"{\"kind\":\"invoices\",\"id\":-77,\"set\":{\"disabled\":false}}", "disabled", halo_units, NULL },
	{ "syncro", "syncro", "psa_syncro.json",
		"{\"site\":\"%s\",\"api_token\":\"tok-small-1\",\"requests_per_minute\":\"6000\"}", "35692253",
		"22739503", "1823311", "\"method\":\"PUT\",\"path\":\"/line_items/\"",
		"{\"kind\":\"lines\",\"id\":1823311,\"set\":{\"quantity\":\"%d.0\"}}",
		"{\"kind\":\"schedules\",\"id\":503771,\"set\":{\"paused\":true}}",
		"{\"kind\":\"schedules\",\"id\":503771,\"set\":{\"paused\":false}}",
		"{\"kind\":\"lines\",\"id\":1823311,\"set\":{\"retail_cents\":[6]}}",
		"{\"kind\":\"lines\",\"id\":1823311,\"set\":{\"retail_cents\":600}}", "retail_cents", syncro_units,
		NULL },
	{ "superops", "superops", "psa_superops.json",
		"{\"site\":\"%s/"
		"msp\",\"subdomain\":\"alderridge\",\"api_token\":\"tok-so\",\"requests_per_minute\":\"100000\"}",
		"7711000120034", "7700450011", "7712093387461", "\"text\":\"updateClientContract\"",
		SUPEROPS_CONTRACT("%d"),
		"{\"kind\":\"contracts\",\"id\":7712093387461,\"set\":{\"contractStatus\":\"INACTIVE\"}}",
		"{\"kind\":\"contracts\",\"id\":7712093387461,\"set\":{\"contractStatus\":\"ACTIVE\"}}",
		"{\"kind\":\"contracts\",\"id\":7712093387461,\"set\":{\"endDate\":\"never\"}}",
		"{\"kind\":\"contracts\",\"id\":7712093387461,\"set\":{\"endDate\":null}}", "endDate", superops_units,
		NULL },
	{ "alga", "alga", "psa_alga.json",
		"{\"site\":\"%s\",\"api_key\":\"recon-key-1\",\"requests_per_minute\":\"100000\"}", "91aa", "c42d",
		"3b0c/c42d", "\"method\":\"PUT\"", ALGA_ROW("%d"),
		"{\"kind\":\"bound\",\"id\":\"3b0c\",\"set\":{\"is_active\":false}}",
		"{\"kind\":\"bound\",\"id\":\"3b0c\",\"set\":{\"is_active\":true}}",
		"{\"kind\":\"bound\",\"id\":\"3b0c\",\"set\":{\"is_active\":\"yes\"}}",
		"{\"kind\":\"bound\",\"id\":\"3b0c\",\"set\":{\"is_active\":true}}", "is_active", alga_units, NULL },
#define KASEYA(kind)                                                                                                   \
	{                                                                                                              \
		kind, "kaseya", "psa_kaseya.json",                                                                     \
			"{\"site\":\"%s\",\"tenant\":\"alderridge\",\"user\":\"trueup-api\",\"password\":\"pw, "       \
			"\\\"quoted\\\" & more\","                                                                     \
			"\"units_path\":\"/v1/finance/contracts/{contract}/services/"                                  \
			"{line}\",\"requests_per_hour\":\"100000\"}",                                                  \
			"3307", "771", "88101", "\"method\":\"PUT\",\"path\":\"/services/88101\"",                     \
			"{\"kind\":\"lines\",\"id\":88101,\"set\":{\"units\":%d}}",                                    \
			"{\"kind\":\"contracts\",\"id\":50213,\"set\":{\"status\":\"Terminated\"}}",                   \
			"{\"kind\":\"contracts\",\"id\":50213,\"set\":{\"status\":\"Active\"}}",                       \
			"{\"kind\":\"contracts\",\"id\":50213,\"set\":{\"endDate\":\"never\"}}",                       \
			"{\"kind\":\"contracts\",\"id\":50213,\"set\":{\"endDate\":null}}", "endDate", kaseya_units,   \
			"{\"settings\":{\"assumed_units\":true}}"                                                      \
	}
	KASEYA("kaseya-bms"),
	KASEYA("pulseway"),
	{ .kind = "itflow",
		.sim = "itflow",
		.fixture = "psa_itflow.json",
		.settings = "{\"site\":\"%s\",\"api_key\":\"key & more\"}" },
};

const size_t systems_count = ARRAY_LEN(systems);

const struct system *system_find(const char *kind)
{
	for (size_t i = 0; i < systems_count; i++) {
		if (strcmp(systems[i].kind, kind) == 0)
			return &systems[i];
	}
	fail_msg("no system %s", kind);
	return NULL;
}

/* Numbers, days and times: what is read and written again reads the same. */
#include "fuzz.h"

#include "base/clock.h"
#include "base/num.h"

#include <string.h>

static void check_qty(const char *text)
{
	char once[QTY_TEXT];
	qty q, again;

	if (qty_parse(text, &q) != RC_OK)
		return;
	HOLDS(qty_parse(qty_format(q, once), &again) == RC_OK);
	HOLDS(q == again);
}

static void check_num(const char *text)
{
	char once[NUM_TEXT], twice[NUM_TEXT];

	if (num_canonical(text, once) != RC_OK)
		return;
	HOLDS(num_canonical(once, twice) == RC_OK);
	HOLDS(strcmp(once, twice) == 0);
}

static void check_time(const char *text)
{
	char once[CLOCK_TEXT], written[DAY_TEXT];
	utime t, again;
	day d, same;

	if (clock_parse(text, &t) == RC_OK) {
		HOLDS(clock_parse(clock_format(t, once), &again) == RC_OK);
		HOLDS(t == again);
	}
	if (day_parse(text, &d) == RC_OK) {
		HOLDS(day_parse(day_format(d, written), &same) == RC_OK);
		HOLDS(d == same);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	AUTO(arena) a = ARENA_INIT;
	const char *text = arena_strndup(&a, (const char *)data, len);

	check_qty(text);
	check_num(text);
	check_time(text);
	return 0;
}

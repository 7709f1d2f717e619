/* The reader of HTTP's framing says the same however the bytes are cut into pieces. */
#include "fuzz.h"

#include "http/scan.h"

#include <string.h>

enum { BODY_MAX = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char *text = (const char *)data;
	struct scan whole, pieces;
	size_t at, step;

	scan_init(&whole, BODY_MAX);
	scan_init(&pieces, BODY_MAX);
	scan_feed(&whole, text, len);
	for (at = 0; at < len; at += step) {
		step = 1 + data[at] % 7;
		step = step < len - at ? step : len - at;
		if (!scan_feed(&pieces, text + at, step))
			break;
	}
	HOLDS(whole.status == pieces.status);
	HOLDS(whole.status || whole.state == pieces.state);
	HOLDS(!whole.status == !whole.why);
	scan_release(&whole);
	scan_release(&pieces);
	return 0;
}

/* scan.h - watches the bytes of a connection and says where a request is not in plain HTTP/1.1. Pure.
 *
 * Libevent reads leniently: it takes a bare LF for a line's end, joins folded lines, believes the last of two lengths.
 * A proxy in front may see it otherwise, and then one of both takes a piece of one request for another request. So all
 * bytes go past this reader first, which knows only one way to write a request and refuses everything else.
 */
#ifndef HTTP_SCAN_H
#define HTTP_SCAN_H

#include "base/buf.h"

#include <stdbool.h>

enum scan_state {
	SCAN_REQUEST,		/* in a request line */
	SCAN_HEADER,
	SCAN_BODY,
	SCAN_CHUNK_SIZE,
	SCAN_CHUNK,
	SCAN_CHUNK_END,
	SCAN_LAST		/* the empty line after the last chunk */
};

struct scan {
	enum scan_state state;
	struct buf line;	/* the beginning of a line whose end has not come yet */
	size_t head;		/* bytes of this request before its body */
	size_t body;		/* bytes of its body so far, as promised */
	size_t left;		/* of the body or chunk that is arriving */
	size_t max_body;
	unsigned lengths, encodings, hosts;
	bool http11, may_have_body;

	int status;		/* of the refusal; 0 = nothing wrong so far */
	const char *why;	/* a sentence without quotes */
};

/* Bytes of a request line and headers together. */
#define SCAN_HEAD_MAX (32u << 10)

void scan_init(struct scan *s, size_t max_body);
void scan_release(struct scan *s);
/* False: refused, see `status` and `why`; every later call says the same. */
bool scan_feed(struct scan *s, const char *data, size_t len);
/* How many of the next `len` bytes are of a body and need not be seen; they count as fed. */
size_t scan_skip(struct scan *s, size_t len);

#endif

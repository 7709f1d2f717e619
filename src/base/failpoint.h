/* failpoint.h - places where a test can make the program die, fail or stall: FAIL_POINT("drain.taken").
 *
 * Only in builds for tests (TRUEUP_FAIL_POINTS); elsewhere the macros are nothing, and so are their names. The file
 * that the variable TRUEUP_FAIL_FILE names arms one point: "NAME KIND [N]", KIND kill, error or stall, at the N-th
 * time (1) that it is passed from then on. Whoever fires it removes the file first, so it fires once, and leaves NAME
 * in a file of the same name with ".fired" behind it.
 */
#ifndef BASE_FAILPOINT_H
#define BASE_FAILPOINT_H

#include "base/err.h"

#ifdef TRUEUP_FAIL_POINTS
/* `rc` as it is unless it is RC_OK and the point fires an error: RC_IO, with words. */
enum rc fail_after(enum rc rc, const char *name, struct err *e) MUST_CHECK;
#define FAIL_AFTER(rc, name, e) fail_after(rc, name, e)
#else
#define FAIL_AFTER(rc, name, e) (rc)
#endif

#define FAIL_POINT(name, e) FAIL_AFTER(RC_OK, name, e)

#endif

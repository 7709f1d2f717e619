/* num.h - exact quantities and money.
 *
 * `qty` is a decimal number times one million (QTY_ONE) in 64 bits: units, prices and rates all
 * use it. Products go through 128 bits and are rounded once, half away from zero. No double
 * exists in this program. Texts that are longer than a qty holds (a vendor may send 28 digits)
 * are kept as decimal text next to it: num_canonical() prints such a text in one spelling.
 */
#ifndef BASE_NUM_H
#define BASE_NUM_H

#include "base/err.h"

typedef int64_t qty;

#define QTY_ONE INT64_C(1000000)
#define QTY_MAX INT64_MAX
#define QTY_TEXT 32	/* bytes that qty_format() needs */
#define NUM_DIGITS 60	/* longest number text we take in, digits before and after the point */
#define NUM_TEXT 72	/* bytes that num_canonical() needs */

enum round_mode { ROUND_HALF_UP, ROUND_UP, ROUND_DOWN };

/* A JSON-style number ("14", "14.0", "1.4e1", "-0.5") to qty. What is finer than a millionth is
 * rounded half away from zero. RC_INVALID: not a number, or too large. */
enum rc qty_parse(const char *s, qty *ret) MUST_CHECK;
/* "14", "0.5", "-2.125": no exponent, no trailing zeros. Returns `out`. */
const char *qty_format(qty q, char out[QTY_TEXT]);
/* The one spelling of a number text: no exponent, no leading or trailing zeros, "0" never "-0".
 * Exact for up to NUM_DIGITS digits on both sides together. RC_INVALID: not a number or longer. */
enum rc num_canonical(const char *s, char out[NUM_TEXT]) MUST_CHECK;

/* Checked arithmetic: RC_INVALID when the result does not fit. */
enum rc qty_add(qty a, qty b, qty *ret) MUST_CHECK;
enum rc qty_sub(qty a, qty b, qty *ret) MUST_CHECK;
enum rc qty_mul(qty a, qty b, qty *ret) MUST_CHECK;
enum rc qty_div(qty a, qty b, qty *ret) MUST_CHECK;	/* also when b is 0 */
/* Rounds to a whole multiple of `step` (> 0): step QTY_ONE gives whole units, 5 * QTY_ONE packs
 * of five. ROUND_UP is away from zero, ROUND_DOWN towards it. RC_INVALID when it does not fit. */
enum rc qty_round(qty q, qty step, enum round_mode mode, qty *ret) MUST_CHECK;

#endif

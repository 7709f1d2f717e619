#include "base/num.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* A number text taken apart: value = 0.d1d2d3... * 10^point, digits without leading zeros. */
struct decimal {
	bool negative;
	int count;
	int point;
	char digit[NUM_DIGITS + 1];
};

static enum rc add_digit(struct decimal *d, char c)
{
	if (c == '0' && d->count == 0)
		return RC_OK;
	if (d->count == NUM_DIGITS)
		return RC_INVALID;
	d->digit[d->count++] = c;
	return RC_OK;
}

static enum rc read_exponent(const char **s, int *ret)
{
	int sign = 1, value = 0;

	if (**s == '-' || **s == '+')
		sign = *(*s)++ == '-' ? -1 : 1;
	if (!isdigit((unsigned char)**s))
		return RC_INVALID;
	for (; isdigit((unsigned char)**s); (*s)++) {
		if (value > 1000)
			return RC_INVALID;
		value = value * 10 + (**s - '0');
	}
	*ret = sign * value;
	return RC_OK;
}

static enum rc read_digits(const char **s, struct decimal *d)
{
	const char *start = *s;
	bool fraction = false;

	for (;; (*s)++) {
		if (**s == '.' && !fraction && *s != start && isdigit((unsigned char)(*s)[1])) {
			fraction = true;
			continue;
		}
		if (!isdigit((unsigned char)**s))
			break;
		if (!fraction && (d->count || **s != '0'))
			d->point++;
		else if (fraction && !d->count && **s == '0')
			d->point--;
		if (add_digit(d, **s) != RC_OK)
			return RC_INVALID;
	}
	return *s == start ? RC_INVALID : RC_OK;
}

static enum rc decimal_read(const char *s, struct decimal *d)
{
	int exponent = 0;

	memset(d, 0, sizeof(*d));
	if (*s == '-')
		d->negative = true, s++;
	if (read_digits(&s, d) != RC_OK)
		return RC_INVALID;
	if ((*s == 'e' || *s == 'E') && (s++, read_exponent(&s, &exponent) != RC_OK))
		return RC_INVALID;
	if (*s)
		return RC_INVALID;
	while (d->count && d->digit[d->count - 1] == '0')
		d->count--;
	d->point = d->count ? d->point + exponent : 0;
	if (d->count == 0)
		d->negative = false;
	return RC_OK;
}

enum rc num_canonical(const char *s, char out[NUM_TEXT])
{
	struct decimal d;
	int whole, fraction, i, n = 0;

	if (decimal_read(s, &d) != RC_OK)
		return RC_INVALID;
	whole = d.point > 0 ? d.point : 0;
	fraction = d.count - d.point > 0 ? d.count - d.point : 0;
	if (whole + fraction > NUM_DIGITS)
		return RC_INVALID;
	if (d.negative)
		out[n++] = '-';
	if (whole == 0)
		out[n++] = '0';
	for (i = 0; i < whole; i++)
		out[n++] = i < d.count ? d.digit[i] : '0';
	if (fraction)
		out[n++] = '.';
	for (i = 0; i < fraction; i++) {
		int at = d.point + i;
		out[n++] = at >= 0 && at < d.count ? d.digit[at] : '0';
	}
	out[n] = '\0';
	return RC_OK;
}

enum rc qty_parse(const char *s, qty *ret)
{
	struct decimal d;
	__int128 value = 0;
	int i, last;

	if (decimal_read(s, &d) != RC_OK)
		return RC_INVALID;
	if (d.point > 13)
		return RC_INVALID;
	last = d.point + 6;
	for (i = 0; i < last; i++)
		value = value * 10 + (i < d.count ? d.digit[i] - '0' : 0);
	if (last >= 0 && last < d.count && d.digit[last] >= '5')
		value++;
	if (value > INT64_MAX)
		return RC_INVALID;
	*ret = d.negative ? -(qty)value : (qty)value;
	return RC_OK;
}

const char *qty_format(qty q, char out[QTY_TEXT])
{
	uint64_t u = q < 0 ? 0 - (uint64_t)q : (uint64_t)q;
	uint64_t whole = u / 1000000, fraction = u % 1000000;
	int n;

	n = snprintf(out, QTY_TEXT, "%s%llu", q < 0 ? "-" : "", (unsigned long long)whole);
	if (!fraction)
		return out;
	n += snprintf(out + n, QTY_TEXT - (size_t)n, ".%06llu", (unsigned long long)fraction);
	while (out[n - 1] == '0')
		out[--n] = '\0';
	return out;
}

enum rc qty_add(qty a, qty b, qty *ret)
{
	return __builtin_add_overflow(a, b, ret) ? RC_INVALID : RC_OK;
}

enum rc qty_sub(qty a, qty b, qty *ret)
{
	return __builtin_sub_overflow(a, b, ret) ? RC_INVALID : RC_OK;
}

/* n / d, rounded half away from zero; d > 0. */
static __int128 divide_half_up(__int128 n, __int128 d)
{
	return n >= 0 ? (n + d / 2) / d : -((-n + d / 2) / d);
}

static enum rc narrow(__int128 value, qty *ret)
{
	if (value > INT64_MAX || value < -INT64_MAX)
		return RC_INVALID;
	*ret = (qty)value;
	return RC_OK;
}

enum rc qty_mul(qty a, qty b, qty *ret)
{
	return narrow(divide_half_up((__int128)a * b, QTY_ONE), ret);
}

enum rc qty_div(qty a, qty b, qty *ret)
{
	__int128 n = (__int128)a * QTY_ONE, d = b;

	if (b == 0)
		return RC_INVALID;
	if (d < 0)
		n = -n, d = -d;
	return narrow(divide_half_up(n, d), ret);
}

enum rc qty_round(qty q, qty step, enum round_mode mode, qty *ret)
{
	__int128 n = q < 0 ? -(__int128)q : q;
	__int128 packs = n / step, rest = n % step;

	if (rest && (mode == ROUND_UP || (mode == ROUND_HALF_UP && rest * 2 >= step)))
		packs++;
	n = packs * step;
	return narrow(q < 0 ? -n : n, ret);
}

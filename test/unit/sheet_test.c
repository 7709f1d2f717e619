/* Table files as customers have them: encodings, delimiters, line ends, headers, numbers, and what is no table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "sheet/sheet.h"
#include "sheet/writer.h"

/* All rows as "line:cell|cell\n", or the refusal. */
static const char *read_all(
	struct buf *out, const char *data, size_t len, const struct sheet_options *o, struct sheet_facts *facts)
{
	FILE *f = tmpfile();
	struct sheet *s;
	struct sheet_row row;
	struct err e = ERR_INIT;
	enum rc rc;

	fwrite(data, 1, len, f);
	rewind(f);
	buf_clear(out);
	rc = sheet_open(f, o, &s, &e);
	if (rc == RC_OK) {
		if (facts)
			*facts = sheet_facts(s);
		while ((rc = sheet_next(s, &row, &e)) == RC_OK) {
			buf_printf(out, "%lld:", (long long)row.line);
			for (size_t i = 0; i < row.count; i++)
				buf_printf(out, "%s%s", i ? "|" : "", row.cell[i]);
			buf_putc(out, '\n');
		}
		sheet_close(s);
	}
	if (rc != RC_NOT_FOUND) {
		buf_clear(out);
		buf_puts(out, e.text);
	}
	fclose(f);
	return buf_text(out);
}

struct text_case {
	const char *data;
	size_t len;
	const char *encoding;
	char delimiter;
	const char *rows;
};

#define T(s) s, sizeof(s) - 1

static void texts(void **state)
{
	static const struct text_case cases[] = {
		{ T("a,b\n1,2\n"), "utf-8", ',', "1:a|b\n2:1|2\n" },
		{ T("a,b\r\n1,2\r\n"), "utf-8", ',', "1:a|b\n2:1|2\n" },
		{ T("a,b\r1,2"), "utf-8", ',', "1:a|b\n2:1|2\n" },
		{ T("a;b\n\"x;y\";\"q\"\"q\"\n"), "utf-8", ';', "1:a|b\n2:x;y|q\"q\n" },
		{ T("a\tb\tc\n1\t\t3\n"), "utf-8", '\t', "1:a|b|c\n2:1||3\n" },
		{ T("a|b\n1|2\n"), "utf-8", '|', "1:a|b\n2:1|2\n" },
		{ T("sep=;\na;b,c\n1;2\n"), "utf-8", ';', "2:a|b,c\n3:1|2\n" },
		{ T("\xef\xbb\xbf"
		    "Kunde,N\n\xc3\x84rzte,2\n"),
			"utf-8", ',', "1:Kunde|N\n2:\xc3\x84rzte|2\n" },
		{ T("Kunde;N\n\xc4rzte \x80;2\n"), "windows-1252", ';', "1:Kunde|N\n2:\xc3\x84rzte \xe2\x82\xac|2\n" },
		{ T("\xff\xfe"
		    "a\0,\0b\0\n\0\xe9\0,\0"
		    "1\0\n\0"),
			"utf-16le", ',', "1:a|b\n2:\xc3\xa9|1\n" },
		{ T("\0a\0,\0b\0\n\0x\0,\0y\0\n"), "utf-16be", ',', "1:a|b\n2:x|y\n" },
		{ T("a\0,\0b\0\n\0x\0,\0y\0\n\0"), "utf-16le", ',', "1:a|b\n2:x|y\n" },
		{ T("a,b\n\n\"two\nlines\",1\n \nend,2\n"), "utf-8", ',', "1:a|b\n2:\n3:two\nlines|1\n5:\n6:end|2\n" },
		{ T("  padded , x \n"), "utf-8", ',', "1:padded|x\n" },
		{ T("alone\n"), "utf-8", ',', "1:alone\n" },
		{ T("a,b\n1,2,3\n4\n"), "utf-8", ',', "1:a|b\n2:1|2|3\n3:4\n" },
		{ T("Name;Price\nA;1,50\nB;2,25\nC;3,75\n"), "utf-8", ';',
			"1:Name|Price\n2:A|1,50\n3:B|2,25\n4:C|3,75\n" },
	};
	struct buf out = BUF_INIT(100000);

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct sheet_facts facts;
		const char *rows = read_all(&out, cases[i].data, cases[i].len, NULL, &facts);

		if (strcmp(rows, cases[i].rows) != 0 || strcmp(facts.encoding, cases[i].encoding) != 0 ||
			facts.delimiter != cases[i].delimiter)
			fail_msg("case %zu: %s %c\n%s", i, facts.encoding, facts.delimiter, rows);
	}
	buf_release(&out);
}

static void blocks(void **state)
{
	struct buf in = BUF_INIT(4 << 20), out = BUF_INIT(8 << 20), want = BUF_INIT(8 << 20);

	/* Rows, letters of two bytes and "\r\n" fall on every place of the blocks they are read in. */
	for (int i = 1; i <= 40000; i++) {
		buf_printf(&in, "K\xc3\xb6nig %d,\"a, b\",%d\r\n", i, i * 7);
		buf_printf(&want, "%d:K\xc3\xb6nig %d|a, b|%d\n", i, i, i * 7);
	}
	assert_string_equal(read_all(&out, buf_text(&in), in.len, NULL, NULL), buf_text(&want));
	buf_release(&in);
	buf_release(&out);
	buf_release(&want);
}

static void no_tables(void **state)
{
	static const struct { const char *data; size_t len; const char *says; } cases[] = {
		{ T(""), "empty" },
		{ T("a\0b,c"), "NUL" },
		{ T("%PDF-1.7 ..."), "PDF" },
		{ T("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old"), "old Excel" },
		{ T("PK\x03\x04 not a zip"), "damaged" },
	};
	struct buf out = BUF_INIT(100000), wide = BUF_INIT(100000);
	struct sheet_options odd = { .encoding = "ebcdic" };

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_non_null(strstr(read_all(&out, cases[i].data, cases[i].len, NULL, NULL), cases[i].says));
	for (int i = 0; i < 10000; i++)
		buf_puts(&wide, "x,");
	assert_non_null(strstr(read_all(&out, buf_text(&wide), wide.len, NULL, NULL), "2,000 columns"));
	assert_non_null(strstr(read_all(&out, "a,b", 3, &odd, NULL), "ebcdic"));
	buf_release(&out);
	buf_release(&wide);
}

static void open_quote(void **state)
{
	struct buf in = BUF_INIT(8 << 20), out = BUF_INIT(8 << 20);

	buf_puts(&in, "a,b\n\"never closed");
	for (int i = 0; i < 400000; i++)
		buf_puts(&in, ",more\n");
	assert_non_null(strstr(read_all(&out, buf_text(&in), in.len, NULL, NULL), "quotation mark"));
	buf_release(&in);
	buf_release(&out);
}

static void numbers(void **state)
{
	static const struct { const char *text; char decimal, thousands; const char *value;
	} cases[] = {
		{ "14", '.', ',', "014" },
		{ "1,234.50", '.', ',', "01234.50" },
		{ "1.234,50", ',', '.', "01234.50" },
		{ "-3", '.', ',', "-3" },
		{ "(3)", '.', ',', "-3" },
		{ "$1,200", '.', ',', "01200" },
		{ "\xe2\x82\xac 12,5", ',', '.', "012.5" },
		{ "1 234,5", ',', ' ', "01234.5" },
		{ "1\xc2\xa0"
		  "234",
			'.', 0, "01234" },
		{ "1'234.5", '.', ',', "01234.5" },
		{ ".5", '.', ',', "00.5" },
		{ "5.", '.', ',', "05" },
		{ " 7 ", '.', ',', "07" },
		{ "+2", '.', ',', "02" },
		{ "1,234,567", '.', ',', "01234567" },
		{ "12 EUR", '.', ',', NULL },
		{ "5 users", '.', ',', NULL },
		{ "", '.', ',', NULL },
		{ "-", '.', ',', NULL },
		{ "1,2,3", '.', ',', NULL },
		{ "1.2.3", '.', ',', NULL },
		{ "n/a", '.', ',', NULL },
		{ "1e3", '.', ',', NULL },
		{ "(3", '.', ',', NULL },
		{ "1,23", '.', ',', NULL },
		{ ".", '.', ',', NULL },
		{ "12,345.6.7", '.', ',', NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char out[64];
		enum rc rc = sheet_number(cases[i].text, cases[i].decimal, cases[i].thousands, out);

		if ((rc == RC_OK) != (cases[i].value != NULL) || (rc == RC_OK && strcmp(out, cases[i].value) != 0))
			fail_msg("'%s': %s", cases[i].text, rc == RC_OK ? out : "refused");
	}
}

struct guess_case {
	const char *rows[6][5];
	size_t header;
	int account, service, quantity;
	char decimal;
};

static void guesses(void **state)
{
	static const struct guess_case cases[] = {
		{ { { "Customer", "Product", "Qty" }, { "Acme", "AV", "3" } }, 0, 0, 1, 2, '.' },
		{ { { "Report of May" }, { NULL }, { "SKU Name", "Account name", "Seats" }, { "AV", "Acme", "3" } }, 2,
			1, 0, 2, '.' },
		{ { { "Kundenname", "Artikel", "Menge", "Einzelpreis" }, { "Acme", "AV", "3", "1.200,50" } }, 0, 0, 1,
			2, ',' },
		{ { { "Acme", "AV", "3" }, { "Zeta", "AV", "4" } }, SIZE_MAX, 0, 1, 2, '.' },
		{ { { "Who", "What", "How many" }, { "Acme", "AV", "3" } }, 0, 0, 1, 2, '.' },
		{ { { "Price", "Units", "Company" }, { "2,50", "3", "Acme" } }, 0, 2, -1, 1, ',' },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct sheet_row rows[6];
		struct sheet_guess g;
		size_t n = 0;

		for (; n < 6 && (n == 0 || cases[i].rows[n][0] || n == 1); n++) {
			size_t count = 0;

			while (count < 5 && cases[i].rows[n][count])
				count++;
			rows[n] = (struct sheet_row){ (int64_t)n + 1, count, cases[i].rows[n] };
		}
		sheet_guess(rows, n, &g);
		if (g.header != cases[i].header || g.column[FIELD_ACCOUNT] != cases[i].account ||
			g.column[FIELD_SERVICE] != cases[i].service || g.column[FIELD_QUANTITY] != cases[i].quantity ||
			g.decimal != cases[i].decimal)
			fail_msg("case %zu: header %zu, columns %d %d %d, decimal %c", i, g.header, g.column[0],
				g.column[1], g.column[2], g.decimal);
	}
	assert_true(sheet_is_total("Grand Total:"));
	assert_true(sheet_is_total("SUMME"));
	assert_false(sheet_is_total("Total Wine Ltd"));
}

/* What was written is read again as it was, in either format, and no cell begins like a formula. */
static void round_trip(void **state)
{
	static const char *const nasty[] = { "=1+1", "+49 30", "-5", "@SUM(A1)", "a,b;c", "say \"hi\"", "two\nlines",
		"K\xc3\xb6ln \xf0\x9f\x98\x80", "|calc", "'quoted" };
	static const enum sheet_format formats[] = { SHEET_TEXT, SHEET_XLSX };
	struct buf file = BUF_INIT(1 << 20), out = BUF_INIT(1 << 20), want = BUF_INIT(1 << 20);

	for (size_t f = 0; f < ARRAY_LEN(formats); f++) {
		struct sheet_writer *w = sheet_writer_new(formats[f], "Cards");
		struct err e = ERR_INIT;
		int64_t line = 1;

		buf_clear(&file);
		buf_clear(&want);
		for (size_t i = 0; i < ARRAY_LEN(nasty); i++) {
			sheet_write_text(w, nasty[i]);
			sheet_write_number(w, i % 2 ? "12.1" : "-3");
			sheet_write_text(w, NULL);
			sheet_write_text(w, "end");
			sheet_write_end(w);
			buf_printf(&want, "%lld:%s|%s||end\n", (long long)line, nasty[i], i % 2 ? "12.1" : "-3");
			line += 1 + (formats[f] == SHEET_TEXT && strchr(nasty[i], '\n'));
		}
		assert_int_equal(sheet_writer_finish(w, &file, &e), RC_OK);
		if (formats[f] == SHEET_TEXT)
			assert_non_null(strstr(buf_text(&file), "\"'=1+1\",-3,,end\r\n"));
		assert_string_equal(read_all(&out, buf_text(&file), file.len, NULL, NULL), buf_text(&want));
	}
	sheet_writer_drop(sheet_writer_new(SHEET_XLSX, "Dropped"));
	buf_release(&file);
	buf_release(&out);
	buf_release(&want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts),
		cmocka_unit_test(blocks),
		cmocka_unit_test(no_tables),
		cmocka_unit_test(open_quote),
		cmocka_unit_test(numbers),
		cmocka_unit_test(guesses),
		cmocka_unit_test(round_trip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* files.h - any PSA over files, inside: a report of its lines as CSV or XLSX, and how its rows are read. */
#ifndef PSA_FILES_FILES_H
#define PSA_FILES_FILES_H

#include "psa/psa.h"
#include "sheet/sheet.h"

enum files_column {
	COL_ACCOUNT, COL_ACCOUNT_CODE, COL_CONTRACT, COL_PRODUCT, COL_PRODUCT_CODE, COL_QUANTITY, COL_PRICE, COL_COST,
	COL_CURRENCY, COL_LINE, COL_MAX
};

struct psa_conn {
	struct psa_host host;
	struct arena arena;		/* settings; lives as long as the connection */
	const char *heading[COL_MAX];	/* as the settings say; "" = found by itself */
	const char *decimal, *currency;	/* "." or "," or ""; for files without such a column */
};

/* A row as it counts. Texts in the report's arena. */
struct files_row {
	int64_t number;			/* as a person counts */
	const char *account, *account_code, *contract, *product, *product_code, *currency, *line;
	qty quantity, price, cost;
	bool has_quantity, has_price, has_cost;
	const char *account_id, *contract_id, *product_id;	/* made of the names */
};

struct files_report {
	struct arena arena;
	struct files_row *row;
	size_t count;
	int column[COL_MAX];		/* -1 = not in this file */
	int64_t ignored;		/* blank rows, totals, repeated headings */
};

extern const char *const files_settings_of[COL_MAX];	/* "column_account", ... */

/* Reads the whole file. RC_INVALID names the row and the column that cannot be read; then nothing counts. */
enum rc files_read(struct psa_conn *c, struct files_report *ret, struct err *e) MUST_CHECK;
void files_report_release(struct files_report *r);

#endif

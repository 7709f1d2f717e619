// How the demo talks: numbered steps, tables, and checks that decide the exit status.

const colour = process.stdout.isTTY ? (code, s) => `\x1b[${code}m${s}\x1b[0m` : (code, s) => s;
let number = 0;
let failures = 0;

export const failed = () => failures;

export function step(title) {
	number += 1;
	console.log(`\n${colour("1;36", `${String(number).padStart(2)}. ${title}`)}`);
}

export function say(text) {
	for (const line of String(text).split("\n")) console.log(`    ${line}`);
}

/** One thing that must hold; says so, and remembers when it does not. */
export function check(good, text) {
	if (!good) failures += 1;
	console.log(`    ${good ? colour("32", "ok") : colour("1;31", "FAILED")}  ${text}`);
	return Boolean(good);
}

// Wide characters take two places on a terminal.
function width(text) {
	return [...text].reduce((n, c) => n + (/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60]/u.test(c) ? 2 : 1), 0);
}

/** Rows of texts under heads; numbers to the right. */
export function table(heads, rows) {
	const cells = [heads, ...rows].map((row) => row.map((cell) => (cell ?? "-").toString()));
	const widths = heads.map((_, i) => Math.max(...cells.map((row) => width(row[i]))));
	const line = (row) =>
		row
			.map((cell, i) => {
				const pad = " ".repeat(widths[i] - width(cell));
				return /^[+-]?[\d.]+$/.test(cell) ? pad + cell : cell + pad;
			})
			.join("  ")
			.trimEnd();
	say(colour("2", line(cells[0])));
	for (const row of cells.slice(1)) say(line(row));
}

/** The first few, and how many more there are. */
export function some(heads, rows, most = 8) {
	table(heads, rows.slice(0, most));
	if (rows.length > most) say(colour("2", `... and ${rows.length - most} more`));
}

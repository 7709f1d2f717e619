// What a test counted, for the table of docs/operate/promise.md: one line of JSON a figure, in the file that
// TRUEUP_RESULTS names. Without it nothing is kept.
import { appendFileSync } from "node:fs";
import { after, test } from "node:test";

/** Notes that `count` of `what` (a name of tools/promise) were seen to hold. Call it after the last assertion. */
export function measured(what, count) {
	const file = process.env.TRUEUP_RESULTS;
	const engine = process.env.TRUEUP_TEST_DB ? "postgres" : "sqlite";
	if (file) appendFileSync(file, `${JSON.stringify({ what, count, engine, at: new Date().toISOString() })}\n`);
}

/** A `test` whose passed tests are counted; when all of the file have run, their number is noted for `what`. */
export function counting(what) {
	let passed = 0;
	after(() => measured(what, passed));
	return (name, run) =>
		test(name, async (t) => {
			await run(t);
			passed++;
		});
}

// After every file of tests: no secret that its tests used lies in the data folders of the servers they started, or in what
// those printed. canary.test.mjs looks everywhere for every kind; this looks at all the others' days.
import { execFile } from "node:child_process";
import { appendFileSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

const SHORTEST = 12;
const forms = new Map();
const folders = new Set();
const printed = [];

/** From now on nobody may find these. */
export function guard(...secrets) {
	for (const s of secrets) {
		if (typeof s !== "string" || s.length < SHORTEST) continue;
		forms.set(s, s);
		forms.set(Buffer.from(s).toString("base64").replace(/=+$/, "").slice(0, -1), s);
		forms.set(Buffer.from(s).toString("hex"), s);
	}
}

/** A folder to search when the tests are over, and a program whose output is. */
export function watch(dir, program) {
	folders.add(dir);
	printed.push(program);
}

/* What a test put there for the server to read is the test's own. */
const OWN = new Set(["password", "fixture.json", "master.key"]);

function files(dir) {
	if (!existsSync(dir)) return [];
	return readdirSync(dir, { withFileTypes: true }).flatMap((f) => {
		if (f.isDirectory()) return files(join(dir, f.name));
		return f.isFile() && !OWN.has(f.name) ? [join(dir, f.name)] : [];
	});
}

const totals = { places: 0, bytes: 0, found: 0 };

function look(place, text) {
	totals.places++;
	totals.bytes += text.length;
	for (const [form, secret] of forms) {
		if (!text.includes(form)) continue;
		totals.found++;
		console.error(`a secret (${secret.slice(0, 4)}..., ${secret.length} characters) is in ${place}`);
	}
}

/** Searches the tables of a PostgreSQL database, whose files are not in a server's folder, before it is dropped. */
export function searchDatabase(url) {
	return new Promise((done, fail) =>
		execFile("pg_dump", ["--data-only", url], { encoding: "buffer", maxBuffer: 1 << 30 }, (error, stdout, stderr) => {
			// A test may have dropped it, or cut the way there.
			if (error && /does not exist|connection|connect to/.test(stderr)) return done();
			if (error) return fail(new Error(`pg_dump: ${stderr}`));
			look("the database", stdout);
			done();
		}),
	);
}

/** Searches all of it; a find is told and makes the process fail. Before the folders are removed. */
export function search() {
	const places = [...folders].flatMap(files).map((f) => [basename(f), () => readFileSync(f)]);
	places.push(...printed.map((p) => ["what a server printed", () => Buffer.from(p.stdout + p.stderr)]));
	for (const [place, read] of places) look(place, read());
	if (totals.found) process.exitCode = 1;
	const note = process.env.TRUEUP_SEARCHED;
	if (note && totals.places) appendFileSync(note, `${JSON.stringify({ ...totals, forms: forms.size })}\n`);
}

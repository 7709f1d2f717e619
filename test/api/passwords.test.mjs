// Many who try passwords at once: two hashes at a time and no more memory than theirs, a few who wait, the others told to
// come again; whoever is signed in works on, and so do routes that need a worker.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { measured } from "../lib/measured.mjs";
import { ADMIN, request, startServer, until } from "../lib/server.mjs";
import { sql } from "../lib/store.mjs";

const HASH_MB = 64;
// Fewer than an address may have under way before it counts as one that guesses.
const PEOPLE = 24;
const emailOf = (n) => `person${n}@northwind.example`;

let server;
before(async () => {
	server = await startServer({ args: ["--signin-rate", "0", "--app-rate", "0"] });
	const rows = Array.from({ length: PEOPLE }, (_, n) => `SELECT org_id, 'person${n}', '${emailOf(n)}', '${emailOf(n)}', 'Person', 'viewer', password_hash, NULL, created_at FROM users WHERE email = '${ADMIN.email}';`);
	await sql(server, rows.map((r) => `INSERT INTO users (org_id, id, email, email_fold, name, role, password_hash, disabled_at, created_at) ${r}`).join("\n"));
});
after(() => server?.stop());

/** A line of /proc/PID/status in MB. */
function memory(line) {
	const text = readFileSync(`/proc/${server.child.pid}/status`, "utf8");
	return Number(text.match(new RegExp(`^${line}:\\s+(\\d+) kB`, "m"))[1]) / 1024;
}

const signIn = (email) => request(`${server.url}/api/v1/session`, "POST", { body: { email, password: ADMIN.password } });

test("all sign in at once: two hashes at a time, a few wait, the rest is told to come again, nobody else waits", async () => {
	// The first makes what stays: threads, and the hash of nobody.
	assert.equal((await signIn(ADMIN.email)).status, 200);
	const before = memory("VmRSS");
	const seen = new Map();
	const wrong = [];
	let stop = false;
	const people = Array.from({ length: PEOPLE }, async (_, n) => {
		while (!stop) {
			const { status, headers, body } = await signIn(emailOf(n));
			seen.set(status, (seen.get(status) ?? 0) + 1);
			const busy = status === 429 && /^[1-9]\d*$/.test(headers.get("retry-after")) && /Many people are signing in/.test(body.detail);
			if (status !== 200 && !busy) wrong.push(`${status} ${body.detail}`);
		}
	});
	try {
		await until(() => (seen.get(200) ?? 0) >= 12 && (seen.get(429) ?? 0) >= 3 * PEOPLE, { ms: 60000, what: "a flood" });
		for (let i = 0; i < 10; i++) {
			assert.equal((await server.api("GET", "/me")).status, 200);
			assert.equal((await server.api("POST", "/tags", { name: `tag ${i}` })).status, 201);
			// One that needs a worker: there is no PSA to test yet.
			assert.equal((await server.api("POST", "/psa/test")).status, 404);
		}
	} finally {
		stop = true;
		await Promise.all(people);
	}
	assert.deepEqual(wrong, [], "whoever is held off is not taken for one that guesses");
	// Three hashes at once would be three times 64 MB.
	const grown = memory("VmHWM") - before;
	assert.ok(grown > HASH_MB / 2, `a hash takes memory: ${grown} MB`);
	assert.ok(grown < 3 * HASH_MB, `${grown} MB more at the height of it`);
	await until(() => memory("VmRSS") < before + HASH_MB, { ms: 60000, what: "the memory given back" });
	for (let n = 0; n < PEOPLE; n++) assert.equal((await signIn(emailOf(n))).status, 200);
	measured("login_flood", 1);
});

// A disk with no room left: what cannot be stored is refused in words, the server goes on answering, and nothing that was
// acknowledged is missing when there is room again.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { BUILD, launch, request, run, startServer } from "../lib/server.mjs";

/** The same server under a ceiling for the size of its files, in KiB: for a program a full disk looks just so. */
async function squeezed(server, kib) {
	const words = ["serve", "--listen", "127.0.0.1:0", "--data", server.dir, ...server.store.args];
	const self = launch("bash", ["-c", `ulimit -f ${kib}; exec "$0" "$@"`, join(BUILD, "trueup"), ...words], {
		env: { TRUEUP_APP_RATE: "0" },
	});
	await self.ready;
	return self;
}

test("a store that cannot grow", { skip: process.env.TRUEUP_TEST_DB && "the files are the database server's" }, async () => {
	const server = await startServer();
	await server.pause();
	const full = await squeezed(server, 1024);
	const headers = { authorization: `Bearer ${server.token}` };
	const answered = [];
	let refused = null;
	const worker = async (n) => {
		for (let i = 0; i < 400 && !refused; i++) {
			const body = { name: `${n}-${i} ${"x".repeat(150)}`, role: "viewer" };
			const answer = await request(`${full.url}/api/v1/tokens`, "POST", { body, headers });
			if (answer.status === 201) answered.push(answer.body.id);
			else refused = answer;
		}
	};
	await Promise.all(Array.from({ length: 16 }, (_, n) => worker(n)));
	assert.ok(refused, "the ceiling was met");
	assert.ok(refused.status >= 500, refused.text);
	assert.equal(refused.headers.get("content-type"), "application/problem+json");
	assert.match(refused.body.detail, /disk/i);
	assert.ok(answered.length > 50);
	assert.equal((await request(`${full.url}/healthz`, "GET")).status, 200);
	assert.equal((await request(`${full.url}/api/v1/tokens`, "GET", { headers })).status, 200);
	full.child.kill("SIGTERM");
	await full.ended;
	assert.equal(full.status, 0, full.stderr);

	const roomy = await startServer({ dir: server.dir, store: server.store, token: server.token });
	const ids = new Set();
	let cursor = null;
	do {
		const page = (await roomy.api("GET", `/tokens?limit=1000${cursor ? `&cursor=${cursor}` : ""}`)).body;
		for (const t of page.items) ids.add(t.id);
		cursor = page.next_cursor;
	} while (cursor);
	for (const id of answered) assert.ok(ids.has(id), id);
	assert.equal((await roomy.api("GET", "/audit/verify")).body.ok, true);
	assert.equal((await roomy.api("POST", "/tokens", { name: "room again", role: "viewer" })).status, 201);
	assert.equal((await roomy.cli(["doctor", "--json"])).status, 0);
	await roomy.stop();
});

test("a backup and an export that find no room leave nothing behind", { skip: process.env.TRUEUP_TEST_DB && "as above" }, async () => {
	const server = await startServer();
	const script = 'ulimit -f 100; exec "$0" "$@"';
	for (const command of ["backup", "export"]) {
		const file = join(server.dir, `${command}.out`);
		const done = await run("bash", ["-c", script, join(BUILD, "trueup"), command, file, "--data", server.dir, ...server.store.args]);
		assert.equal(done.status, 1, done.stderr);
		assert.match(done.stderr, /^trueup: .+\n$/);
		assert.ok(!existsSync(file));
		assert.ok(!existsSync(`${file}.part`));
	}
	assert.equal((await server.cli(["backup", join(server.dir, "good"), "--json"])).status, 0);
	await server.stop();
});

// Backup while the server works, restore to an empty place, and what a restore refuses.
import assert from "node:assert/strict";
import { copyFileSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ADMIN, browser, freshStore, request, startServer, tempDir, trueup } from "../lib/server.mjs";

async function restored(file, from, { key = true } = {}) {
	const dir = tempDir(), store = await freshStore();
	if (key) copyFileSync(join(from.dir, "master.key"), join(dir, "master.key"));
	const done = await trueup(["restore", file, "--data", dir, ...store.args, "--json"]);
	return { dir, store, done };
}

test("a backup taken under load holds everything answered before it, and comes back", async () => {
	const server = await startServer();
	const page = browser(server);
	await page.signIn();
	const answered = [];
	let going = true;
	const load = (async () => {
		for (let i = 0; going; i++) {
			const made = await server.api("POST", "/tokens", { name: `load ${i}`, role: "viewer" });
			if (made.status === 201) answered.push(made.body);
		}
	})();
	while (answered.length < 20) await new Promise((r) => setTimeout(r, 20));
	const sure = [...answered];
	const file = join(tempDir(), "x.backup");
	const done = await server.cli(["backup", file, "--json"]);
	going = false;
	await load;
	assert.equal(done.status, 0, done.stderr);
	assert.equal(done.json.verified, true);
	assert.equal(done.json.bytes, statSync(file).size);
	assert.equal(statSync(file).mode & 0o777, 0o600);

	const back = await restored(file, server);
	assert.equal(back.done.status, 0, back.done.stderr);
	assert.equal(back.done.json.organizations, 1);
	assert.equal(back.done.json.audit_ok, true);
	const next = await startServer({ dir: back.dir, store: back.store, token: server.token });
	const names = (await next.api("GET", "/tokens?limit=1000")).body.items.map((t) => t.name);
	for (const token of sure) assert.ok(names.includes(token.name), token.name);
	const me = await request(`${next.url}/api/v1/me`, "GET", { headers: { authorization: `Bearer ${sure[0].token}` } });
	assert.equal(me.status, 200);
	assert.equal((await browser(next).signIn()).status, 200);
	assert.equal((await next.api("GET", "/audit/verify")).body.ok, true);
	const old = browser(next);
	for (const [k, v] of page.cookies) old.cookies.set(k, v);
	assert.equal((await old.api("GET", "/me")).status, 401, "sessions do not come back");
	await next.stop();
	await server.stop();
});

test("restore refuses a store that is there", async () => {
	const server = await startServer();
	const file = join(tempDir(), "x.backup");
	await server.cli(["backup", "--to", file]);
	const done = await server.cli(["restore", "--from", file, "--json"]);
	assert.equal(done.status, 1);
	assert.equal(done.json.error, "conflict");
	assert.equal((await server.api("GET", "/organization")).body.name, ADMIN.org);
	await server.stop();
});

test("restore refuses a damaged, shortened or foreign file, and leaves nothing", async () => {
	const server = await startServer();
	const file = join(tempDir(), "x.backup");
	await server.cli(["backup", file]);
	const good = readFileSync(file);
	const bent = Buffer.from(good);
	bent[Math.floor(bent.length / 2)] ^= 1;
	for (const bytes of [bent, good.subarray(0, good.length - 1), good.subarray(0, 5000), Buffer.from("no backup"), Buffer.alloc(0)]) {
		const bad = join(tempDir(), "bad.backup");
		writeFileSync(bad, bytes);
		const { done, dir, store } = await restored(bad, server);
		assert.equal(done.status, 1, done.stdout);
		const after = await trueup(["restore", file, "--data", dir, ...store.args, "--json"]);
		assert.equal(after.status, 0, after.stderr);
		await store.drop();
	}
	assert.equal((await trueup(["restore", "/nowhere/x", "--data", tempDir(), "--json"])).status, 1);
	await server.stop();
});

test("a backup does not overwrite, and has a place of its own when none is named", async () => {
	const server = await startServer();
	const first = await server.cli(["backup", "--json"]);
	assert.equal(first.status, 0, first.stderr);
	assert.ok(first.json.file.startsWith(join(server.dir, "backups", "trueup-")));
	const again = await server.cli(["backup", first.json.file, "--json"]);
	assert.equal(again.status, 1);
	assert.equal(again.json.error, "conflict");
	await server.stop();
});

test("a restore without the master key says so, with status 3", async () => {
	const server = await startServer();
	const file = join(tempDir(), "x.backup");
	await server.cli(["backup", file]);
	const { done, store } = await restored(file, server, { key: false });
	assert.equal(done.status, 3);
	assert.match(done.json.master_key, /master\.key/);
	await store.drop();
	await server.stop();
});

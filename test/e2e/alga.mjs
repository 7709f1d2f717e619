// The Alga connector against an Alga that runs: URL and KEY say where. It reads the book, raises the quantity of one line by one through the
// approval of its card, and puts it back by a rollback. ALGA_DIR, when given, is a checkout whose server is started for the test and
// ended after it; its database and services must be set up as its own README says.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { jobDone, request, startServer, until } from "../lib/server.mjs";
import { connect, pair } from "../lib/vendor.mjs";

const { ALGA_URL: url, ALGA_KEY: key, ALGA_DIR: dir } = process.env;
assert.ok(url && key, "Say where Alga is: make e2e-alga URL=http://127.0.0.1:3000 KEY=... [DIR=checkout]");

let server, alga;
const get = (path) => request(`${url}/api/v1${path}`, "GET", { headers: { "x-api-key": key } });

before(async () => {
	if (dir) {
		assert.ok(existsSync(join(dir, "server", "package.json")), `${dir} is no checkout of Alga`);
		const port = new URL(url).port || "3000";
		alga = spawn("npx", ["next", "dev", "-p", port, "-H", "127.0.0.1", "--turbo"], {
			cwd: join(dir, "server"),
			stdio: "ignore",
			detached: true,
		});
	}
	await until(async () => (await get("/clients?limit=1").catch(() => ({ status: 0 }))).status === 200, {
		ms: 180000,
		every: 2000,
		what: "Alga",
	});
	server = await startServer({ env: { TRUEUP_ALLOW_PRIVATE_REMOTES: "1" } });
});
after(async () => {
	await server?.stop();
	if (alga) process.kill(-alga.pid, "SIGTERM");
});

const ok = async (method, path, body) => {
	const answer = await server.api(method, path, body);
	if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
	return answer.body;
};

// A vendor that counts so many units of the line's product for its client.
async function count(line, units) {
	const vendor = await connect(server);
	await pair(server, vendor, "client", "service");
	const base = `/integrations/${vendor.id}`;
	const [account] = (await ok("GET", `${base}/accounts`)).items;
	const [service] = (await ok("GET", `${base}/services`)).items;
	await ok("PUT", `${base}/accounts/${account.id}/mapping`, { status: "mapped", psa_account_id: line.account.id });
	await ok("PUT", `${base}/services/${service.id}/mapping`, { status: "mapped", product_ids: [line.product.id], mode: "copy" });
	await ok("POST", `${base}/observations`, { items: [{ account: account.id, service: service.id, units }] });
	await jobDone(server, (await ok("POST", `${base}/finish`, {})).job);
}

test("the doctor, a full reading, and every line as Alga has it", async () => {
	await ok("PUT", "/psa", { kind: "alga", settings: { site: url, api_key: key, requests_per_minute: "6000" } });
	const { checks } = await ok("POST", "/psa/test");
	assert.deepEqual(
		checks.filter((c) => !c.ok),
		[],
	);
	await jobDone(server, (await ok("POST", "/psa/sync", { mode: "full" })).job, { ms: 300000 });
	const lines = (await ok("GET", "/psa/lines?limit=200")).items;
	assert.ok(lines.length > 0, "Alga has no contract line with a service: make one first");
	for (const line of lines) {
		const [contractLine, service] = line.remote_id.split("/");
		const { data } = (await get(`/contract-lines/${contractLine}/services`)).body;
		const found = data.find((s) => s.service.service_id === service);
		assert.equal(Number(line.quantity), found.configuration.quantity);
	}
});

test("one unit more by an approval, and back by a rollback", async () => {
	const lines = (await ok("GET", "/psa/lines?limit=200")).items;
	const same = (l) => lines.filter((x) => x.account.id === l.account.id && x.product.id === l.product.id);
	const line = lines.find((l) => !l.fixed && same(l).length === 1);
	assert.ok(line, "every line is fixed, or one of several of its client");
	const [contractLine, service] = line.remote_id.split("/");
	const now = async () =>
		(await get(`/contract-lines/${contractLine}/services`)).body.data.find((s) => s.service.service_id === service)
			.configuration.quantity;
	const start = await now();
	await count(line, start + 1);
	const card = (await ok("GET", "/cards?limit=200")).items.find(
		(c) => c.account.id === line.account.id && c.product.id === line.product.id,
	);
	const { batch } = await ok("POST", "/cards/approve", { ids: [card.id] });
	const settled = (id) =>
		until(async () => {
			const { items } = await ok("GET", `/writes?batch=${id}`);
			return items.length && items.every((w) => !["planned", "sending", "unknown"].includes(w.state)) ? items : null;
		}, { ms: 120000, what: "the write" });
	const [write] = await settled(batch);
	assert.equal(write.state, "applied", write.detail);
	assert.equal(await now(), start + 1);
	const { batch: back } = await ok("POST", `/writes/batches/${batch}/rollback`, {});
	assert.equal((await settled(back))[0].state, "applied");
	assert.equal(await now(), start);
});

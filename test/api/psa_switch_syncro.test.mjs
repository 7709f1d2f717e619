// From ConnectWise to Syncro: names and codes are found, a contract goes with its customer, who is not there waits, history stays, and the
// next change reaches Syncro.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { jobDone, request, startSim, until } from "../lib/server.mjs";
import { startWorld } from "../lib/world.mjs";

const fixture = JSON.parse(readFileSync(new URL("../../sim/fixtures/psa_syncro.json", import.meta.url)));
// Called as it was in ConnectWise.
fixture.syncro.schedules.find((s) => s.id === 503771).name = "Managed Services - Gold";

let world, syncro, batch, rule;
before(async () => {
	world = await startWorld({ accounts: { "Tarn & Company": "Tarn & Co" } });
	syncro = await startSim("syncro", fixture);
});
after(() => Promise.all([world?.stop(), syncro?.stop()]));

const read = async (body = {}) => jobDone(world.server, (await world.ok("POST", "/psa/sync", body)).job);
const edr = async (account) =>
	(await world.all("/cards")).find((c) => c.state !== "stale" && c.account.name === account && c.product.code === "CORO-EDR");

test("with ConnectWise: a change is made, a rule holds for one contract", async () => {
	const card = await edr("Northwind Dental");
	const contract = (await world.all("/psa/contracts")).find((c) => c.name === "Managed Services - Gold");
	rule = await world.ok("POST", "/rules", {
		name: "At least five on Gold",
		account_id: card.account.id,
		product_id: card.product.id,
		contract_id: contract.id,
		minimum: "5",
	});
	const [write] = await world.approve({ ids: [card.id] });
	assert.equal(write.state, "applied", write.detail);
	batch = write.batch;
});

test("after Syncro was read, equal names, codes and the contract are sure; who is not there is none", async () => {
	await world.ok("PUT", "/psa", {
		kind: "syncro",
		settings: { site: syncro.url, api_token: "tok-small-1", requests_per_minute: "6000" },
	});
	await read();
	const plan = await world.ok("GET", "/psa/switch");
	const seen = (list) => list.map((p) => [p.from.name, p.to?.name ?? null, p.by, p.sure]).sort();
	assert.deepEqual(seen(plan.accounts), [
		["Kestrel Foods", "Kestrel Foods", "name", true],
		["Northwind Dental", "Northwind Dental", "name", true],
		["Tarn & Co", null, null, false],
	]);
	assert.ok(plan.products.length >= 2);
	for (const p of plan.products) assert.equal(p.sure, true, p.from.name);
	assert.ok(plan.products.some((p) => p.from.code === "coro-edr" && p.by === "code"));
	assert.deepEqual(seen(plan.contracts), [["Managed Services - Gold", "Managed Services - Gold", "name", true]]);
	assert.equal(plan.contracts[0].uses.rules, 1);
});

test("what is sure moves, with the rule's contract; the rest waits, and the old change cannot be put back there", async () => {
	const plan = await world.ok("GET", "/psa/switch");
	const { moved } = await world.ok("POST", "/psa/switch", { sure: true, pairs: [] });
	assert.equal(moved, 2 + plan.products.length + 1);
	await read({ mode: "full" });
	const left = await world.ok("GET", "/psa/switch");
	assert.deepEqual(
		[...left.accounts, ...left.products, ...left.contracts].map((p) => p.from.name),
		["Tarn & Co"],
	);
	const contract = (await world.all("/psa/contracts")).find((c) => c.name === "Managed Services - Gold");
	assert.equal((await world.ok("GET", `/rules/${rule.id}`)).contract_id, contract.id);
	const [write] = await world.all(`/writes?batch=${batch}`);
	assert.equal(write.state, "applied");
	assert.equal((await world.server.api("POST", `/writes/batches/${batch}/rollback`, {})).status, 409);
	assert.equal((await request(`${syncro.url}/_ledger`, "GET")).body.items.length, 0);
});

test("and it goes on: a change of units reaches Syncro, once", async () => {
	const card = await edr("Northwind Dental");
	assert.equal(card.psa_units, "24");
	assert.notEqual(card.target_units, "24");
	const [write] = await world.approve({ ids: [card.id] });
	assert.equal(write.state, "applied", write.detail);
	const items = (await request(`${syncro.url}/_ledger`, "GET")).body.items;
	assert.deepEqual(
		items.map((i) => [i.method, i.path]),
		[["PUT", "/api/v1/schedules/503771/line_items/1823311"]],
	);
	await until(async () => (await edr("Northwind Dental"))?.psa_units === card.target_units, { ms: 60000 });
});

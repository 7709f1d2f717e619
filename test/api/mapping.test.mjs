// Mapping: equal names map themselves while an integration is set up, everything else is a suggestion.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { as, jobDone } from "../lib/server.mjs";
import { cards, count, mapService, product, startFeed, startMsp } from "../lib/msp.mjs";
import { list } from "../lib/vendor.mjs";

let server, sim, vendor, psa;

before(async () => {
	({ server, sim } = await startMsp());
	psa = Object.fromEntries((await list(server, "/psa/accounts")).map((a) => [a.name, a.id]));
	vendor = await startFeed(
		server,
		"Nimbus",
		[
			{ id: "1", name: "Northwind Dental" },
			{ id: "2", name: "kestrel foods" },
			{ id: "3", name: "Tarn and Co Ltd" },
			{ id: "4", name: "Own tenant" },
		],
		["EDR seats", "Coro Email Security", "Storage"],
	);
});
after(async () => {
	await server?.stop();
	await sim?.stop();
});

const mapping = async (id, body) => {
	const a = await vendor.account(id);
	return server.api("PUT", `/integrations/${vendor.id}/accounts/${a.id}/mapping`, body);
};

test("equal character for character maps itself, everything else is suggested with score and why", async () => {
	const exact = await vendor.account("1");
	assert.equal(exact.mapping.status, "mapped");
	assert.equal(exact.mapping.how, "exact");
	assert.equal(exact.mapping.psa_account.name, "Northwind Dental");
	assert.deepEqual(exact.suggestions, []);
	const close = await vendor.account("2");
	assert.equal(close.mapping.status, "unmapped");
	assert.equal(close.suggestions[0].psa_account_id, psa["Kestrel Foods"]);
	assert.ok(close.suggestions[0].score > 850);
	assert.ok(close.suggestions[0].why.length > 3);
	const service = await vendor.service("Coro Email Security");
	assert.equal(service.mapping.status, "mapped");
	assert.deepEqual(service.mapping.product_ids, [(await product(server, "CORO-EMAIL")).id]);
	assert.equal(service.mapping.mode, "copy");
});

test("not finished before one account and one service are mapped", async () => {
	const other = await startFeed(server, "Bare", [{ id: "x", name: "Nobody here" }], ["Thing"]);
	const refused = await server.api("POST", `/integrations/${other.id}/finish`, {});
	assert.equal(refused.status, 409);
	assert.match(refused.body.detail, /one account and one service/);
	await mapService(server, other, "Thing", "CORO-EDR");
	assert.match((await server.api("POST", `/integrations/${other.id}/finish`, {})).body.detail, /at least one account first/);
	assert.equal((await server.api("DELETE", `/integrations/${other.id}`)).status, 204);
	assert.equal((await server.api("POST", `/integrations/${other.id}/finish`, {})).status, 409);
});

test("filters, search, pages", async () => {
	const path = `/integrations/${vendor.id}/accounts`;
	const names = async (query) => (await list(server, `${path}${query}`)).map((a) => a.name);
	assert.deepEqual(await names("?limit=1"), ["kestrel foods", "Northwind Dental", "Own tenant", "Tarn and Co Ltd"]);
	assert.deepEqual(await names("?status=mapped"), ["Northwind Dental"]);
	assert.deepEqual(await names("?q=KESTREL"), ["kestrel foods"]);
	assert.deepEqual(await names("?q=3"), ["Tarn and Co Ltd"]);
	assert.equal((await server.api("GET", `${path}?status=odd`)).status, 400);
	assert.equal((await server.api("GET", "/integrations/nope/accounts")).status, 404);
});

test("what is wrong is told with its place, and changes nothing", async () => {
	const { id } = await vendor.account("2");
	const path = `/integrations/${vendor.id}/accounts/${id}/mapping`;
	const wrong = async (to, body, pointer) => {
		const { status, body: problem } = await server.api("PUT", to, body);
		assert.equal(status, 400, JSON.stringify(problem));
		assert.equal(problem.errors[0].pointer, pointer);
	};
	await wrong(path, { status: "maybe" }, "/status");
	await wrong(path, { status: "mapped" }, "/psa_account_id");
	await wrong(path, { status: "mapped", psa_account_id: "nobody" }, "/psa_account_id");
	const service = (await vendor.service("Storage")).id;
	const to = `/integrations/${vendor.id}/services/${service}/mapping`;
	const edr = (await product(server, "CORO-EDR")).id;
	await wrong(to, { status: "mapped" }, "/product_ids");
	await wrong(to, { status: "mapped", product_ids: [edr, "x"] }, "/product_ids/1");
	await wrong(to, { status: "mapped", product_ids: [edr, edr] }, "/product_ids/1");
	await wrong(to, { status: "mapped", product_ids: [edr], unit_basis: "seats" }, "/unit_basis");
	assert.equal((await vendor.account("2")).mapping.status, "unmapped");
	assert.equal((await vendor.service("Storage")).mapping.status, "unmapped");
	assert.equal((await server.api("PUT", `/integrations/${vendor.id}/accounts/nope/mapping`, { status: "excluded" })).status, 404);
	const viewer = await as(server, "viewer");
	assert.equal((await viewer("PUT", path, { status: "excluded" })).status, 403);
});

test("unmapped and excluded ones are counted, and priced where a price is known", async () => {
	await mapService(server, vendor, "EDR seats", "CORO-EDR", { unit_basis: "devices" });
	await count(server, vendor, { 1: { "EDR seats": 27 }, 2: { "EDR seats": 8, Storage: 3 }, 4: { "EDR seats": 5 } });
	assert.equal((await mapping("4", { status: "excluded" })).status, 200);
	assert.deepEqual((await vendor.account("2")).counted, { counts: 2, units: "11", money: "48" });
	const { body } = await server.api("GET", `/integrations/${vendor.id}/mapping`);
	assert.deepEqual(body.accounts, { mapped: 1, unmapped: 2, excluded: 1 });
	assert.deepEqual(body.services, { mapped: 2, unmapped: 1, excluded: 0 });
	assert.deepEqual(body.unmapped, { counts: 2, units: "11", money: "48" });
	assert.deepEqual(body.excluded, { counts: 1, units: "5", money: "30" });
	assert.equal((await vendor.service("EDR seats")).mapping.unit_basis, "devices");
});

test("a pair that was accepted is remembered for other vendors, a rejected one is not offered again", async () => {
	assert.equal((await mapping("3", { status: "mapped", psa_account_id: psa["Tarn & Co"] })).status, 200);
	const { id } = await vendor.account("2");
	const reject = `/integrations/${vendor.id}/accounts/${id}/reject`;
	assert.equal((await server.api("POST", reject, { target_id: psa["Kestrel Foods"] })).status, 200);
	assert.ok(!(await vendor.account("2")).suggestions.some((s) => s.psa_account_id === psa["Kestrel Foods"]));
	const other = await startFeed(server, "Cirrus", [{ id: "t", name: "TARN AND CO LTD" }, { id: "k", name: "Kestrel foods" }], ["S"]);
	const [best] = (await other.account("t")).suggestions;
	assert.equal(best.psa_account_id, psa["Tarn & Co"]);
	assert.match(best.why, /accepted before/);
	assert.ok(!(await other.account("k")).suggestions.some((s) => s.psa_account_id === psa["Kestrel Foods"]));
	await server.api("DELETE", `/integrations/${other.id}`);
});

test("a person's word stands: what was unmapped by hand stays so, and after the set-up nothing maps itself", async () => {
	assert.equal((await mapping("1", { status: "unmapped" })).status, 200);
	await vendor.call("POST", "/organization/accounts", [{ id: "1", name: "Northwind Dental" }]);
	assert.equal((await vendor.account("1")).mapping.status, "unmapped");
	assert.equal((await mapping("1", { status: "mapped", psa_account_id: psa["Northwind Dental"] })).status, 200);
	const { status, body } = await server.api("POST", `/integrations/${vendor.id}/finish`, {});
	assert.equal(status, 202);
	await jobDone(server, body.job);
	assert.ok((await cards(server, "&kind=reconcile")).length > 0);
	await vendor.call("POST", "/organization/accounts", [{ id: "9", name: "Tarn & Co" }]);
	const late = await vendor.account("9");
	assert.equal(late.mapping.status, "unmapped");
	assert.equal(late.suggestions[0].score, 1000);
});

test("each mapping is in the log with before and after", async () => {
	const items = (await server.api("GET", "/audit?limit=200")).body.items.filter((i) => i.event === "mapping.account");
	const entry = items.find((i) => i.after.name === "Own tenant");
	assert.equal(entry.before.mapping.status, "unmapped");
	assert.equal(entry.after.mapping.status, "excluded");
	assert.match(entry.object, /^account /);
});

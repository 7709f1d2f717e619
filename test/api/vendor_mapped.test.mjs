// The push API where the PSA is connected and things are mapped: isMapped and mappingId, counts by client id, strict404,
// and the pages of clients.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { jobDone, startSim } from "../lib/server.mjs";
import { connect, ledger, list, startVendor } from "../lib/vendor.mjs";

let server, vendor, psa, company, service;

before(async () => {
	psa = await startSim("connectwise", "sim/fixtures/small.json");
	({ server, vendor } = await startVendor());
	const settings = {
		site: psa.url,
		company_id: "alderridge",
		public_key: "pubSmall00000001",
		private_key: "prvSmall00000001",
		client_id: "7d0c2a53-6a0a-4c39-9c4b-1f2a77a5b9b0",
	};
	assert.equal((await server.api("PUT", "/psa", { kind: "connectwise", settings })).status, 200);
	await jobDone(server, (await server.api("POST", "/psa/sync", { mode: "full" })).body.job);
	[company] = await list(server, "/psa/accounts");
	await vendor.call("POST", "/organization/accounts", [
		{ id: "47315829460182736450912837", name: "Harrow Logistics", description: "HARROW" },
		{ id: "other", name: "Nobody in the PSA" },
	]);
	const made = await vendor.call("POST", "/organization/services", { id: "edr", name: "EDR seats" });
	service = made.body[0]._id;
});
after(async () => {
	await server?.stop();
	await psa?.stop();
});

const ours = async (what, vendorId) => (await list(server, `/integrations/${vendor.id}/${what}`)).find((a) => a.vendor_id === vendorId);

async function mapAccount(body) {
	const { id } = await ours("accounts", "47315829460182736450912837");
	const answer = await server.api("PUT", `/integrations/${vendor.id}/accounts/${id}/mapping`, body);
	assert.equal(answer.status, 200, answer.text);
}

const count = (body) => vendor.call("POST", `/service/${service}/count`, body);

test("E9 and E10 with a mapping", async () => {
	await mapAccount({ status: "mapped", psa_account_id: company.id });
	const body = '[{"name":"Harrow Logistics","description":"HARROW","id":47315829460182736450912837}]';
	const { status, text, body: told } = await vendor.call("POST", "/organization/accounts", body);
	assert.equal(status, 201);
	const mapping = told[0].mappingId;
	assert.match(mapping, /^[0-9a-f]{24}$/);
	const want = `{"id":"47315829460182736450912837","name":"Harrow Logistics","description":"HARROW","isMapped":true,"mappingId":"${mapping}"}`;
	assert.equal(text, `[${want}]`);
	assert.equal((await vendor.call("GET", "/organization/accounts?returnUnmapped=False")).text, `[${want}]`);
	assert.equal((await vendor.call("GET", "/organization/accounts")).body.length, 2);
});

test("a renamed account keeps its mapping and its counts", async () => {
	await count({ accountId: "47315829460182736450912837", unitCount: 4 });
	const before = await ledger(server, vendor);
	const renamed = await vendor.call("PATCH", "/organization/accounts/47315829460182736450912837", { id: "harrow" });
	assert.equal(renamed.body.isMapped, true);
	assert.deepEqual(await ledger(server, vendor), before);
	await vendor.call("PATCH", "/organization/accounts/harrow", { id: "47315829460182736450912837" });
});

test("E20 count by client id", async () => {
	const answer = await count({ clientOId: company.id, accountId: "", unitCount: 3 });
	assert.equal(answer.text, '{"status":201,"message":"Unit count stored"}');
	assert.equal((await ledger(server, vendor)).at(-1).account, (await ours("accounts", "47315829460182736450912837")).id);
});

test("E22 clients, found by name and in pages", async () => {
	const all = await list(server, "/psa/accounts?limit=1000");
	const ids = all.map((a) => a.id).sort();
	const first = await vendor.call("GET", "/organization/clients");
	assert.deepEqual(first.body.meta, { count: ids.length, hasMore: false, previousId: ids.at(-1) });
	assert.deepEqual(
		first.body.clients.map((c) => c.id),
		ids,
	);
	for (const c of first.body.clients) assert.deepEqual(Object.keys(c), ["_id", "id", "name"]);
	const rest = await vendor.call("GET", `/organization/clients?previousId=${ids[0]}`);
	assert.deepEqual(
		rest.body.clients.map((c) => c.id),
		ids.slice(1),
	);
	const part = company.name.slice(1, 4).toUpperCase();
	const found = await vendor.call("GET", `/organization/clients?search=${encodeURIComponent(part)}`);
	assert.ok(found.body.clients.some((c) => c.id === company.id));
});

test("strict404 asks for both mappings", async () => {
	await server.api("PATCH", `/integrations/${vendor.id}`, { strict404: true });
	const mapped = { accountId: "47315829460182736450912837", unitCount: 5 };
	assert.equal((await count({ accountId: "other", unitCount: 1 })).body.message, "No account map found with id: other");
	assert.equal((await count(mapped)).status, 404);
	const [product] = await list(server, "/psa/products");
	const its = await ours("services", "edr");
	const done = await server.api("PUT", `/integrations/${vendor.id}/services/${its.id}/mapping`, {
		status: "mapped",
		product_ids: [product.id],
	});
	assert.equal(done.status, 200, done.text);
	assert.equal((await count(mapped)).status, 201);
	await mapAccount({ status: "excluded" });
	assert.equal((await count(mapped)).status, 404);
	await server.api("PATCH", `/integrations/${vendor.id}`, { strict404: false });
	assert.equal((await count(mapped)).status, 201);
	const [account] = (await vendor.call("GET", "/organization/accounts?accountIds=47315829460182736450912837")).body;
	assert.equal(account.isMapped, false);
	assert.equal("mappingId" in account, false);
});

test("the end of the set-up is noted", async () => {
	await mapAccount({ status: "mapped", psa_account_id: company.id });
	assert.equal((await server.api("GET", `/integrations/${vendor.id}`)).body.finished_at, null);
	const { status, body } = await server.api("POST", `/integrations/${vendor.id}/finish`);
	assert.equal(status, 202);
	await jobDone(server, body.job);
	assert.ok((await server.api("GET", `/integrations/${vendor.id}`)).body.finished_at);
});

test("clients of more than one page", async () => {
	const big = await connect(server, { name: "Pages" });
	let seen = 0;
	for (let previous = ""; ; ) {
		const { body } = await big.call("GET", `/organization/clients?previousId=${previous}`);
		seen += body.clients.length;
		if (!body.meta.hasMore) break;
		previous = body.meta.previousId;
	}
	assert.equal(seen, (await list(server, "/psa/accounts?limit=1000")).length);
});

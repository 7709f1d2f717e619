// Many counts in one request: all or nothing, and "these are all" as the only way to say zero by silence.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { jobDone } from "../lib/server.mjs";
import { connect, ledger, startVendor } from "../lib/vendor.mjs";

let server, vendor;
before(async () => {
	({ server, vendor } = await startVendor());
	await fill(vendor);
});
after(() => server?.stop());

async function fill(v) {
	await v.call("POST", "/organization/accounts", ["a", "b", "c"].map((id) => ({ id, name: `Account ${id}` })));
	const made = await v.call("POST", "/organization/services", ["s", "t"].map((id) => ({ id, name: `Service ${id}` })));
	v.services = Object.fromEntries(made.body.map((s) => [s.id, s._id]));
}

const send = (v, body) => server.api("POST", `/integrations/${v.id}/observations`, body);
const item = (account, service, units) => ({ account, service, units });

/** ["units state", ...] of one pair, from the ledger. */
async function said(v, account, service) {
	const names = await accounts(v);
	const items = await ledger(server, v, `&account=${names[account]}&service=${v.services[service]}`);
	return items.map((o) => `${o.units} ${o.value_state}${o.implied ? " implied" : ""}`);
}

/** Our ids by the vendor's: taken from the rows that a count of each leaves in the ledger. */
async function accounts(v) {
	if (v.accounts) return v.accounts;
	v.accounts = {};
	for (const id of ["a", "b", "c"]) {
		const before = new Set((await ledger(server, v)).map((o) => o.run));
		await send(v, { items: [item(id, "s", 0)] });
		const fresh = (await ledger(server, v)).find((o) => !before.has(o.run));
		v.accounts[id] = fresh.account;
	}
	return v.accounts;
}

test("counts by the vendor's ids and by ours, as numbers and as texts", async () => {
	const names = await accounts(vendor);
	const { status, body } = await send(vendor, {
		complete: false,
		items: [item("a", "s", 5), item(names.b, vendor.services.s, "0.25"), item("a", "t", "512.4873046875")],
	});
	assert.equal(status, 201);
	assert.equal(body.accepted, 3);
	assert.equal(body.zeros, 0);
	assert.deepEqual((await said(vendor, "a", "s")).at(-1), "5 known");
	assert.deepEqual((await said(vendor, "b", "s")).at(-1), "0.25 known");
	assert.deepEqual(await said(vendor, "a", "t"), ["512.4873046875 known"]);
	assert.deepEqual(await said(vendor, "b", "t"), []);
	await jobDone(server, body.job);
});

test("what is absent stays as it is", async () => {
	await send(vendor, { items: [item("a", "s", 6)] });
	assert.deepEqual((await said(vendor, "b", "s")).at(-1), "0.25 known");
	assert.deepEqual(await said(vendor, "c", "t"), []);
});

test("with complete, what is absent is zero", async () => {
	const { body } = await send(vendor, { complete: true, items: [item("a", "s", 7)] });
	assert.equal(body.complete, true);
	assert.equal(body.accepted, 1);
	// b/s had 0.25, a/t had 512.49; b/t and c/t were never named; c/s is zero already.
	assert.equal(body.zeros, 4);
	assert.deepEqual((await said(vendor, "a", "s")).at(-1), "7 known");
	assert.deepEqual((await said(vendor, "b", "s")).at(-1), "0 zero implied");
	assert.deepEqual((await said(vendor, "a", "t")).at(-1), "0 zero implied");
	assert.deepEqual(await said(vendor, "c", "t"), ["0 zero implied"]);
	const { body: now } = await server.api("GET", `/integrations/${vendor.id}`);
	assert.ok(now.coverage.complete_at);
	assert.equal(now.coverage.last_run.complete, true);
	assert.equal(now.coverage.last_run.id, body.run);
	assert.equal((await send(vendor, { complete: true, items: [item("a", "s", 7)] })).body.zeros, 0);
});

test("complete and empty: everything is zero", async () => {
	const { body } = await send(vendor, { complete: true, items: [] });
	assert.equal(body.zeros, 1);
	assert.deepEqual((await said(vendor, "a", "s")).at(-1), "0 zero implied");
});

test("all or nothing, with a pointer to what is wrong", async () => {
	const before = (await ledger(server, vendor)).length;
	for (const [wrong, pointer] of [
		[item("nobody", "s", 1), "/items/1/account"],
		[item("a", "nothing", 1), "/items/1/service"],
		[item("a", "s", -1), "/items/1/units"],
		[item("a", "s", "many"), "/items/1/units"],
		[item("a", "s", null), "/items/1/units"],
		[item("a", "s", true), "/items/1/units"],
		[{ account: "a", service: "s" }, "/items/1/units"],
		[{ ...item("a", "s", 1), observed_at: "yesterday" }, "/items/1/observed_at"],
		[{ ...item("a", "s", 1), observed_at: "2999-01-01" }, "/items/1/observed_at"],
	]) {
		const { status, body } = await send(vendor, { complete: true, items: [item("a", "s", 1), wrong] });
		assert.equal(status, 400, JSON.stringify(wrong));
		assert.equal(body.errors[0].pointer, pointer);
	}
	assert.equal((await send(vendor, {})).status, 400);
	assert.equal((await send(vendor, { items: "all" })).status, 400);
	assert.equal((await server.api("POST", "/integrations/nothing/observations", { items: [] })).status, 404);
	assert.equal((await ledger(server, vendor)).length, before);
});

test("thousands of rows in one request", async () => {
	const big = await connect(server, { name: "Big" });
	const ids = Array.from({ length: 1000 }, (_, i) => `t${i}`);
	await big.call("POST", "/organization/accounts", ids.map((id) => ({ id, name: id })));
	await big.call("POST", "/organization/services", ["s1", "s2", "s3", "s4", "s5"].map((id) => ({ id, name: id })));
	const items = ids.flatMap((id, i) => ["s1", "s2", "s3", "s4", "s5"].map((s) => item(id, s, i)));
	const { status, body } = await send(big, { complete: true, items });
	assert.equal(status, 201);
	assert.equal(body.accepted, 5000);
	assert.equal((await ledger(server, big)).length, 5000);
});

test("the same request with one Idempotency-Key is taken once", async () => {
	const before = (await ledger(server, vendor)).length;
	const once = () =>
		server.api("POST", `/integrations/${vendor.id}/observations`, { items: [item("a", "s", 11)] }, { "Idempotency-Key": "bulk-1" });
	const first = await once();
	const second = await once();
	assert.equal(first.status, 201);
	assert.deepEqual(second.body, first.body);
	assert.equal((await ledger(server, vendor)).length, before + 1);
});

test("as of any past day", async () => {
	const past = await connect(server, { name: "Past" });
	await fill(past);
	const days = [
		["2026-03-01T10:00:00Z", 3],
		["2026-03-02T10:00:00Z", 0],
		["2026-03-10T10:00:00Z", "8.5"],
	];
	for (const [observed_at, units] of days) await send(past, { items: [{ ...item("a", "s", units), observed_at }] });
	const asOf = async (day, query = "") => {
		const { status, body } = await server.api("GET", `/integrations/${past.id}/observations?as_of=${day}${query}`);
		assert.equal(status, 200);
		return body.items.map((o) => `${o.units} ${o.value_state}`);
	};
	assert.deepEqual(await asOf("2026-02-28"), []);
	assert.deepEqual(await asOf("2026-03-01"), ["3 known"]);
	assert.deepEqual(await asOf("2026-03-02"), ["0 zero"]);
	assert.deepEqual(await asOf("2026-03-03"), ["0 zero"]);
	assert.deepEqual(await asOf("2026-03-04"), ["0 stale"]);
	assert.deepEqual(await asOf("2026-03-10"), ["8.5 known"]);
	const [{ account }] = await ledger(server, past);
	const pair = `&account=${account}&service=${past.services.t}`;
	assert.deepEqual(await asOf("2026-03-10", pair), ["null missing"]);
	for (const bad of ["2026-02-30", "tomorrow", "2026-03-01T00:00:00Z"])
		assert.equal((await server.api("GET", `/integrations/${past.id}/observations?as_of=${bad}`)).status, 400);
});

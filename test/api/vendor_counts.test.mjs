// Counts: exact numbers, what is refused, what brings an integration to life, and how the ledger answers.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { jobDone, until } from "../lib/server.mjs";
import { connect, ledger, pair, startVendor } from "../lib/vendor.mjs";

let server, vendor, at;
before(async () => {
	({ server, vendor } = await startVendor());
	at = await pair(server, vendor);
});
after(() => server?.stop());

const count = (unitCount, query = "", service = at.service) =>
	vendor.call("POST", `/service/${service}/count${query}`, `{"accountId":"20817","unitCount":${unitCount}}`);

/** Units of the last observation. */
async function last() {
	const items = await ledger(server, vendor);
	return items.at(-1);
}

test("numbers of any spelling, exactly", async () => {
	for (const [sent, kept] of [
		["14", "14"],
		["14.0", "14"],
		["0.5", "0.5"],
		["1.5e2", "150"],
		["0", "0"],
		["0.0", "0"],
		["-0", "0"],
		['"14"', "14"],
		['"3.25"', "3.25"],
		["512.4873046875", "512.4873046875"],
		["9007199254740993.000001", "9007199254740993.000001"],
		["79228162514264337593543950335", "79228162514264337593543950335"],
		["123456789012345678901234567890.123456789", "123456789012345678901234567890.123456789"],
		["0.0000001", "0.0000001"],
	]) {
		assert.equal((await count(sent)).status, 201, sent);
		assert.equal((await last()).units, kept);
	}
});

test("what is no count changes nothing", async () => {
	const before = (await ledger(server, vendor)).length;
	for (const bad of ["null", "true", "{}", "[]", '""', '" 5"', '"1e3"', '"-1"', '"abc"', "-1", "-0.5", "1e400", `1${"0".repeat(60)}`]) {
		const answer = await count(bad);
		assert.equal(answer.status, 400, bad);
		assert.ok(answer.body.message[0].startsWith("unitCount "), answer.text);
	}
	for (const body of ["{}", '{"unitCount":5}', '{"accountId":"","unitCount":5}', '{"accountId":"20817","unitCount":NaN}', "[]", ""]) {
		assert.equal((await vendor.call("POST", `/service/${at.service}/count`, body)).status, 400, body);
	}
	assert.equal((await count("5", "?no_build=maybe")).status, 400);
	assert.equal((await count("5", "", "0123456789abcdef01234567")).status, 404);
	assert.equal((await ledger(server, vendor)).length, before);
});

test("zero is a count, and not the same as none", async () => {
	await vendor.call("POST", "/organization/accounts", { id: "silent", name: "Silent" });
	await count("0");
	assert.equal((await last()).value_state, "zero");
	await count("4");
	assert.equal((await last()).value_state, "known");
});

test("known but unmapped pairs are kept, unless strict404 says otherwise", async () => {
	const strict = await connect(server, { name: "Strict" });
	const its = await pair(server, strict);
	const send = () => strict.call("POST", `/service/${its.service}/count`, { accountId: "20817", unitCount: 3 });
	assert.equal((await send()).status, 201);
	assert.equal((await server.api("PATCH", `/integrations/${strict.id}`, { strict404: true })).body.strict404, true);
	const refused = await send();
	assert.equal(refused.status, 404);
	assert.equal(refused.body.message, "No account map found with id: 20817");
	assert.equal((await ledger(server, strict)).length, 1);
});

test("the first accepted count makes it active", async () => {
	const fresh = await connect(server, { name: "Fresh" });
	const state = async () => (await fresh.call("GET", "/organization")).body.status;
	const its = await pair(server, fresh);
	assert.equal(await state(), "inactive");
	assert.equal((await fresh.call("POST", `/service/${its.service}/count`, { accountId: "nobody", unitCount: 1 })).status, 404);
	assert.equal(await state(), "inactive");
	await fresh.call("PATCH", "/organization/status/PENDING");
	assert.equal(await state(), "pending");
	assert.equal((await fresh.call("POST", `/service/${its.service}/count`, { accountId: "20817", unitCount: 1 })).status, 201);
	assert.equal(await state(), "active");
	await fresh.call("PATCH", "/organization/status/pending");
	await fresh.call("PATCH", "/organization/status/error");
	await fresh.call("POST", `/service/${its.service}/count`, { accountId: "20817", unitCount: 2 });
	assert.equal(await state(), "error");
});

test("a burst of counts is one run, ended by sync", async () => {
	const burst = await connect(server, { name: "Burst" });
	const its = await pair(server, burst);
	for (let i = 1; i <= 5; i++) await burst.call("POST", `/service/${its.service}/count`, { accountId: "20817", unitCount: i });
	const runs = new Set((await ledger(server, burst)).map((o) => o.run));
	assert.equal(runs.size, 1);
	const { status, body } = await server.api("POST", `/integrations/${burst.id}/sync`);
	assert.equal(status, 202);
	await jobDone(server, body.job);
	const [run] = (await server.api("GET", `/integrations/${burst.id}/runs`)).body.items;
	assert.equal(run.id, [...runs][0]);
	assert.equal(run.kind, "push");
	assert.equal(run.complete, false);
	assert.equal(run.accepted, 1);
	assert.ok(run.finished_at);
	const { body: now } = await server.api("GET", `/integrations/${burst.id}`);
	assert.ok(now.last_synced_at);
	assert.notEqual((await burst.call("GET", "/organization")).body.lastSyncedAt, "1900-01-01T00:00:00.000Z");
	await burst.call("POST", `/service/${its.service}/count`, { accountId: "20817", unitCount: 9 });
	assert.notEqual((await ledger(server, burst)).at(-1).run, run.id);
});

test("a burst ends by itself after some quiet, and the cards are made again", async () => {
	const quiet = await connect(server, { name: "Quiet" });
	const its = await pair(server, quiet);
	await quiet.call("POST", `/service/${its.service}/count`, { accountId: "20817", unitCount: 2 });
	const began = Date.now();
	const run = await until(
		async () => (await server.api("GET", `/integrations/${quiet.id}/runs`)).body.items.find((r) => r.finished_at),
		{ what: "the end of the burst" },
	);
	assert.ok(Date.now() - began > 3000, "it ended before it was quiet");
	await until(
		async () => {
			const { body } = await server.api("GET", "/jobs?kind=rebuild");
			return body.items.some((j) => j.state === "done" && j.finished_at >= run.finished_at);
		},
		{ what: "a rebuild after the burst" },
	);
});

test("every value is kept with its time, oldest first, and found by account, service and time", async () => {
	const many = await connect(server, { name: "Many" });
	const one = await pair(server, many, "a1", "s1");
	const two = await pair(server, many, "a2", "s2");
	const post = (s, accountId, unitCount) => many.call("POST", `/service/${s}/count`, { accountId, unitCount });
	await post(one.service, "a1", 1);
	await post(two.service, "a2", 2);
	await post(one.service, "a2", 3);
	await post(one.service, "a1", 4);
	const all = await ledger(server, many);
	assert.deepEqual(
		all.map((o) => o.units),
		["1", "2", "3", "4"],
	);
	const a1 = all[0].account;
	const units = async (query) => (await ledger(server, many, query)).map((o) => o.units);
	assert.deepEqual(await units(`&account=${a1}`), ["1", "4"]);
	assert.deepEqual(await units(`&service=${one.service}`), ["1", "3", "4"]);
	assert.deepEqual(await units(`&service=${one.service}&account=${a1}`), ["1", "4"]);
	assert.deepEqual(await units(`&from=${all[2].observed_at}`), ["3", "4"]);
	assert.deepEqual(await units(`&to=${all[2].observed_at}`), ["1", "2"]);
	const today = all[0].observed_at.slice(0, 10);
	assert.equal((await units(`&from=${today}&to=${today}`)).length > 0, true);
	assert.equal((await server.api("GET", `/integrations/${many.id}/observations?from=yesterday`)).status, 400);
	// Page by page it is the same list.
	const paged = [];
	for (let cursor = ""; cursor !== null; ) {
		const { body } = await server.api("GET", `/integrations/${many.id}/observations?limit=1${cursor && `&cursor=${cursor}`}`);
		paged.push(...body.items);
		cursor = body.next_cursor;
	}
	assert.deepEqual(paged, all);
	for (const o of all)
		assert.deepEqual(Object.keys(o), ["service", "account", "service_name", "account_name", "units", "value_state", "implied", "observed_at", "received_at", "run"]);
});

test("by client id, only when an account is mapped to it", async () => {
	const answer = await vendor.call("POST", `/service/${at.service}/count`, { clientOid: "65f0c4aa4be17d0012ab9301", unitCount: 3 });
	assert.equal(answer.status, 404);
	const first = await vendor.call("POST", `/service/${at.service}/count`, {
		clientOId: "",
		accountId: "20817",
		unitCount: 3,
	});
	assert.equal(first.status, 201);
});

test("ids as numbers and in another case", async () => {
	await vendor.call("POST", "/organization/accounts", [
		{ id: 47315829460182736450912837n.toString(), name: "long" },
		{ id: "Tenant-A", name: "tenant" },
	]);
	const send = (id) => vendor.call("POST", `/service/${at.service}/count`, `{"accountId":${id},"unitCount":1}`);
	assert.equal((await send("47315829460182736450912837")).status, 201);
	assert.equal((await send('"TENANT-a"')).status, 201);
	assert.equal((await send("20817")).status, 201);
});

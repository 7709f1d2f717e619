// The Integrations tab: catalogue, connecting, token, changes, disconnecting, and who may do what.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { as, jobDone, startServer } from "../lib/server.mjs";
import { caller, connect, ledger, list, pair } from "../lib/vendor.mjs";

let server;
before(async () => {
	server = await startServer({ env: { TRUEUP_PUSH_RATE: "0", TRUEUP_APP_RATE: "0" } });
});
after(() => server?.stop());

const get = async (id) => (await server.api("GET", `/integrations/${id}`)).body;

test("the catalogue", async () => {
	const { status, body } = await server.api("GET", "/vendors");
	assert.equal(status, 200);
	const ids = body.items.map((v) => v.id);
	for (const id of ["coro", "comet", "custom"]) assert.ok(ids.includes(id), id);
	assert.equal(new Set(ids).size, ids.length);
	const coro = body.items.find((v) => v.id === "coro");
	assert.deepEqual(coro.products, ["Cloud Security", "Email Security", "Endpoint Security", "EDR"]);
	assert.deepEqual(coro.modules, ["billing"]);
	assert.equal(coro.portal_url, "https://secure.coro.net");
	assert.equal(coro.connects, "push|pull");
	assert.ok(coro.settings.find((s) => s.name === "client_secret").secret);
	const custom = body.items.find((v) => v.id === "custom");
	assert.equal(custom.connects, "push");
	assert.deepEqual(custom.settings, []);
});

test("connecting, with defaults and without", async () => {
	const { status, body } = await server.api("POST", "/integrations", { vendor: "coro" });
	assert.equal(status, 201);
	assert.equal(body.name, "Coro");
	assert.equal(body.state, "inactive");
	assert.equal(body.schedule, "default");
	assert.equal(body.stale_after_hours, 48);
	assert.equal(body.strict404, false);
	assert.equal(body.token_created_at, null);
	assert.equal(body.last_count_at, null);
	assert.equal(body.coverage.last_run, null);
	assert.deepEqual(body.accounts, { total: 0, mapped: 0, excluded: 0, unmapped: 0 });
	assert.deepEqual(await get(body.id), body);
	const second = await server.api("POST", "/integrations", { vendor: "coro", name: "Coro EU", modules: ["billing"], settings: {} });
	assert.equal(second.status, 201);
	assert.notEqual(second.body.id, body.id);
	const names = (await list(server, "/integrations?limit=1")).map((i) => i.name);
	assert.deepEqual(names.sort(), ["Coro", "Coro EU"]);
});

test("what cannot be connected", async () => {
	for (const [body, pointer] of [
		[{}, "/vendor"],
		[{ vendor: "nobody" }, "/vendor"],
		[{ vendor: "coro", modules: ["alerts"] }, "/modules"],
		[{ vendor: "coro", modules: "billing" }, "/modules"],
		[{ vendor: "custom", settings: { key: "x" } }, "/settings/key"],
		[{ vendor: "custom", name: " " }, "/name"],
	]) {
		const { status, body: problem } = await server.api("POST", "/integrations", body);
		assert.equal(status, 400);
		assert.equal(problem.errors[0].pointer, pointer);
	}
});

test("new integrations follow the organization's settings", async () => {
	await server.api("PATCH", "/settings", { stale_after_hours: 12, strict404: true });
	const { body } = await server.api("POST", "/integrations", { vendor: "custom" });
	assert.equal(body.stale_after_hours, 12);
	assert.equal(body.strict404, true);
	await server.api("PATCH", "/settings", { stale_after_hours: null, strict404: null });
});

test("changes", async () => {
	const { body: made } = await server.api("POST", "/integrations", { vendor: "comet" });
	const patch = (body) => server.api("PATCH", `/integrations/${made.id}`, body);
	const { status, body } = await patch({
		name: "Comet Berlin",
		schedule: "monthly 31 02:00",
		stale_after_hours: 72,
		portal_url: "https://comet.example",
		modules: ["alerts"],
		strict404: true,
	});
	assert.equal(status, 200);
	assert.equal(body.name, "Comet Berlin");
	assert.equal(body.schedule, "monthly 31 02:00");
	assert.equal(body.stale_after_hours, 72);
	assert.equal(body.portal_url, "https://comet.example");
	assert.deepEqual(body.modules, ["alerts"]);
	assert.equal(body.strict404, true);
	for (const [change, pointer] of [
		[{ schedule: "hourly" }, "/schedule"],
		[{ stale_after_hours: 0 }, "/stale_after_hours"],
		[{ stale_after_hours: 1.5 }, "/stale_after_hours"],
		[{ portal_url: "file:///etc/passwd" }, "/portal_url"],
		[{ modules: [] }, "/modules"],
	]) {
		const refused = await patch(change);
		assert.equal(refused.status, 400, JSON.stringify(change));
		assert.equal(refused.body.errors[0].pointer, pointer);
	}
	assert.deepEqual(await get(made.id), body);
	assert.equal((await server.api("PATCH", "/integrations/nothing", { name: "x" })).status, 404);
});

test("the token is shown once, a new one ends the old one, and it can be revoked", async () => {
	const vendor = await connect(server);
	assert.equal(vendor.token, Buffer.from(`${vendor.vendor_key}:${vendor.partner_key}`).toString("base64"));
	for (const key of [vendor.vendor_key, vendor.partner_key]) {
		assert.match(key, /^[A-Za-z0-9_-]+$/);
		assert.ok(key.length >= 43);
	}
	assert.ok((await get(vendor.id)).token_created_at);
	assert.ok(!JSON.stringify(await get(vendor.id)).includes(vendor.partner_key));
	assert.equal((await vendor.call("GET", "/organization")).status, 200);
	const again = await server.api("POST", `/integrations/${vendor.id}/token`);
	assert.equal(again.status, 201);
	assert.notEqual(again.body.token, vendor.token);
	assert.equal((await vendor.call("GET", "/organization")).status, 401);
	const renewed = caller(server, again.body.token);
	assert.equal((await renewed.call("GET", "/organization")).status, 200);
	assert.equal((await server.api("DELETE", `/integrations/${vendor.id}/token`)).status, 204);
	assert.equal((await renewed.call("GET", "/organization")).status, 401);
	assert.equal((await get(vendor.id)).token_created_at, null);
	const { body: log } = await server.api("GET", "/audit?limit=1000");
	const text = JSON.stringify(log);
	assert.ok(text.includes("integration.token_issued"));
	assert.ok(!text.includes(again.body.token) && !text.includes(again.body.partner_key));
});

test("an app token is no push token, nor the other way round", async () => {
	const vendor = await connect(server);
	assert.equal((await caller(server, server.token).call("GET", "/organization")).status, 401);
	assert.equal((await server.api("GET", "/integrations", undefined, { authorization: `Bearer ${vendor.token}` })).status, 401);
});

test("disconnecting ends the token and keeps the data", async () => {
	const vendor = await connect(server);
	const at = await pair(server, vendor);
	await vendor.call("POST", `/service/${at.service}/count`, { accountId: at.account, unitCount: 7 });
	assert.equal((await server.api("DELETE", `/integrations/${vendor.id}`)).status, 204);
	assert.equal((await vendor.call("GET", "/organization")).status, 401);
	assert.equal((await vendor.call("POST", `/service/${at.service}/count`, { accountId: at.account, unitCount: 8 })).status, 401);
	const now = await get(vendor.id);
	assert.equal(now.state, "disabled");
	assert.ok(now.disconnected_at);
	assert.deepEqual(
		(await ledger(server, vendor)).map((o) => o.units),
		["7"],
	);
	for (const [method, path] of [
		["POST", "/token"],
		["POST", "/sync"],
	])
		assert.equal((await server.api(method, `/integrations/${vendor.id}${path}`)).status, 409);
	const bulk = await server.api("POST", `/integrations/${vendor.id}/observations`, { items: [] });
	assert.equal(bulk.status, 409);
});

test("coverage says what is known", async () => {
	const vendor = await connect(server);
	await vendor.call("POST", "/organization/accounts", [
		{ id: "a", name: "A" },
		{ id: "b", name: "B" },
		{ id: "c", name: "C" },
	]);
	await vendor.call("POST", "/organization/services", [
		{ id: "s", name: "S" },
		{ id: "t", name: "T" },
	]);
	const items = [
		{ account: "a", service: "s", units: 5 },
		{ account: "b", service: "s", units: "0" },
		{ account: "a", service: "t", units: 1, observed_at: "2020-01-01T00:00:00Z" },
	];
	assert.equal((await server.api("POST", `/integrations/${vendor.id}/observations`, { items })).status, 201);
	const { coverage, accounts, services } = await get(vendor.id);
	assert.deepEqual(
		[coverage.pairs, coverage.known, coverage.zero, coverage.stale, coverage.accounts_reporting, coverage.accounts_missing],
		[3, 1, 1, 1, 2, 1],
	);
	assert.equal(accounts.unmapped, 3);
	assert.equal(services.total, 2);
	assert.equal(coverage.complete_at, null);
	assert.equal(coverage.last_run.kind, "bulk");
});

test("who may do what", async () => {
	const viewer = await as(server, "viewer");
	const approver = await as(server, "approver");
	const { id } = await connect(server);
	assert.equal((await viewer("GET", "/integrations")).status, 200);
	assert.equal((await viewer("GET", `/integrations/${id}`)).status, 200);
	for (const [method, path] of [
		["POST", "/integrations"],
		["PATCH", `/integrations/${id}`],
		["DELETE", `/integrations/${id}`],
		["POST", `/integrations/${id}/token`],
		["DELETE", `/integrations/${id}/token`],
	])
		assert.equal((await approver(method, path, method === "DELETE" ? undefined : { vendor: "custom" })).status, 403);
	assert.equal((await viewer("POST", `/integrations/${id}/sync`)).status, 403);
	const { status, body } = await approver("POST", `/integrations/${id}/sync`);
	assert.equal(status, 202);
	await jobDone(server, body.job);
});

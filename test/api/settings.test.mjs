// What an organization can set, and the organization itself.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { as, startServer } from "../lib/server.mjs";

let server;
before(async () => {
	server = await startServer();
});
after(() => server?.stop());

const value = async (name) => (await server.api("GET", "/settings")).body.items.find((s) => s.name === name).value;

test("every setting has a value, a default and a word of help", async () => {
	const { items } = (await server.api("GET", "/settings")).body;
	assert.ok(items.length >= 8);
	for (const s of items) {
		assert.deepEqual(s.value, s.default, s.name);
		assert.ok(s.help.length > 10);
		assert.equal((await server.api("PATCH", "/settings", { [s.name]: s.default })).status, 200, s.name);
	}
});

test("a change is kept, null puts the default back", async () => {
	const answer = await server.api("PATCH", "/settings", { schedule: "weekly", sync_hour: 5, strict404: true });
	assert.equal(answer.status, 200, answer.text);
	assert.equal(answer.body.items.find((s) => s.name === "schedule").value, "weekly");
	assert.equal(await value("sync_hour"), 5);
	assert.equal(await value("strict404"), true);
	await server.api("PATCH", "/settings", { schedule: null, sync_hour: null, strict404: null });
	assert.equal(await value("schedule"), "daily");
	assert.equal(await value("strict404"), false);
});

test("all or nothing, and the wrong one is pointed at", async () => {
	const cases = [
		[{ sync_hour: 3, schedule: "hourly" }, "/schedule"],
		[{ sync_hour: 24 }, "/sync_hour"],
		[{ sync_hour: "3" }, "/sync_hour"],
		[{ sync_hour: 3, strict404: "yes" }, "/strict404"],
		[{ sync_hour: 3, colour: "red" }, "/colour"],
	];
	for (const [patch, pointer] of cases) {
		const answer = await server.api("PATCH", "/settings", patch);
		assert.equal(answer.status, 400, JSON.stringify(patch));
		assert.equal(answer.body.errors[0].pointer, pointer);
		assert.equal(await value("sync_hour"), 2);
	}
});

test("the organization's name and currency", async () => {
	const changed = await server.api("PATCH", "/organization", { name: "Müller & Söhne", currency: "EUR" });
	assert.equal(changed.status, 200, changed.text);
	const got = (await server.api("GET", "/organization")).body;
	assert.equal(got.name, "Müller & Söhne");
	assert.equal(got.currency, "EUR");
	for (const [patch, pointer] of [[{ name: "" }, "/name"], [{ currency: "EURO" }, "/currency"], [{ currency: "12" }, "/currency"]]) {
		const answer = await server.api("PATCH", "/organization", patch);
		assert.equal(answer.status, 400, JSON.stringify(patch));
		assert.equal(answer.body.errors[0].pointer, pointer);
	}
});

test("viewers look, administrators change", async () => {
	const viewer = await as(server, "viewer"), approver = await as(server, "approver");
	assert.equal((await viewer("GET", "/settings")).status, 200);
	assert.equal((await viewer("GET", "/organization")).status, 200);
	for (const who of [viewer, approver]) {
		assert.equal((await who("PATCH", "/settings", { schedule: "weekly" })).status, 403);
		assert.equal((await who("PATCH", "/organization", { name: "X" })).status, 403);
	}
});

// Tokens of the API: made, shown once, listed without their secret, revoked.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { as, startServer } from "../lib/server.mjs";

let server;
before(async () => {
	server = await startServer();
});
after(() => server?.stop());

const bearer = (token) => ({ authorization: `Bearer ${token}` });

test("a token is shown once and works with its role", async () => {
	const made = await server.api("POST", "/tokens", { name: "nightly", role: "approver" });
	assert.equal(made.status, 201, made.text);
	assert.match(made.body.token, /^tu_[0-9a-f]{24}_[A-Za-z0-9_-]{43}$/);
	const me = await server.api("GET", "/me", undefined, bearer(made.body.token));
	assert.equal(me.body.role, "approver");
	assert.equal(me.body.token.name, "nightly");
	const list = await server.api("GET", "/tokens");
	assert.ok(list.body.items.some((t) => t.id === made.body.id));
	assert.ok(!list.text.includes(made.body.token.split("_").slice(2).join("_")));
	assert.equal((await server.api("POST", "/tokens", { name: "n", role: "admin" }, bearer(made.body.token))).status, 403);
});

test("a revoked token stops at once", async () => {
	const made = (await server.api("POST", "/tokens", { name: "short", role: "viewer" })).body;
	assert.equal((await server.api("GET", "/me", undefined, bearer(made.token))).status, 200);
	assert.equal((await server.api("DELETE", `/tokens/${made.id}`)).status, 204);
	assert.equal((await server.api("GET", "/me", undefined, bearer(made.token))).status, 401);
	const listed = (await server.api("GET", "/tokens")).body.items.find((t) => t.id === made.id);
	assert.ok(listed.revoked_at);
	assert.equal((await server.api("DELETE", "/tokens/000000000000000000000000")).status, 404);
});

test("a token that has an end stops there", async () => {
	const soon = new Date(Date.now() + 1500).toISOString();
	const made = (await server.api("POST", "/tokens", { name: "soon", role: "viewer", expires_at: soon })).body;
	assert.equal((await server.api("GET", "/me", undefined, bearer(made.token))).status, 200);
	await new Promise((r) => setTimeout(r, 1700));
	assert.equal((await server.api("GET", "/me", undefined, bearer(made.token))).status, 401);
});

test("bad input is pointed at, and makes no token", async () => {
	const count = async () => (await server.api("GET", "/tokens?limit=1000")).body.items.length;
	const before = await count();
	const cases = [
		[{ role: "viewer" }, "/name"],
		[{ name: "  ", role: "viewer" }, "/name"],
		[{ name: "n", role: "king" }, "/role"],
		[{ name: "n" }, "/role"],
		[{ name: "n", role: "viewer", expires_at: "soon" }, "/expires_at"],
		[{ name: "n", role: "viewer", expires_at: "2020-01-01" }, "/expires_at"],
	];
	for (const [body, pointer] of cases) {
		const answer = await server.api("POST", "/tokens", body);
		assert.equal(answer.status, 400, JSON.stringify(body));
		assert.equal(answer.headers.get("content-type"), "application/problem+json");
		assert.equal(answer.body.errors[0].pointer, pointer);
	}
	assert.equal(await count(), before);
});

test("the same Idempotency-Key makes one token, and gives the same answer", async () => {
	const headers = { "idempotency-key": "token-1" };
	const first = await server.api("POST", "/tokens", { name: "twice", role: "viewer" }, headers);
	const second = await server.api("POST", "/tokens", { name: "twice", role: "viewer" }, headers);
	assert.equal(first.status, 201);
	assert.equal(second.status, 201);
	assert.equal(second.body.token, first.body.token);
	const other = await server.api("POST", "/tokens", { name: "other", role: "viewer" }, headers);
	assert.equal(other.status, 422);
	const items = (await server.api("GET", "/tokens?limit=1000")).body.items;
	assert.equal(items.filter((t) => t.name === "twice").length, 1);
});

test("the list has pages", async () => {
	for (let i = 0; i < 5; i++) await server.api("POST", "/tokens", { name: `page ${i}`, role: "viewer" });
	const all = (await server.api("GET", "/tokens?limit=1000")).body.items.map((t) => t.id);
	const seen = [];
	let cursor = null;
	do {
		const page = await server.api("GET", `/tokens?limit=2${cursor ? `&cursor=${cursor}` : ""}`);
		seen.push(...page.body.items.map((t) => t.id));
		cursor = page.body.next_cursor;
	} while (cursor);
	assert.deepEqual(seen, all);
	assert.equal((await server.api("GET", "/tokens?cursor=nonsense")).status, 400);
	assert.equal((await server.api("GET", "/tokens?limit=0")).status, 400);
});

test("only administrators see tokens, and a broken header is nobody", async () => {
	const viewer = await as(server, "viewer");
	assert.equal((await viewer("GET", "/tokens")).status, 403);
	for (const value of ["", "Bearer", "Bearer x", "Basic eDp5", `Bearer ${server.token}x`, server.token])
		assert.equal((await server.api("GET", "/me", undefined, { authorization: value })).status, 401, value);
});

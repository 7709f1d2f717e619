// Every route of openapi.json, asked by nobody, by a wrong token, by each role, and by those who may no longer, or not everywhere:
// 401 without sign-in, 403 below the route's role, and something else from that role on.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { measured } from "../lib/measured.mjs";
import { as, browser, request, startServer, until } from "../lib/server.mjs";
import { connect } from "../lib/vendor.mjs";

const RANK = { none: 0, viewer: 1, approver: 2, admin: 3 };
let server, operations;
const people = {};

before(async () => {
	server = await startServer({ env: { TRUEUP_APP_RATE: "0", TRUEUP_SIGNIN_RATE: "0" } });
	for (const role of ["viewer", "approver", "admin"]) people[role] = (await as(server, role)).token;
	const { body } = await request(`${server.url}/api/v1/openapi.json`, "GET");
	operations = Object.entries(body.paths).flatMap(([path, methods]) =>
		Object.entries(methods).map(([method, op]) => ({ path, method: method.toUpperCase(), role: op["x-role"], op })),
	);
});
let asked = 0;
after(() => server?.stop());

/** The status of one request; a stream is left after its headers. */
async function ask({ path, method }, headers) {
	asked++;
	const url = server.url + path.replace(/\{[^}]*\}/g, "nothing-of-this-name");
	const stop = new AbortController();
	const init = { method, headers: { ...headers }, signal: stop.signal, redirect: "manual" };
	if (method !== "GET" && method !== "DELETE") {
		init.body = "{}";
		init.headers["content-type"] = "application/json";
	}
	const answer = await fetch(url, init);
	const type = answer.headers.get("content-type");
	if (type === "text/event-stream") stop.abort();
	else await answer.arrayBuffer();
	return { status: answer.status, type, answer };
}

const name = (o) => `${o.method} ${o.path}`;

test("the description has routes of every role", () => {
	const roles = new Set(operations.map((o) => o.role));
	for (const role of Object.keys(RANK)) assert.ok(roles.has(role), role);
	assert.ok(operations.length > 20);
	for (const o of operations) assert.ok(o.role in RANK || o.role === "vendor", name(o));
});

test("nobody gets 401 wherever a role is needed", async () => {
	for (const o of operations.filter((op) => RANK[op.role] > 0)) {
		const { status, type, answer } = await ask(o, {});
		assert.equal(status, 401, name(o));
		assert.equal(type, "application/problem+json", name(o));
		assert.equal(answer.headers.get("www-authenticate"), "Bearer", name(o));
	}
});

test("a token that is not ours gets 401", async () => {
	const headers = { authorization: `Bearer tu_${"0".repeat(24)}_${"A".repeat(43)}` };
	for (const o of operations.filter((op) => RANK[op.role] > 0)) assert.equal((await ask(o, headers)).status, 401, name(o));
});

test("the vendor's routes want the vendor's token, and say no in the vendor's form", async () => {
	for (const o of operations.filter((op) => op.role === "vendor")) {
		for (const headers of [{}, { authorization: `Bearer ${people.admin}` }, { "gradient-token": "bm90OnVz" }]) {
			const { status, type } = await ask(o, headers);
			assert.equal(status, 401, name(o));
			assert.match(type, /^application\/json/, name(o));
		}
	}
});

for (const role of ["viewer", "approver"]) {
	test(`${role} gets 403 above its role`, async () => {
		const headers = { authorization: `Bearer ${people[role]}` };
		const above = operations.filter((op) => RANK[op.role] > RANK[role]);
		assert.ok(above.length > 0);
		for (const o of above) assert.equal((await ask(o, headers)).status, 403, name(o));
	});
}

/** Headers of a session as a page sends them, or without the value that guards a change. */
function headersOf(page, guard = true) {
	const cookie = [...page.cookies].map(([k, v]) => `${k}=${v}`).join("; ");
	return guard ? { cookie, "x-csrf-token": page.cookies.get("trueup_csrf") } : { cookie };
}

const guarded = () => operations.filter((op) => RANK[op.role] > 0);

test("a token that was taken back gets 401, whatever its role was", async () => {
	const { body } = await server.api("POST", "/tokens", { name: "taken back", role: "admin" });
	assert.equal((await server.api("DELETE", `/tokens/${body.id}`)).status, 204);
	for (const o of guarded()) assert.equal((await ask(o, { authorization: `Bearer ${body.token}` })).status, 401, name(o));
});

test("a session that was ended gets 401", async () => {
	const page = browser(server);
	assert.equal((await page.signIn()).status, 200);
	const headers = headersOf(page);
	assert.equal((await page.api("DELETE", "/session")).status, 204);
	for (const o of guarded()) assert.equal((await ask(o, headers)).status, 401, name(o));
});

test("the session of one who is kept out gets 401", async () => {
	const made = await server.api("POST", "/users", { email: "out@northwind.example", name: "Out", role: "admin" });
	const page = browser(server);
	const joined = await page.api("POST", "/session", { token: made.body.link.split("#")[1], password: "their own words" });
	assert.equal(joined.status, 200, joined.text);
	assert.equal((await server.api("PATCH", `/users/${made.body.user.id}`, { disabled: true })).status, 200);
	for (const o of guarded()) assert.equal((await ask(o, headersOf(page))).status, 401, name(o));
});

test("a vendor's token opens nothing of ours: 401", async () => {
	const { token } = await connect(server);
	for (const o of guarded()) assert.equal((await ask(o, { authorization: `Bearer ${token}` })).status, 401, name(o));
});

test("a token with scopes gets 403 wherever they do not reach", async () => {
	const { body } = await server.api("POST", "/tokens", { name: "tags only", role: "admin", scopes: ["tags:read"] });
	const beyond = guarded().filter((o) => !(o.method === "GET" && o.path === "/api/v1/tags"));
	assert.equal(beyond.length, guarded().length - 1);
	for (const o of beyond) assert.equal((await ask(o, { authorization: `Bearer ${body.token}` })).status, 403, name(o));
});

test("a session without the value of its page changes nothing: 403", async () => {
	const page = browser(server);
	assert.equal((await page.signIn()).status, 200);
	const changes = guarded().filter((o) => o.method !== "GET");
	for (const o of changes) assert.equal((await ask(o, headersOf(page, false))).status, 403, name(o));
	assert.equal((await page.api("GET", "/me")).status, 200);
});

test("each role gets in where it may", async () => {
	// What ends a sign-in or a token comes last, so that it does not decide about the others.
	const late = (o) => /session|token/.test(o.path) || o.method === "DELETE";
	const order = [...operations].sort((a, b) => late(a) - late(b));
	for (const role of ["viewer", "approver", "admin"]) {
		const headers = { authorization: `Bearer ${people[role]}` };
		for (const o of order.filter((op) => RANK[op.role] > 0 && RANK[op.role] <= RANK[role])) {
			// Whoever is told to come back (a job is at work, which an earlier request of this loop began) does.
			const { status } = await until(
				async () => {
					const got = await ask(o, headers);
					return got.status === 503 && got.answer.headers.get("retry-after") ? null : got;
				},
				{ ms: 60000, every: 200, what: `${name(o)} when the server is free` },
			);
			assert.ok(status !== 401 && status !== 403 && status < 500, `${role}: ${name(o)} gave ${status}`);
		}
	}
});

test("what is not there is 404 for everybody, and a wrong method 405 with Allow", async () => {
	assert.equal((await ask({ path: "/api/v1/nothing", method: "GET" }, {})).status, 404);
	const wrong = await ask({ path: "/api/v1/psa", method: "PATCH" }, {});
	assert.equal(wrong.status, 405);
	assert.equal(wrong.answer.headers.get("allow"), "GET, HEAD, PUT");
	measured("authz", asked);
});

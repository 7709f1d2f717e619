// What every answer has, how faults are said, kept answers, limits, and the server's own routes.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { as, request, startServer, until } from "../lib/server.mjs";
import { raw } from "../lib/raw.mjs";

let server;

before(async () => {
	server = await startServer();
});
after(() => server?.stop());

const get = (path, headers = {}) => request(server.url + path, "GET", { headers });
const post = (path, options) => request(server.url + path, "POST", options);
const bearer = () => ({ authorization: `Bearer ${server.token}` });

test("alive and ready", async () => {
	const alive = await get("/healthz");
	assert.equal(alive.status, 200);
	assert.deepEqual(alive.body, { status: "ok" });
	const ready = await get("/readyz");
	assert.equal(ready.status, 200);
	assert.equal(ready.body.status, "ready");
});

test("headers that every answer has", async () => {
	for (const answer of [await get("/healthz"), await get("/api/v1/nothing"), await get("/api/v1/psa")]) {
		assert.match(answer.headers.get("x-request-id"), /^[0-9a-f]{24}$/);
		assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
		assert.equal(answer.headers.get("cache-control"), "no-store");
		assert.match(answer.headers.get("content-security-policy"), /frame-ancestors 'none'/);
		assert.ok(answer.headers.get("content-type"));
	}
});

test("a problem document says what, where and which request", async () => {
	const bad = await server.api("PUT", "/psa", { kind: 3, settings: [] });
	assert.equal(bad.status, 400);
	assert.equal(bad.headers.get("content-type"), "application/problem+json");
	assert.equal(bad.body.status, 400);
	assert.equal(bad.body.title, "Bad Request");
	assert.equal(typeof bad.body.type, "string");
	assert.ok(bad.body.detail.length > 0);
	assert.equal(bad.body.request_id, bad.headers.get("x-request-id"));
	assert.deepEqual(bad.body.errors.map((e) => e.pointer).sort(), ["/kind", "/settings"]);
});

test("a body that cannot be read is told after sign-in, and changes nothing", async () => {
	for (const body of ["{", '{"kind":"x","kind":"y"}', "[]", '"text"', '{"kind":"\xff"}']) {
		const options = { raw: Buffer.from(body, "latin1"), headers: { "content-type": "application/json" } };
		const nobody = await request(`${server.url}/api/v1/psa`, "PUT", options);
		assert.equal(nobody.status, 401, body);
		assert.equal(nobody.body.errors, undefined, body);
		options.headers = { ...options.headers, ...bearer() };
		const known = await request(`${server.url}/api/v1/psa`, "PUT", options);
		assert.equal(known.status, 400, body);
		assert.equal(known.headers.get("content-type"), "application/problem+json", body);
	}
	assert.equal((await server.api("GET", "/psa")).body, null);
});

test("HEAD gives the headers of GET and no body", async () => {
	const full = await get("/api/v1/psa/kinds", bearer());
	const head = await request(`${server.url}/api/v1/psa/kinds`, "HEAD", { headers: bearer() });
	assert.equal(head.status, 200);
	assert.equal(head.text, "");
	assert.equal(head.headers.get("content-length"), full.headers.get("content-length"));
	const text = "HEAD /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /api/v1/nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
	const { text: bytes } = await raw(server.url, text);
	assert.equal(bytes.split("HTTP/1.1 ").length, 3, "nothing between the two answers");
	assert.match(bytes, /\r\n\r\nHTTP\/1.1 404/);
});

test("HEAD of the events does not hang", async () => {
	const head = await request(`${server.url}/api/v1/events`, "HEAD", { headers: bearer() });
	assert.equal(head.status, 200);
});

test("slashes too many do not matter", async () => {
	assert.equal((await get("//api///v1/psa/kinds//", bearer())).status, 200);
	assert.equal((await get("//healthz")).status, 200);
});

test("a wrong method is 405 and names the right ones", async () => {
	const answer = await server.api("DELETE", "/psa");
	assert.equal(answer.status, 405);
	assert.equal(answer.headers.get("allow"), "GET, HEAD, PUT");
	assert.equal(answer.body.status, 405);
});

test("JSON beyond its limit is 413, and so is a body beyond the server's", async () => {
	const json = JSON.stringify({ kind: "x", settings: { a: "b".repeat(9 << 20) } });
	const options = { raw: json, headers: { ...bearer(), "content-type": "application/json" } };
	const large = await request(`${server.url}/api/v1/psa`, "PUT", options);
	assert.equal(large.status, 413);
	assert.equal(large.body.status, 413);
	const huge = { ...options, raw: Buffer.alloc(40 << 20, 32) };
	assert.equal((await request(`${server.url}/api/v1/psa`, "PUT", huge)).status, 413);
	assert.equal((await get("/healthz")).status, 200);
});

test("limit= is checked", async () => {
	for (const limit of ["0", "1001", "-1", "x", "1e2", "99999999999999999999"])
		assert.equal((await server.api("GET", `/jobs?limit=${limit}`)).status, 400, limit);
	const one = await server.api("GET", "/jobs?limit=1");
	assert.equal(one.status, 200);
	assert.deepEqual(Object.keys(one.body).sort(), ["items", "next_cursor"]);
});

const tokenBody = (name) => ({ name, role: "viewer" });
const tokenCount = async (name) =>
	(await server.api("GET", "/tokens?limit=1000")).body.items.filter((t) => t.name === name).length;

test("the same POST with the same key has one effect and one answer", async () => {
	const key = { "idempotency-key": "k-1" };
	const first = await server.api("POST", "/tokens", tokenBody("once"), key);
	assert.equal(first.status, 201);
	assert.equal(first.headers.get("idempotent-replayed"), null);
	const second = await server.api("POST", "/tokens", tokenBody("once"), key);
	assert.equal(second.status, 201);
	assert.equal(second.text, first.text);
	assert.equal(second.headers.get("idempotent-replayed"), "true");
	assert.equal(await tokenCount("once"), 1);
});

test("many at once with one key have one effect", async () => {
	const key = { "idempotency-key": "k-many" };
	const answers = await Promise.all(
		Array.from({ length: 20 }, () => server.api("POST", "/tokens", tokenBody("many"), key)),
	);
	const done = answers.filter((a) => a.status === 201);
	assert.ok(done.length > 0);
	assert.equal(new Set(done.map((a) => a.text)).size, 1);
	for (const a of answers) assert.ok(a.status === 201 || a.status === 409, String(a.status));
	assert.equal(await tokenCount("many"), 1);
});

test("long work has one effect too, while it runs and after", async () => {
	const csv = { raw: "Customer,Seats\nKestrel,3\n", headers: { ...bearer(), "content-type": "text/csv" } };
	const send = (key) =>
		post("/api/v1/imports?filename=a.csv", { ...csv, headers: { ...csv.headers, "idempotency-key": key } });
	const answers = await Promise.all(Array.from({ length: 8 }, () => send("k-import")));
	for (const a of answers) assert.ok(a.status === 201 || a.status === 409, `${a.status} ${a.text}`);
	const ids = new Set(answers.filter((a) => a.status === 201).map((a) => a.body.id));
	assert.equal(ids.size, 1);
	const again = await send("k-import");
	assert.equal(again.status, 201);
	assert.equal(again.headers.get("idempotent-replayed"), "true");
	assert.ok(ids.has(again.body.id));
	const other = await send("k-import-2");
	assert.ok(!ids.has(other.body.id));
});

test("a key used for something else is 422, of somebody else it is another key", async () => {
	const key = { "idempotency-key": "k-2" };
	assert.equal((await server.api("POST", "/tokens", tokenBody("a"), key)).status, 201);
	assert.equal((await server.api("POST", "/tokens", tokenBody("b"), key)).status, 422);
	const other = await as(server, "admin");
	assert.equal((await other("POST", "/tokens", tokenBody("b"), key)).status, 201);
	assert.equal((await server.api("POST", "/tokens", tokenBody("a"), { "idempotency-key": "k".repeat(256) })).status, 400);
});

test("a refused request leaves its key free", async () => {
	const key = { "idempotency-key": "k-3" };
	assert.equal((await server.api("POST", "/tokens", { name: "x", role: "king" }, key)).status, 400);
	assert.equal((await server.api("POST", "/tokens", tokenBody("free"), key)).status, 201);
	assert.equal(await tokenCount("free"), 1);
});

test("a kept answer outlives a restart", async () => {
	const key = { "idempotency-key": "k-4" };
	const first = await server.api("POST", "/tokens", tokenBody("kept"), key);
	server = await server.restart();
	const second = await server.api("POST", "/tokens", tokenBody("kept"), key);
	assert.equal(second.text, first.text);
	assert.equal(await tokenCount("kept"), 1);
});

test("a change is in the log with its request id", async () => {
	const made = await server.api("POST", "/tokens", tokenBody("logged"));
	const { body } = await server.api("GET", "/audit?limit=5");
	const row = body.items.find((r) => r.request_id === made.headers.get("x-request-id"));
	assert.ok(row, JSON.stringify(body.items[0]));
});

test("figures for Prometheus: from here without, through a proxy with a token", async () => {
	const local = await get("/metrics");
	assert.equal(local.status, 200);
	assert.match(local.headers.get("content-type"), /^text\/plain/);
	assert.match(local.text, /^trueup_http_requests_total\{class="2xx"\} \d+$/m);
	assert.match(local.text, /^trueup_http_requests_in_flight 1$/m);
	assert.equal((await get("/metrics", { "x-forwarded-for": "192.0.2.1" })).status, 401);
	assert.equal((await get("/metrics", { "x-forwarded-for": "192.0.2.1", ...bearer() })).status, 200);
});

test("a page of another site may change nothing", async () => {
	const headers = { ...bearer(), "sec-fetch-site": "cross-site" };
	assert.equal((await post("/api/v1/tokens", { body: tokenBody("evil"), headers })).status, 403);
	assert.equal((await get("/api/v1/psa", headers)).status, 200);
	assert.equal(await tokenCount("evil"), 0);
});

test("events reach those who listen, after the change is on disk", async () => {
	const stop = new AbortController();
	const answer = await fetch(`${server.url}/api/v1/events`, { headers: bearer(), signal: stop.signal });
	assert.equal(answer.status, 200);
	assert.equal(answer.headers.get("content-type"), "text/event-stream");
	let text = "";
	const reading = (async () => {
		for await (const chunk of answer.body) text += Buffer.from(chunk).toString();
	})().catch(() => {});
	await until(() => text.includes("welcome"));
	assert.match((await get("/metrics")).text, /^trueup_event_listeners 1$/m);
	const made = await server.api("POST", "/integrations", { vendor: "custom", modules: ["billing"] });
	assert.equal((await server.api("DELETE", `/integrations/${made.body.id}`)).status, 204);
	await until(() => text.includes("event: integration\n"), { ms: 5000, what: "the event" });
	const data = /event: integration\ndata: (.*)\n\n/.exec(text)[1];
	assert.deepEqual(JSON.parse(data), { id: made.body.id, state: "disabled" });
	stop.abort();
	await reading;
});

test("the description is valid JSON with what is needed to call a route", async () => {
	const { status, body } = await get("/api/v1/openapi.json");
	assert.equal(status, 200);
	assert.match(body.openapi, /^3\.1/);
	const put = body.paths["/api/v1/psa"].put;
	assert.equal(put["x-role"], "admin");
	assert.deepEqual(put.requestBody.content["application/json"].schema.required, ["kind", "settings"]);
	assert.equal(body.paths["/api/v1/jobs/{id}"].get.parameters[0].name, "id");
	assert.deepEqual(
		body.paths["/api/v1/psa/lines"].get.parameters.map((p) => [p.in, p.name]),
		["account", "contract", "product"].map((name) => ["query", name]),
	);
	assert.ok(body.components.schemas.Problem.properties.errors);
});

test("too fast is 429 with Retry-After", async () => {
	const slow = await startServer({ env: { TRUEUP_APP_RATE: "5" } });
	try {
		const answers = await Promise.all(Array.from({ length: 80 }, () => slow.api("GET", "/psa/kinds")));
		const refused = answers.filter((a) => a.status === 429);
		const passed = answers.filter((a) => a.status === 200);
		assert.ok(passed.length >= 50 && passed.length <= 60, `${passed.length} passed`);
		assert.equal(passed.length + refused.length, 80);
		assert.equal(refused[0].headers.get("retry-after"), "1");
		assert.equal(refused[0].body.status, 429);
		assert.equal((await request(`${slow.url}/healthz`, "GET")).status, 200);
	} finally {
		await slow.stop();
	}
});

test("a read-only server changes nothing", async () => {
	const server2 = await startServer({ env: { TRUEUP_READ_ONLY: "1" } });
	try {
		assert.equal((await server2.api("GET", "/psa/kinds")).status, 200);
		assert.equal((await server2.api("POST", "/tokens", tokenBody("no"))).status, 403);
	} finally {
		await server2.stop();
	}
});

test("what was asked before the end is answered", async () => {
	const going = await startServer();
	const asked = Array.from({ length: 20 }, () => going.api("GET", "/psa/kinds").catch((e) => e));
	const stream = await fetch(`${going.url}/api/v1/events`, { headers: { authorization: `Bearer ${going.token}` } });
	const first = await Promise.race(asked);
	assert.equal(first.status, 200);
	assert.equal(await going.stop(), 0);
	assert.ok((await stream.text()).includes("welcome"), "the stream was ended, not cut");
});

// The log: every change is in it, with who, what, before and after; and its chain holds.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ADMIN, as, browser, startServer } from "../lib/server.mjs";

let server;
before(async () => {
	server = await startServer();
});
after(() => server?.stop());

test("a change is logged with its author, and a refused one is not", async () => {
	const page = browser(server);
	await page.signIn();
	const done = await page.api("PATCH", "/organization", { name: "Northwind IT Services" });
	assert.equal(done.status, 200);
	const { items } = (await server.api("GET", "/audit?event=organization.changed")).body;
	assert.equal(items.length, 1);
	assert.equal(items[0].actor, ADMIN.email);
	assert.equal(items[0].before.name, ADMIN.org);
	assert.equal(items[0].after.name, "Northwind IT Services");
	assert.equal(items[0].request_id, done.headers.get("x-request-id"));
	assert.equal((await page.api("PATCH", "/organization", { currency: "nonsense" })).status, 400);
	assert.equal((await server.api("GET", "/audit?event=organization.changed")).body.items.length, 1);
});

test("signing in and out is logged, and no secret ever", async () => {
	const page = browser(server);
	await page.signIn();
	const session = page.cookies.get("trueup_session");
	await page.api("DELETE", "/session");
	const made = (await server.api("POST", "/tokens", { name: "logged", role: "viewer" })).body;
	const log = await server.api("GET", "/audit?limit=1000");
	const events = log.body.items.map((i) => i.event);
	for (const event of ["organization.created", "session.begin", "session.end", "token.created"])
		assert.ok(events.includes(event), event);
	for (const secret of [session, made.token, ADMIN.password]) assert.ok(!log.text.includes(secret));
});

test("filters", async () => {
	const all = (await server.api("GET", "/audit?limit=1000")).body.items;
	const count = async (query) => (await server.api("GET", `/audit?limit=1000&${query}`)).body.items.length;
	assert.equal(await count("event=session."), all.filter((i) => i.event.startsWith("session.")).length);
	assert.equal(await count("event=session"), 0);
	assert.equal(await count(`actor=${encodeURIComponent(ADMIN.email)}`), all.filter((i) => i.actor === ADMIN.email).length);
	assert.equal(await count("from=2100-01-01"), 0);
	assert.equal(await count(`to=${encodeURIComponent(all.at(-1).at)}`), 0);
	assert.equal((await server.api("GET", "/audit?from=whenever")).status, 400);
	const object = all.find((i) => i.object?.startsWith("token ")).object;
	assert.ok((await count(`object=${encodeURIComponent(object)}`)) >= 1);
});

test("newest first, in pages without a gap", async () => {
	const all = (await server.api("GET", "/audit?limit=1000")).body.items.map((i) => i.seq);
	const seen = [];
	let cursor = null;
	do {
		const page = (await server.api("GET", `/audit?limit=3${cursor ? `&cursor=${cursor}` : ""}`)).body;
		seen.push(...page.items.map((i) => i.seq));
		cursor = page.next_cursor;
	} while (cursor);
	assert.deepEqual(seen, all);
	assert.deepEqual(all, [...all].sort((a, b) => b - a));
});

test("the chain is whole, over HTTP and on the command line, also from many writers at once", async () => {
	await Promise.all(
		Array.from({ length: 40 }, (_, i) => server.api("POST", "/tokens", { name: `at once ${i}`, role: "viewer" })),
	);
	const verdict = (await server.api("GET", "/audit/verify")).body;
	assert.equal(verdict.ok, true);
	const done = await server.cli(["audit", "verify", "--json"]);
	assert.equal(done.status, 0);
	assert.equal(done.json.organizations[0].audit.head, verdict.head);
	assert.equal(done.json.organizations[0].audit.rows, verdict.rows);
	const viewer = await as(server, "viewer");
	assert.equal((await viewer("GET", "/audit")).status, 200);
});

test("the log cannot be changed over HTTP", async () => {
	for (const method of ["POST", "PUT", "PATCH", "DELETE"]) assert.equal((await server.api(method, "/audit")).status, 405);
});

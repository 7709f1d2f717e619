// The store fails in the middle of an answer: at every question to it, and at every row of what it gives, on every route that
// reads, and on some that write. The answer is an error in its own form or the whole truth, and the server goes on.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { armory } from "../lib/failpoint.mjs";
import { measured } from "../lib/measured.mjs";
import { approve, count, mapService, product, startFeed, startMsp, sync } from "../lib/msp.mjs";
import { browser, request } from "../lib/server.mjs";

/* Of the rows of a long answer only the first few: what follows is the same loop. */
const ROWS = 12;
const LONGEST = 400;
const weapon = armory();
const ids = {};
let server, sim, feed;

const first = async (path) => (await server.api("GET", path)).body.items[0].id;
async function made(method, path, body) {
	const answer = await server.api(method, path, body);
	assert.ok(answer.status < 300, `${path}: ${answer.text}`);
	return answer.body;
}

before(async () => {
	({ server, sim } = await startMsp({ env: weapon.env }));
	feed = await startFeed(server, "Nimbus", [{ id: "A", name: "Northwind Dental" }], ["S"]);
	await mapService(server, feed, "S", "CORO-EDR");
	await count(server, feed, { A: { S: 5 } });
	await sync(server, feed);
	const card = (await server.api("GET", "/cards?limit=100&kind=reconcile&state=open")).body.items[0].id;
	const [write] = await approve(server, { ids: [card] });
	const account = await first("/psa/accounts");
	const edr = (await product(server, "CORO-EDR")).id;
	const headers = { authorization: `Bearer ${server.token}`, "content-type": "application/octet-stream" };
	const raw = "Account,Service,Quantity\nA,S,1\n";
	const upload = await request(`${server.url}/api/v1/imports?filename=u.csv`, "POST", { raw, headers });
	const tag = await made("POST", "/tags", { name: "t", color: "#aabbcc" });
	await made("PUT", `/subjects/account/${account}/tags`, { tags: [tag.id] });
	await made("POST", `/subjects/account/${account}/notes`, { note: "n" });
	await made("POST", "/approval-rules", { name: "two of us", direction: "down" });
	Object.assign(ids, {
		"/cards": card,
		"/imports": upload.body.id,
		"/integrations": feed.id,
		"/jobs": await first("/jobs"),
		"/overrides": (await made("POST", "/overrides", { account_id: account, product_id: edr, quantity: "3", reason: "agreed" })).id,
		"/psa/lines": await first("/psa/lines"),
		"/rules": (await made("POST", "/rules", { name: "r", minimum: "1" })).id,
		"/subjects/{kind}": account,
		"/writes": write.id,
	});
});
after(async () => {
	await server?.stop();
	await sim?.stop();
});

/** Asks with the n-th pass of a point failing, n = 1, 2, ... until it is not reached any more. Gives how often it fired. */
async function broken(point, name, ask, fine, most = LONGEST) {
	for (let n = 1; n <= most; n++) {
		weapon.arm(point, "error", n);
		let answer;
		try {
			answer = await ask();
		} catch (e) {
			await server.ended;
			assert.fail(`${name}, ${point} ${n}: ${e.message}\n${server.stderr.slice(-600)}`);
		}
		const fired = weapon.fired();
		weapon.disarm();
		const { status, text } = answer;
		assert.ok(status >= 500 ? fired : fine(status), `${name}, ${point} ${n}: ${status} ${text}`);
		if (status >= 500) assert.ok(answer.body?.detail || answer.body?.message || answer.body?.status, `${name}: ${text}`);
		if (!fired) return n - 1;
	}
	return most;
}

test("every route that reads, with a store that fails", { timeout: 240000 }, async () => {
	const { paths } = (await request(`${server.url}/api/v1/openapi.json`, "GET")).body;
	const person = browser(server);
	assert.equal((await person.signIn()).status, 200);
	let errors = 0;
	for (const [path, methods] of Object.entries(paths)) {
		if (!methods.get || /\/(events|callback|start)$/.test(path)) continue;
		const base = path.replace("/api/v1", "").split("/{id}")[0];
		const real = path.replace("{id}", ids[base]).replace("{kind}", "account").replace("{serviceId}", "nothing").replace("{messageId}", "nothing");
		assert.ok(!real.includes("undefined"), path);
		const vendor = path.startsWith("/api/vendor-api");
		const headers = vendor ? { "gradient-token": feed.token } : { authorization: `Bearer ${server.token}` };
		/* What is about oneself wants a person. */
		const own = path.startsWith("/api/v1/me/");
		const ask = () => (own ? person.api("GET", real.slice("/api/v1".length)) : request(server.url + real, "GET", { headers }));
		const usual = (await ask()).status;
		assert.ok(usual < 300 || vendor || usual === 404, `${path}: ${usual}`);
		errors += await broken("query.begun", path, ask, (s) => s === usual);
		errors += await broken("query.row", path, ask, (s) => s === usual, ROWS);
	}
	assert.ok(errors >= 200, `only ${errors} failed`);
	measured("store_errors", errors);
});

test("routes that write, with a store that fails", { timeout: 120000 }, async () => {
	const service = await feed.service("S");
	const edr = (await product(server, "CORO-EDR")).id;
	const writes = [
		["POST", "/integrations", { vendor: "custom", name: "Another" }],
		["POST", `/integrations/${feed.id}/token`, {}],
		["PUT", `/integrations/${feed.id}/services/${service.id}/mapping`, { status: "mapped", product_ids: [edr] }],
		["PATCH", `/integrations/${feed.id}`, { name: "Nimbus Vault" }],
		["POST", "/rules", { name: "s", maximum: "90" }],
		["PUT", `/rules/${ids["/rules"]}`, { name: "q", minimum: "2" }],
		["POST", "/users", { email: "bo@northwind.example", role: "viewer" }],
	];
	let errors = 0;
	for (const [method, path, body] of writes) {
		let answered = 0;
		const ask = async () => {
			const answer = await server.api(method, path, body);
			answered += answer.status < 300;
			return answer;
		};
		errors += await broken("query.begun", `${method} ${path}`, ask, (s) => s < 300 || (answered && s === 409));
		assert.ok(answered, `${method} ${path}`);
	}
	assert.ok(errors >= writes.length, `only ${errors} failed`);
	const chain = await server.cli(["audit", "verify"]);
	assert.equal(chain.status, 0, chain.stderr);
});

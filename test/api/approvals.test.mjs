// Two persons for one change, by rule; and tokens that reach only what their scopes name.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { cards, count, mapService, settled, startFeed, startMsp, sync } from "../lib/msp.mjs";
import { as, browser } from "../lib/server.mjs";

let server, sim, feed, anna, bo, token;
const NAMES = ["Customer 1", "Customer 2", "Customer 3", "Customer 4", "Customer 5", "Customer 6", "Customer 7"];

/** A person who signed in: invited, with a password of their own. */
async function person(email, role) {
	const made = await server.api("POST", "/users", { email, role });
	assert.equal(made.status, 201, made.text);
	const page = browser(server);
	const link = made.body.link.split("#").at(-1).split("=").at(-1);
	const entered = await page.api("POST", "/session", { token: link, password: "a long enough secret" });
	assert.equal(entered.status, 200, entered.text);
	return page.api;
}

before(async () => {
	const { manyLines } = await import("../lib/book.mjs");
	({ server, sim } = await startMsp({ fixture: manyLines(NAMES.length), env: { TRUEUP_SIGNIN_RATE: "0" } }));
	feed = await startFeed(server, "Nimbus", NAMES.map((n) => ({ id: n, name: n })), ["EDR"]);
	await mapService(server, feed, "EDR", "CORO-EDR");
	// Lines of 1 to 7 units at 6.00: up by 19, 18 ...; the seventh goes down.
	await count(server, feed, Object.fromEntries(NAMES.map((n, i) => [n, { EDR: i === 6 ? 2 : 20 }])));
	await sync(server, feed);
	anna = await person("ada@northwind.example", "approver");
	bo = await person("bo@northwind.example", "approver");
	token = await as(server, "approver");
});
after(async () => {
	await server?.stop();
	await sim?.stop();
});

const card = async (name) => (await cards(server, "&kind=reconcile&state=open")).find((c) => c.account.name === name);
const rule = async (body) => {
	const made = await server.api("POST", "/approval-rules", { name: "two of us", ...body });
	assert.equal(made.status, 201, made.text);
	return made.body.id;
};
const drop = async (id) => assert.equal((await server.api("DELETE", `/approval-rules/${id}`)).status, 204);
const waiting = async () => (await server.api("GET", "/approvals")).body.items.map((a) => a.card_id);

test("without a rule one person is enough", async () => {
	const { id } = await card("Customer 1");
	const done = await anna("POST", "/cards/approve", { ids: [id] });
	assert.equal(done.status, 202, done.text);
	assert.deepEqual(done.body.awaiting, []);
	const [write] = await settled(server, done.body.batch);
	assert.equal(write.state, "applied");
});

test("the first approval waits, plans nothing, and its giver cannot be the second", async () => {
	const id = await rule({ min_units: "18" });
	const { id: two } = await card("Customer 2");
	const { id: three } = await card("Customer 3");
	const preview = await anna("POST", "/cards/preview", { ids: [two, three] });
	assert.deepEqual(preview.body.items.map((i) => i.two_persons), ["two of us", null]);
	// One card needs two, the other does not: the other goes its way.
	const first = await anna("POST", "/cards/approve", { ids: [two, three] });
	assert.equal(first.status, 202, first.text);
	assert.deepEqual(first.body.awaiting, [two]);
	assert.equal((await settled(server, first.body.batch)).length, 1);
	assert.deepEqual(await waiting(), [two]);
	assert.equal((await sim.ledger()).items.filter((i) => i.before?.id === 3002).length, 0);
	assert.equal((await card("Customer 2")).state, "open");
	const again = await anna("POST", "/cards/approve", { ids: [two] });
	assert.equal(again.status, 403, again.text);
	assert.match(again.body.detail, /Another person/);
	const machine = await token("POST", "/cards/approve", { ids: [two] });
	assert.equal(machine.status, 403);
	assert.match(machine.body.detail, /needs a person/);
	// Other terms begin anew: the second to name them is the first of these.
	const other = await bo("POST", "/cards/approve", { ids: [two], quantity: "30" });
	assert.deepEqual(other.body.awaiting, [two]);
	assert.equal((await bo("POST", "/cards/approve", { ids: [two], quantity: "30" })).status, 403);
	const second = await anna("POST", "/cards/approve", { ids: [two], quantity: "30" });
	assert.deepEqual(second.body.awaiting, []);
	const [write] = await settled(server, second.body.batch);
	assert.equal(write.state, "applied");
	assert.deepEqual(await waiting(), []);
	const mine = (await sim.ledger()).items.filter((i) => i.before?.id === 3002);
	assert.deepEqual(mine.map((i) => i.after.quantity), [30]);
	const log = await server.api("GET", "/audit?limit=200");
	const events = log.body.items.map((e) => e.event);
	assert.equal(events.filter((e) => e === "approval.first").length, 2);
	assert.equal(events.filter((e) => e === "approval.second").length, 1);
	await drop(id);
});

test("by money, by customer, by direction", async () => {
	const four = await card("Customer 4");
	const seven = await card("Customer 7");
	const needs = async (c) => (await anna("POST", "/cards/preview", { ids: [c.id] })).body.items[0].two_persons !== null;
	for (const [body, up, down] of [
		[{ min_money: "96" }, true, false],
		[{ min_money: "96.01" }, false, false],
		[{ direction: "down" }, false, true],
		[{ direction: "up" }, true, false],
		[{ direction: "new" }, false, false],
		[{ account_id: four.account.id }, true, false],
		[{ account_id: four.account.id, direction: "down" }, false, false],
		[{ min_units: "5" }, true, true],
		[{ min_units: "5.000001", direction: "down" }, false, false],
		[{}, true, true],
	]) {
		const id = await rule(body);
		assert.deepEqual([await needs(four), await needs(seven)], [up, down], JSON.stringify(body));
		await drop(id);
	}
});

test("withdrawn, dismissed, or overtaken by the PSA: nothing waits any more, or it begins anew", async () => {
	const id = await rule({});
	const five = await card("Customer 5");
	const ask = { ids: [five.id] };
	assert.deepEqual((await anna("POST", "/cards/approve", ask)).body.awaiting, [five.id]);
	assert.equal((await anna("DELETE", `/approvals/${five.id}`)).status, 204);
	assert.equal((await anna("DELETE", `/approvals/${five.id}`)).status, 404);
	assert.deepEqual((await bo("POST", "/cards/approve", ask)).body.awaiting, [five.id]);
	assert.equal((await anna("POST", "/cards/dismiss", ask)).status, 202);
	assert.deepEqual(await waiting(), []);
	const six = await card("Customer 6");
	assert.deepEqual((await anna("POST", "/cards/approve", { ids: [six.id] })).body.awaiting, [six.id]);
	await count(server, feed, { "Customer 6": { EDR: 21 } });
	await sync(server, feed);
	const late = await bo("POST", "/cards/approve", { ids: [six.id] });
	assert.deepEqual(late.body.awaiting, [six.id], "the second saw another number than the first");
	// Without the rule one is enough again, and nothing is left behind.
	await drop(id);
	const done = await bo("POST", "/cards/approve", { ids: [six.id] });
	assert.deepEqual(done.body.awaiting, []);
	assert.deepEqual(await waiting(), []);
});

test("a rule is checked, and only an administrator makes one", async () => {
	for (const body of [{}, { name: "x", direction: "sideways" }, { name: "x", min_units: "-1" }, { name: "x", min_money: "much" }, { name: "x", account_id: "nobody" }])
		assert.equal((await server.api("POST", "/approval-rules", body)).status, 400, JSON.stringify(body));
	assert.equal((await anna("POST", "/approval-rules", { name: "x" })).status, 403);
	assert.equal((await server.api("DELETE", "/approval-rules/nothing")).status, 404);
});

test("a token with scopes reaches those and nothing else", async () => {
	const make = async (role, scopes, by = {}) => server.api("POST", "/tokens", { name: "scoped", role, scopes }, by);
	const use = (made) => (method, path, body) => server.api(method, path, body, { authorization: `Bearer ${made.body.token}` });
	const made = await make("admin", ["cards", "writes:read", "tokens"]);
	assert.equal(made.status, 201, made.text);
	assert.equal(made.body.scopes, "cards writes:read tokens");
	const api = use(made);
	assert.equal((await api("GET", "/cards")).status, 200);
	assert.equal((await api("POST", "/cards/preview", { ids: ["x"] })).status, 200);
	assert.equal((await api("POST", "/cards/approve", { ids: ["x"] })).status, 404);
	assert.equal((await api("GET", "/writes")).status, 200);
	const refused = await api("POST", "/writes/batches/x/rollback", {});
	assert.equal(refused.status, 403);
	assert.match(refused.body.detail, /scope "writes"/);
	for (const path of ["/users", "/psa", "/audit", "/jobs", "/integrations", "/settings"]) assert.equal((await api("GET", path)).status, 403, path);
	assert.equal((await api("PUT", "/psa", {})).status, 403);
	// It cannot make a token that reaches further than itself.
	assert.equal((await api("POST", "/tokens", { name: "n", role: "admin" })).status, 403);
	assert.equal((await api("POST", "/tokens", { name: "n", role: "admin", scopes: ["users"] })).status, 403);
	assert.equal((await api("POST", "/tokens", { name: "n", role: "admin", scopes: ["writes"] })).status, 403);
	assert.equal((await api("POST", "/tokens", { name: "n", role: "admin", scopes: ["writes:read"] })).status, 201);
	for (const scopes of [[], ["nonsense"], ["cards:write"], [""], ["card"], [1], ["cards/approve"]]) {
		const bad = await make("viewer", scopes);
		assert.equal(bad.status, 400, JSON.stringify(scopes));
		assert.equal(bad.body.errors[0].pointer, "/scopes");
	}
	assert.equal((await server.api("GET", "/tokens")).body.items.find((t) => t.id === made.body.id).scopes, "cards writes:read tokens");
});

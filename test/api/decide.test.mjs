// Decisions about cards: preview, approve, dismiss, confirm, rollback, and what the PSA holds afterwards.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { as, request } from "../lib/server.mjs";
import { approve, card, count, mapService, readPsa, settled, startFeed, startMsp, sync } from "../lib/msp.mjs";
import { list } from "../lib/vendor.mjs";

let server, sim, feed, psa;

before(async () => {
	({ server, sim } = await startMsp());
	psa = Object.fromEntries((await list(server, "/psa/accounts")).map((a) => [a.name, a.id]));
	feed = await startFeed(server, "Nimbus", Object.keys(psa).map((name) => ({ id: name, name })), ["EDR", "Email", "Storage"]);
	await mapService(server, feed, "EDR", "CORO-EDR");
	await mapService(server, feed, "Email", "CORO-EMAIL");
	await mapService(server, feed, "Storage", "BACKUP-TB");
});
after(async () => {
	await server?.stop();
	await sim?.stop();
});

const DENTAL = "Northwind Dental";
const told = async (counts) => {
	await count(server, feed, counts);
	await sync(server, feed);
};
let seen = 0;
/** What truly happened in the PSA since the last look. */
const ledger = async () => {
	const items = (await sim.ledger()).items.filter((i) => i.n > seen);
	seen = items.at(-1)?.n ?? seen;
	return items;
};
const post = (path, body) => server.api("POST", path, body);
const edit = async (body) => assert.equal((await request(`${sim.url}/_edit`, "POST", { body })).status, 200);

beforeEach(async () => {
	await ledger();
});

test("preview shows the exact calls and changes nothing; approval makes that change once", async () => {
	await told({ [DENTAL]: { EDR: 27, Email: 30 }, "Kestrel Foods": { EDR: 8 }, "Tarn & Co": { Storage: "2.75" } });
	const c = await card(server, DENTAL, "CORO-EDR");
	const { status, body } = await post("/cards/preview", { ids: [c.id] });
	assert.equal(status, 200);
	assert.equal(body.ok, true);
	const [item] = body.items;
	assert.equal(item.before.quantity, "24");
	assert.equal(item.after.quantity, "27");
	assert.equal(item.change_money, "18");
	assert.equal(item.calls.length, 1);
	assert.equal(item.calls[0].method, "PATCH");
	assert.match(item.calls[0].path, /\/finance\/agreements\/77\/additions\/4410$/);
	assert.deepEqual(await ledger(), []);
	assert.equal((await card(server, DENTAL, "CORO-EDR")).state, "open");

	const [write] = await approve(server, { ids: [c.id], note: "agreed with the customer" });
	assert.equal(write.state, "applied");
	assert.equal(write.card_id, c.id);
	assert.deepEqual([write.account.name, write.product.name], [DENTAL, "Coro EDR"]);
	const [change, ...more] = await ledger();
	assert.deepEqual(more, []);
	assert.equal(change.before.quantity, 24);
	assert.equal(change.after.quantity, 27);
	await sync(server, feed);
	const after = await card(server, DENTAL, "CORO-EDR");
	assert.equal(after.state, "approved");
	assert.equal(after.psa_units, "27");
	assert.equal(after.reconciled_units, "27");
	assert.equal(after.decisions[0].note, "agreed with the customer");
	assert.equal((await post("/cards/approve", { ids: [c.id] })).status, 409);
	assert.deepEqual(await ledger(), []);
});

test("an approved card returns with a new count, and with a PSA that shows something else", async () => {
	await told({ [DENTAL]: { EDR: 28 } });
	let c = await card(server, DENTAL, "CORO-EDR");
	assert.equal(c.state, "open");
	assert.match(c.state_why, /Approved on .* when the units to bill were 27; now they are 28/);
	assert.equal((await approve(server, { ids: [c.id] }))[0].state, "applied");
	await edit({ kind: "additions", id: 4410, set: { quantity: 20 } });
	await readPsa(server, "full");
	c = await card(server, DENTAL, "CORO-EDR");
	assert.equal(c.state, "open");
	assert.match(c.state_why, /with 28 in the PSA; the PSA now shows 20/);
	assert.equal(c.psa_units, "20");
});

test("all or none: one card that cannot be approved stops the request, with its place", async () => {
	const good = await card(server, DENTAL, "CORO-EDR");
	const equal = await card(server, DENTAL, "CORO-EMAIL");
	assert.equal(equal.kind, "no_change");
	const { status, body } = await post("/cards/approve", { ids: [good.id, equal.id] });
	assert.equal(status, 409);
	assert.equal(body.errors[0].pointer, "/ids/1");
	assert.match(body.errors[0].detail, /Confirm the card instead/);
	assert.equal((await card(server, DENTAL, "CORO-EDR")).state, "open");
	assert.deepEqual(await ledger(), []);
	for (const [ask, pointer] of [
		[{ ids: [] }, "/ids"],
		[{}, "/ids"],
		[{ ids: [good.id, equal.id], quantity: "3" }, "/quantity"],
		[{ ids: [good.id], quantity: "-1" }, "/quantity"],
		[{ ids: [good.id], quantity: "many" }, "/quantity"],
		[{ ids: [good.id], effective_date: "soon" }, "/effective_date"],
		[{ ids: [good.id], line_id: "nope" }, "/line_id"],
	]) {
		const refused = await post("/cards/approve", ask);
		assert.ok(refused.status >= 400 && refused.status < 500, JSON.stringify(ask));
		assert.equal(refused.body.errors[0].pointer, pointer, JSON.stringify(ask));
	}
	assert.equal((await post("/cards/approve", { ids: ["nope"] })).status, 404);
});

test("confirm what agrees, dismiss what is not to be changed; both return with a new value", async () => {
	const equal = await card(server, DENTAL, "CORO-EMAIL");
	assert.equal((await post("/cards/confirm", { ids: [equal.id] })).status, 202);
	const open = await card(server, "Kestrel Foods", "CORO-EDR");
	assert.equal((await post("/cards/confirm", { ids: [open.id] })).status, 409);
	assert.equal((await post("/cards/dismiss", { ids: [open.id], note: "waits for the contract" })).status, 202);
	await sync(server, feed);
	assert.equal((await card(server, DENTAL, "CORO-EMAIL")).state, "confirmed");
	assert.equal((await card(server, "Kestrel Foods", "CORO-EDR")).state, "dismissed");
	await told({ [DENTAL]: { EDR: 28, Email: 30 }, "Kestrel Foods": { EDR: 8 } });
	assert.equal((await card(server, "Kestrel Foods", "CORO-EDR")).state, "dismissed", "the same value again");
	await told({ [DENTAL]: { Email: 31 }, "Kestrel Foods": { EDR: 7 } });
	const back = await card(server, "Kestrel Foods", "CORO-EDR");
	assert.equal(back.state, "open");
	assert.match(back.state_why, /Dismissed on .* when the units to bill were 8; now they are 7/);
	assert.equal((await card(server, DENTAL, "CORO-EMAIL")).state, "open");
	assert.deepEqual(await ledger(), []);
});

test("a dismissal or a confirmation is taken back, and stays taken back", async () => {
	const open = await card(server, "Kestrel Foods", "CORO-EDR");
	const refused = await post("/cards/reopen", { ids: [open.id] });
	assert.equal(refused.status, 409);
	assert.equal((await post("/cards/dismiss", { ids: [open.id] })).status, 202);
	assert.equal((await post("/cards/reopen", { ids: [open.id], note: "a slip" })).status, 202);
	for (const when of ["at once", "after the next sync"]) {
		const now = await card(server, "Kestrel Foods", "CORO-EDR");
		assert.equal(now.state, "open", when);
		assert.equal(now.state_why, null, when);
		assert.deepEqual([now.psa_units, now.vendor_units, now.reconciled_units], [open.psa_units, open.vendor_units,
			open.reconciled_units], when);
		assert.deepEqual(now.decisions.slice(0, 2).map((d) => [d.kind, d.note]), [["reopen", "a slip"], ["dismiss", null]]);
		await sync(server, feed);
	}
	assert.equal((await post("/cards/dismiss", { ids: [open.id] })).status, 202);
	assert.equal((await card(server, "Kestrel Foods", "CORO-EDR")).state, "dismissed");
	assert.equal((await post("/cards/reopen", { ids: [open.id] })).status, 202);
	assert.deepEqual(await ledger(), []);
});

test("another quantity than the reconciled one, and decimals", async () => {
	const c = await card(server, "Tarn & Co", "BACKUP-TB");
	assert.equal(c.vendor_units, "2.75");
	assert.equal((await approve(server, { ids: [c.id], quantity: "3.5" }))[0].state, "applied");
	assert.deepEqual((await ledger()).map((i) => i.after.quantity), [3.5]);
	await sync(server, feed);
	const done = await card(server, "Tarn & Co", "BACKUP-TB");
	assert.equal(done.state, "approved");
	assert.equal(done.reconciled_units, "3.5");
	assert.equal(done.psa_units, "3.5");
	assert.equal(done.kind, "reconcile");
});

test("new revenue goes where the person says; the line then has a card of its own", async () => {
	await told({ "Kestrel Foods": { EDR: 7, Email: 12 } });
	const c = await card(server, "Kestrel Foods", "CORO-EMAIL");
	assert.equal(c.kind, "new_revenue");
	assert.equal(c.line_id, null);
	assert.equal(c.choices.length, 1);
	const refused = await post("/cards/approve", { ids: [c.id] });
	assert.equal(refused.status, 409);
	assert.equal(refused.body.errors[0].pointer, "/contract_id");
	const elsewhere = (await list(server, "/psa/contracts?q=gold"))[0].id;
	assert.equal((await post("/cards/approve", { ids: [c.id], contract_id: elsewhere })).status, 409);
	assert.equal((await approve(server, { ids: [c.id], contract_id: c.choices[0].contract.id }))[0].state, "applied");
	const [added] = await ledger();
	assert.equal(added.method, "POST");
	assert.equal(added.after.quantity, 12);
	await sync(server, feed);
	const line = await card(server, "Kestrel Foods", "CORO-EMAIL", "open");
	assert.equal(line.kind, "no_change");
	assert.equal(line.psa_units, "12");
	const kept = (await server.api("GET", `/cards/${c.id}`)).body;
	assert.equal(kept.state, "approved");
	assert.match(kept.state_why, /has a card of its own/);
});

test("from a date where the agreement prorates: the line that follows has the card, the ended one says so", async () => {
	const c = await card(server, DENTAL, "CORO-EMAIL");
	const now = new Date();
	const first = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 2, 1)).toISOString().slice(0, 10);
	assert.equal((await approve(server, { ids: [c.id], effective_date: first }))[0].state, "applied");
	const items = await ledger();
	assert.equal(items.length, 2);
	await sync(server, feed);
	const next = await card(server, DENTAL, "CORO-EMAIL", "open");
	assert.notEqual(next.line_id, c.line_id);
	assert.equal(next.kind, "no_change");
	assert.equal(next.psa_units, "31");
	const ended = (await server.api("GET", `/cards/${c.id}`)).body;
	assert.equal(ended.state, "approved");
	assert.equal(ended.effective_date, first);
	assert.match(ended.state_why, /The line's last day is/);
});

test("a value that changed since the review is a conflict: nothing is written, and the card is back with the reason", async () => {
	const c = await card(server, DENTAL, "CORO-EDR");
	assert.equal(c.psa_units, "20");
	await edit({ kind: "additions", id: 4410, set: { quantity: 21 } });
	const [write] = await approve(server, { ids: [c.id] });
	assert.equal(write.state, "conflict");
	assert.deepEqual(await ledger(), []);
	await sync(server, feed);
	const back = await card(server, DENTAL, "CORO-EDR");
	assert.equal(back.state, "open");
	assert.equal(back.state_why, write.detail);
	assert.equal(back.psa_units, "21", "the line was read anew");
});

test("rollback puts back what the batch changed, and the card is open again", async () => {
	const c = await card(server, DENTAL, "CORO-EDR");
	const batch = (await post("/cards/approve", { ids: [c.id] })).body.batch;
	assert.equal((await settled(server, batch))[0].state, "applied");
	assert.deepEqual((await ledger()).map((i) => i.after.quantity), [28]);
	const undo = await post(`/writes/batches/${batch}/rollback`, { note: "wrong month" });
	assert.equal(undo.status, 202);
	await settled(server, undo.body.batch);
	assert.deepEqual((await ledger()).map((i) => i.after.quantity), [21]);
	await sync(server, feed);
	const back = await card(server, DENTAL, "CORO-EDR");
	assert.equal(back.state, "open");
	assert.equal(back.psa_units, "21");
	assert.equal((await post(`/writes/batches/${batch}/rollback`, {})).status, 409);
});

test("two agreements with the same product: asked, not guessed", async () => {
	const keys = `Basic ${Buffer.from("alderridge+pubSmall00000001:prvSmall00000001").toString("base64")}`;
	const made = await request(`${sim.url}/v2025_1/apis/3.0/finance/agreements/79/additions`, "POST", {
		body: { product: { id: 903 }, quantity: 1, billCustomer: "Billable", effectiveDate: "2024-01-01T00:00:00Z" },
		headers: { authorization: keys, clientid: "11111111-2222-3333-4444-555555555555" },
	});
	assert.equal(made.status, 201, made.text);
	await ledger();
	await readPsa(server, "full");
	await told({ "Tarn & Co": { Storage: "6" } });
	const c = await card(server, "Tarn & Co", "BACKUP-TB", "open");
	assert.equal(c.line_id, null);
	assert.equal(c.psa_units, "4.5");
	assert.equal(c.reconciled_units, "6");
	assert.deepEqual(c.choices.map((x) => x.quantity).sort(), ["1", "3.5"]);
	const refused = await post("/cards/approve", { ids: [c.id] });
	assert.equal(refused.status, 409);
	assert.equal(refused.body.errors[0].pointer, "/line_id");
	const line_id = c.choices.find((x) => x.quantity === "1").line_id;
	assert.equal((await approve(server, { ids: [c.id], line_id }))[0].state, "applied");
	assert.deepEqual((await ledger()).map((i) => i.after.quantity), [2.5]);
	await sync(server, feed);
	const done = (await server.api("GET", `/cards/${c.id}`)).body;
	assert.equal(done.state, "approved");
	assert.equal(done.psa_units, "6");
});

test("no count: nothing is taken as zero, a quantity must be given", async () => {
	const bare = await startFeed(server, "Bare", [{ id: "k", name: "Kestrel Foods" }], ["Thing"]);
	await mapService(server, feed, "EDR", "BACKUP-TB");
	await mapService(server, bare, "Thing", "CORO-EDR");
	await sync(server, feed);
	const c = await card(server, "Kestrel Foods", "CORO-EDR");
	assert.equal(c.kind, "no_usage");
	assert.equal(c.vendor_units, null);
	assert.equal(c.value_state, "missing");
	const refused = await post("/cards/approve", { ids: [c.id] });
	assert.equal(refused.status, 400);
	assert.equal(refused.body.errors[0].pointer, "/quantity");
	assert.equal((await approve(server, { ids: [c.id], quantity: "9" }))[0].state, "applied");
	assert.deepEqual((await ledger()).map((i) => i.after.quantity), [9]);
});

test("a viewer previews and decides nothing", async () => {
	const viewer = await as(server, "viewer");
	const c = await card(server, DENTAL, "CORO-EMAIL", "open");
	assert.equal((await viewer("POST", "/cards/preview", { ids: [c.id] })).status, 200);
	for (const what of ["approve", "dismiss", "confirm", "reopen"])
		assert.equal((await viewer("POST", `/cards/${what}`, { ids: [c.id] })).status, 403);
});

test("a part of the sum that never arrived is said before anything is approved", async () => {
	const other = await startFeed(server, "Second source", [{ id: "k", name: "Kestrel Foods" }], ["EDR Plus"]);
	await mapService(server, other, "EDR Plus", "CORO-EDR");
	await mapService(server, feed, "EDR", "CORO-EDR");
	await told({ "Kestrel Foods": { EDR: 5 } });
	const c = await card(server, "Kestrel Foods", "CORO-EDR");
	const [item] = (await post("/cards/preview", { ids: [c.id] })).body.items;
	assert.ok(
		item.warnings.some((w) => /2 of the counts .* never arrived .* EDR Plus of Kestrel Foods/.test(w)),
		JSON.stringify(item.warnings),
	);
});

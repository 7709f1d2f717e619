// Taking back, with the PSA's own ledger as the witness: a dated change, an added line, and what is no longer as it was.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startWorld } from "../lib/world.mjs";

let world;
before(async () => {
	world = await startWorld({ accounts: { "Tarn & Company": "Tarn & Co" } });
});
after(() => world?.stop());

const now = new Date();
const day = (date) => date.toISOString().slice(0, 10);
const FIRST = day(new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1)));
const LAST = day(new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 0)));

const end = async () => (await world.psa.ledger()).items.at(-1)?.n ?? 0;
const since = async (n) =>
	(await world.psa.ledger()).items
		.filter((i) => i.n > n)
		.map((i) => [i.method, i.after.id, i.after.quantity, i.after.effectiveDate.slice(0, 10), i.after.cancelledDate?.slice(0, 10)]);

async function rollBack(batch) {
	const answer = await world.server.api("POST", `/writes/batches/${batch}/rollback`, { note: "taken back" });
	assert.equal(answer.status, 202, answer.text);
	return world.settled(answer.body.batch);
}

const open = async (account, code) =>
	(await world.all("/cards?state=open")).filter((c) => c.account.name === account && c.product.code === code);

async function dated() {
	const [card] = await open("Northwind Dental", "CORO-EDR");
	assert.equal(card.kind, "reconcile");
	const [write] = await world.approve({ ids: [card.id], effective_date: FIRST });
	assert.equal(write.state, "applied", write.detail);
	return write.batch;
}

test("a dated change: the old line is opened again, the new one gets no unit; and it can be made once more", async () => {
	let from = await end();
	const batch = await dated();
	const begun = (await since(from))[0][1];
	assert.deepEqual(await since(from), [
		["POST", begun, 27, FIRST, undefined],
		["PATCH", 4410, 24, "2024-01-01", LAST],
	]);

	from = await end();
	const [undo] = await rollBack(batch);
	assert.equal(undo.state, "applied", undo.detail);
	assert.deepEqual(await since(from), [
		["PATCH", 4410, 24, "2024-01-01", undefined],
		["PATCH", begun, 0, FIRST, FIRST],
	]);
	await world.sync();
	const cards = await open("Northwind Dental", "CORO-EDR");
	assert.deepEqual(cards.map((c) => [c.kind, c.psa_units, c.vendor_units]), [["reconcile", "24", "27"]]);
	const again = await world.server.api("POST", `/writes/batches/${batch}/rollback`, {});
	assert.equal(again.status, 409);

	await rollBack(await dated());
});

test("an added line: no unit and an end on its first day; its usage is new revenue again", async () => {
	const [card] = await open("Tarn & Co", "CORO-EDR");
	assert.equal(card.kind, "new_revenue");
	let from = await end();
	const [write] = await world.approve({ ids: [card.id], contract_id: card.choices[0].contract.id });
	assert.equal(write.state, "applied", write.detail);
	const [[, added, quantity, effective]] = await since(from);
	assert.equal(quantity, 4);
	from = await end();
	const [undo] = await rollBack(write.batch);
	assert.equal(undo.state, "applied", undo.detail);
	assert.deepEqual(await since(from), [["PATCH", added, 0, effective, effective]]);
	await world.sync();
	const cards = await open("Tarn & Co", "CORO-EDR");
	assert.deepEqual(cards.map((c) => [c.kind, c.psa_units, c.vendor_units]), [["new_revenue", null, "4"]]);
});

test("what was changed since is not touched: a conflict that says what is there now", async () => {
	const [card] = await open("Northwind Dental", "CORO-EDR");
	const [write] = await world.approve({ ids: [card.id] });
	assert.equal(write.state, "applied", write.detail);
	await world.edit({ kind: "additions", id: 4410, set: { quantity: 50 } });
	const from = await end();
	const [undo] = await rollBack(write.batch);
	assert.equal(undo.state, "conflict");
	assert.match(undo.detail, /50/);
	assert.deepEqual(await since(from), []);
});

test("a date within the period is refused where the agreement does not prorate, with the day that would do", async () => {
	await world.use("Kestrel Foods", "EDR", 15);
	await world.push();
	await world.sync();
	const [card] = await open("Kestrel Foods", "CORO-EDR");
	const middle = day(new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 15)));
	const body = { ids: [card.id], effective_date: middle };
	const [preview] = (await world.ok("POST", "/cards/preview", body)).items;
	assert.equal(preview.ok, false);
	assert.equal(preview.pointer, "/effective_date");
	assert.match(preview.detail, new RegExp(FIRST));
	assert.equal((await world.server.api("POST", "/cards/approve", body)).status, 409);
	const [write] = await world.approve({ ids: [card.id], effective_date: FIRST });
	assert.equal(write.state, "applied", write.detail);
});

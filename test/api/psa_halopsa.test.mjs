// HaloPSA end to end: a month computed by hand and compared with the invoices that the simulated HaloPSA makes; three books; lines that
// HaloPSA counts; rollback.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { request, until } from "../lib/server.mjs";
import { startWorld } from "../lib/world.mjs";

const system = {
	kind: "halopsa",
	sim: "halopsa",
	fixture: "sim/fixtures/halopsa.json",
	settings: (psa) => ({
		site: psa.url,
		client_id: "7f7f1c1e-halo",
		client_secret: "s3cret&Small=",
		requests_per_minute: "6000",
	}),
	codes: { EDR: "CORO-EDR", "Email Security": "CORO-EMAIL" },
};

let world;
before(async () => {
	world = await startWorld({ system, accounts: { "Tarn & Company": "Tarn & Co" } });
});
after(() => world?.stop());

const state = async () => (await request(`${world.psa.url}/_state`, "GET")).body;
const template = async (id) => (await state()).invoices.find((i) => i.id === id);
const now = new Date();
const first = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1);
const next = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1);
const DAY = 86400000;

// Lets HaloPSA make the next invoice of a template: its lines of an item code, in cents.
async function invoice(id, code) {
	await request(`${world.psa.url}/api/RecurringInvoice/process`, "POST", {
		body: [id],
		headers: { Authorization: "Bearer tok-1" },
	});
	const made = (await state()).made.filter((m) => m.recurring_invoice_id === id).at(-1);
	return Math.round(made.lines.filter((l) => l.item_code === code).reduce((sum, l) => sum + l.net_amount * 100, 0));
}

test("its own words and abilities", async () => {
	const kind = (await world.all("/psa/kinds")).find((k) => k.kind === "halopsa");
	assert.deepEqual(kind.words, { account: "Customer", contract: "Recurring invoice", line: "Line", product: "Item" });
	assert.deepEqual([kind.can.effective_date, kind.can.add_line, kind.can.decimals], [true, true, true]);
});

test("24 devices become 27 at once, every other line stays to the letter, and rollback puts it back", async () => {
	const before = await template(-77);
	const card = await world.card("Northwind Dental", "CORO-EDR");
	assert.deepEqual([card.kind, card.psa_units, card.vendor_units, card.currency], ["reconcile", "24", "27", "USD"]);
	const [write] = await world.approve({ ids: [card.id] });
	assert.equal(write.state, "applied", write.detail);

	// Three books: HaloPSA's own, ours after a reading, and the write's proof.
	const now = await template(-77);
	assert.deepEqual(
		now.lines.map((l) => (l.id === 4410 ? { ...l, qty_order: 24 } : l)),
		before.lines.map((l) => (l.id === 4410 ? { ...l, qty_order: 24 } : l)),
	);
	assert.equal(now.lines.find((l) => l.id === 4410).qty_order, 27);
	await world.sync();
	assert.equal((await world.card("Northwind Dental", "CORO-EDR")).state, "approved");
	assert.equal((await world.all("/psa/lines")).find((l) => l.remote_id === "4410").quantity, "27");
	assert.equal((await world.ok("GET", `/writes/${write.id}`)).read_back.qty_order, 27);
	assert.equal((await world.psa.ledger()).items.length, 1);

	const back = await world.ok("POST", `/writes/batches/${write.batch}/rollback`, {});
	assert.equal((await world.settled(back.batch))[0].state, "applied");
	assert.equal((await template(-77)).lines.find((l) => l.id === 4410).qty_order, 24);
	// The card comes back with the next building of cards, which the rollback asks for.
	await until(async () => (await world.card("Northwind Dental", "CORO-EDR")).state === "open", { ms: 60000, what: "the open card" });
});

test("from a day of this month: the next invoice bills the days that were left, and the new quantity", async () => {
	const day = new Date(first + 9 * DAY).toISOString().slice(0, 10);
	const card = await world.card("Northwind Dental", "CORO-EDR");
	const [write] = await world.approve({ ids: [card.id], effective_date: day });
	assert.equal(write.state, "applied", write.detail);
	const line = (await template(-77)).lines.find((l) => l.id === 4410);
	assert.deepEqual([line.qty_order, line.prorata_data.length, line.prorata_data[0].quantity], [24, 1, 3]);
	await world.sync();
	assert.equal((await world.all("/psa/lines")).find((l) => l.remote_id === "4410").quantity, "27");
	// 24 x 6.00, 3 x 6.00 for the days from the tenth on, and 3 x 6.00 for the month itself
	const part = (1800 * (next - first - 9 * DAY)) / (next - first);
	assert.equal(await invoice(-77, "CORO-EDR"), 14400 + Math.round(part) + 1800);
	// 27 x 6.00 from then on
	assert.equal(await invoice(-77, "CORO-EDR"), 16200);

	// An invoice was made, so the rollback sends nothing.
	const count = (await world.psa.ledger()).items.length;
	const back = await world.ok("POST", `/writes/batches/${write.batch}/rollback`, {});
	const [undo] = await world.settled(back.batch);
	assert.equal(undo.state, "conflict");
	assert.match(undo.detail, /An invoice was made/);
	assert.equal((await world.psa.ledger()).items.length, count);
});

test("a line that HaloPSA counts is shown with the reason, and never written", async () => {
	const lines = await world.all("/psa/lines");
	assert.deepEqual(
		lines.filter((l) => l.fixed).map((l) => `${l.remote_id}: ${l.fixed}`).sort(),
		["4412: HaloPSA counts it by licences", "4430: HaloPSA counts it by users"],
	);
	await world.use("Tarn & Company", "EDR", 9);
	await world.push();
	await world.sync();
	const card = await world.card("Tarn & Co", "CORO-EDR");
	const count = (await world.psa.ledger()).items.length;
	const answer = await world.server.api("POST", "/cards/approve", { ids: [card.id] });
	assert.equal(answer.status, 409);
	assert.match(answer.body.detail, /HaloPSA counts it by users/);
	assert.equal((await world.psa.ledger()).items.length, count);
});

test("a new item is added to the recurring invoice, in its own currency", async () => {
	const fresh = await world.card("Kestrel Foods", "CORO-EMAIL");
	assert.deepEqual([fresh.kind, fresh.vendor_units], ["new_revenue", "12"]);
	const [added] = await world.approve({ ids: [fresh.id], contract_id: fresh.choices[0].contract.id });
	assert.equal(added.state, "applied", added.detail);
	const line = (await template(-78)).lines.find((l) => l._itemid === 902);
	assert.deepEqual([line.qty_order, line.unit_price], [12, 4]);
	await world.sync();
	assert.equal((await world.card("Kestrel Foods", "CORO-EDR")).currency, "CAD");
	const back = await world.ok("POST", `/writes/batches/${added.batch}/rollback`, {});
	assert.equal((await world.settled(back.batch))[0].state, "applied");
	assert.equal((await template(-78)).lines.find((l) => l._itemid === 902).qty_order, 0);
	assert.equal((await world.psa.ledger()).items.filter((i) => i.method === "DELETE").length, 0);
});

test("money of two currencies is shown apart, and never added", async () => {
	await world.use("Kestrel Foods", "EDR", 99);
	await world.use("Northwind Dental", "EDR", 99);
	await world.push();
	await world.sync();
	const { money } = await world.ok("GET", "/cards/summary");
	const open = (await world.all("/cards")).filter((c) => c.state === "open" && c.change_money !== null);
	for (const currency of ["CAD", "USD"]) {
		const sum = open.filter((c) => c.currency === currency && Number(c.change_money) > 0).reduce((s, c) => s + Number(c.change_money), 0);
		assert.ok(sum > 0, currency);
		assert.deepEqual(money.filter((m) => m.currency === currency).map((m) => Number(m.up)), [sum]);
	}
});

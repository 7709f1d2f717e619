// The work list, with Kaseya BMS: what a person makes is never sent, is given with its steps and as CSV, and leaves the list when
// it is done, when it was not done, when it is taken back, or when the PSA shows it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { request } from "../lib/server.mjs";
import { startWorld } from "../lib/world.mjs";

const system = {
	kind: "kaseya-bms",
	sim: "kaseya",
	fixture: "sim/fixtures/psa_kaseya.json",
	settings: (psa) => ({
		site: psa.url,
		tenant: "alderridge",
		user: "trueup-api",
		password: 'pw, "quoted" & more',
		requests_per_hour: "100000",
	}),
	codes: { EDR: "Coro EDR", "Email Security": "Coro Email Security" },
};
const now = new Date();
const FIRST = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1)).toISOString().slice(0, 10);

let world;
before(async () => {
	world = await startWorld({ system, accounts: { "Tarn & Company": "Tarn & Co" } });
});
after(() => world?.stop());

const list = () => world.all("/worklist");
const edr = () => world.card("Northwind Dental", "Coro EDR");
const changes = async () => (await world.psa.ledger()).items.length;

async function approve() {
	const card = await edr();
	assert.deepEqual([card.kind, card.state, card.psa_units, card.vendor_units], ["reconcile", "open", "24", "27"]);
	const { batch } = await world.ok("POST", "/cards/approve", { ids: [card.id], note: "counted twice" });
	const [write] = await world.settled(batch);
	assert.equal(write.state, "listed", write.detail);
	return write;
}

test("the preview says that a person makes it, and how", async () => {
	const preview = await world.ok("POST", "/cards/preview", { ids: [(await edr()).id] });
	const [item] = preview.items;
	assert.equal(item.by_hand, true);
	assert.equal(item.effective_date, FIRST);
	assert.deepEqual(item.calls, [
		{
			method: "PERSON",
			path: "Finance > Contracts > Managed Workplace",
			body: null,
			purpose: `Set the units of "Coro EDR" to 27 (now 24), effective ${FIRST}.`,
		},
	]);
});

test("an approved change is on the list and not in the PSA; the file has it", async () => {
	const write = await approve();
	const [item] = await list();
	assert.equal(item.id, write.id);
	assert.deepEqual(
		[item.account, item.contract, item.product, item.from, item.to, item.effective_date, item.currency, item.note],
		["Northwind Dental", "Managed Workplace", "Coro EDR", "24", "27", FIRST, "USD", "counted twice"],
	);
	assert.match(item.steps, /^Finance > Contracts > Managed Workplace: Set the units/);
	const csv = await world.server.api("GET", "/worklist.csv?columns=Customer%3Daccount,Service%3Dproduct,Qty%3Dto");
	assert.equal(csv.headers.get("content-type"), "text/csv; charset=utf-8");
	assert.equal(csv.text.replace(/^\uFEFF/, "").trim(), "Customer,Service,Qty\r\nNorthwind Dental,Coro EDR,27");
	const all = await world.server.api("GET", "/worklist.csv");
	assert.ok(all.text.includes("approved_by") && all.text.includes(write.id));
	const wrong = await world.server.api("GET", "/worklist.csv?columns=Customer%3Dnothing");
	assert.equal(wrong.status, 400);
	assert.match(wrong.body.detail, /no "nothing".*account_code/);
	assert.equal(await changes(), 0);
	assert.equal((await edr()).state, "approved");
	const again = await world.server.api("POST", "/cards/approve", { ids: [(await edr()).id], quantity: "28" });
	assert.equal(again.status, 409);
	assert.match(again.body.detail, /work list/);
});

test("not done: off the list, and the card is open again with the words", async () => {
	const [item] = await list();
	await world.ok("POST", `/writes/${item.id}/not-done`, { note: "the contract is being rewritten" });
	assert.deepEqual(await list(), []);
	await world.sync();
	const card = await edr();
	assert.equal(card.state, "open");
	assert.match(card.state_why, /not done in the PSA: the contract is being rewritten/);
	const gone = await world.server.api("POST", `/writes/${item.id}/done`, {});
	assert.equal(gone.status, 409);
});

test("taken back before anybody made it", async () => {
	const write = await approve();
	await world.ok("POST", `/writes/batches/${write.batch}/rollback`, {});
	assert.equal((await world.ok("GET", `/writes/${write.id}`)).state, "rolled_back");
	assert.deepEqual(await list(), []);
	await world.sync();
	assert.equal((await edr()).state, "open");
});

test("done: the person's word closes it, and the log has it", async () => {
	const write = await approve();
	await world.ok("POST", `/writes/${write.id}/done`, { note: "by Anna" });
	const done = await world.ok("GET", `/writes/${write.id}`);
	assert.equal(done.state, "applied");
	assert.match(done.detail, /says that this was done in the PSA: by Anna/);
	await world.sync();
	assert.equal((await edr()).state, "approved");
	const log = await world.all("/audit?event=worklist.done");
	assert.equal(log.length, 1);
	assert.equal(await changes(), 0);
	// Taking it back is a person's work again; when that is done, the first write is rolled back.
	await world.ok("POST", `/writes/batches/${write.batch}/rollback`, {});
	const [undo] = await list();
	assert.deepEqual([undo.from, undo.to], ["27", "24"]);
	await world.ok("POST", `/writes/${undo.id}/done`, {});
	assert.equal((await world.ok("GET", `/writes/${write.id}`)).state, "rolled_back");
});

test("a reading that shows the quantity takes it off the list", async () => {
	await world.sync();
	const write = await approve();
	await world.edit({
		kind: "invoices",
		id: 9002,
		set: { lineItems: [{ id: 1, name: "Coro EDR", qty: 27, unitPrice: 6, valueDate: "@month", contractId: 50213 }] },
	});
	await world.sync();
	assert.deepEqual(await list(), []);
	const shown = await world.ok("GET", `/writes/${write.id}`);
	assert.deepEqual([shown.state, shown.detail], ["applied", "The PSA shows it now."]);
	assert.equal((await edr()).state, "approved");
});

test("a new line is added by the API, and stays although nothing shows its units; a line of unknown units is not doubled", async () => {
	const card = await world.card("Kestrel Foods", "Coro Email Security");
	assert.equal(card.kind, "new_revenue");
	const [write] = await world.approve({ ids: [card.id], contract_id: card.choices[0].contract.id });
	assert.equal(write.state, "applied", write.detail);
	const { lines } = (await request(`${world.psa.url}/_state`, "GET")).body;
	const line = lines.find((l) => l.contractId === 50214 && l.serviceId === 772);
	assert.deepEqual([line.units, line.effectiveDate.slice(0, 10)], [12, FIRST]);
	await world.sync();
	assert.equal((await world.card("Kestrel Foods", "Coro Email Security")).state, "approved");
	const kept = (await world.all("/psa/lines")).find((l) => l.remote_id === String(line.id));
	assert.equal(kept.quantity, "12");

	const edrs = await world.card("Kestrel Foods", "Coro EDR");
	assert.equal(edrs.kind, "new_revenue");
	const before = await changes();
	const [twice] = await world.approve({ ids: [edrs.id], contract_id: edrs.choices[0].contract.id });
	assert.equal(twice.state, "conflict");
	assert.match(twice.detail, /has a service line of this product now \(88104\)/);
	assert.equal(await changes(), before);
	const skipped = await world.all("/psa/skipped");
	assert.ok(skipped.some((s) => s.remote_id === "88104" && /units are not known/.test(s.reason)));
});

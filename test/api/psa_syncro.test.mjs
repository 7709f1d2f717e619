// Syncro end to end: a month computed by hand, before and after; lines that Syncro counts; rollback.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { request } from "../lib/server.mjs";
import { startWorld } from "../lib/world.mjs";

const system = {
	kind: "syncro",
	sim: "syncro",
	fixture: "sim/fixtures/psa_syncro.json",
	settings: (psa) => ({ site: psa.url, api_token: "tok-small-1", requests_per_minute: "6000" }),
	codes: { EDR: "CORO-EDR", "Email Security": "CORO-EMAIL" },
};

let world;
before(async () => {
	world = await startWorld({ system });
});
after(() => world?.stop());

// What Syncro would bill of a recurring invoice in its next run, in cents, one-time charges apart.
async function bill(schedule) {
	const { lines } = (await request(`${world.psa.url}/_state`, "GET")).body;
	let cents = 0;
	for (const line of lines.filter((l) => l.schedule_id === schedule && !l.one_time_charge))
		cents += Math.round(Number(line.quantity) * line.retail_cents);
	return cents;
}

test("its own words and abilities", async () => {
	const kind = (await world.all("/psa/kinds")).find((k) => k.kind === "syncro");
	assert.deepEqual(kind.words, {
		account: "Customer",
		contract: "Recurring invoice",
		line: "Line item",
		product: "Product",
	});
	assert.deepEqual([kind.can.effective_date, kind.can.add_line, kind.can.by_hand], [false, true, false]);
});

test("a month: 24 devices become 27, 12 mailboxes are new", async () => {
	// 24 x 6.00 + 30 x 4.00 = 264.00; 9.99 x 50.00 + 5 x 6.00 = 529.50
	assert.equal(await bill(503771), 26400);
	assert.equal(await bill(503772), 52950);

	const edr = await world.card("Northwind Dental", "CORO-EDR");
	assert.deepEqual([edr.kind, edr.psa_units, edr.vendor_units], ["reconcile", "24", "27"]);
	const dated = await world.server.api("POST", "/cards/approve", { ids: [edr.id], effective_date: "2031-01-01" });
	assert.equal(dated.status, 409);
	assert.match(dated.body.detail, /no effective date/);
	const [write] = await world.approve({ ids: [edr.id] });
	assert.equal(write.state, "applied", write.detail);
	// 27 x 6.00 + 30 x 4.00
	assert.equal(await bill(503771), 28200);

	const email = await world.card("Kestrel Foods", "CORO-EMAIL");
	assert.equal(email.kind, "new_revenue");
	const [added] = await world.approve({ ids: [email.id], contract_id: email.choices[0].contract.id });
	assert.equal(added.state, "applied", added.detail);
	// 9.99 x 50.00 + 5 x 6.00 + 12 x 4.00
	assert.equal(await bill(503772), 57750);

	await world.sync();
	assert.equal((await world.card("Northwind Dental", "CORO-EDR")).state, "approved");
	// The card that was approved stands beside the one of the line that it made.
	const begun = (await world.all("/cards")).find((c) => c.product.code === "CORO-EMAIL" && c.kind === "no_change" && c.psa_units === "12");
	assert.deepEqual([begun.account.name, begun.vendor_units], ["Kestrel Foods", "12"]);

	const back = await world.ok("POST", `/writes/batches/${added.batch}/rollback`, {});
	assert.equal((await world.settled(back.batch))[0].state, "applied");
	assert.equal(await bill(503772), 52950);
	assert.equal((await world.psa.ledger()).items.filter((i) => i.method === "DELETE").length, 0);
});

test("a line that Syncro counts is shown as fixed, and never written", async () => {
	const lines = await world.all("/psa/lines");
	const fixed = lines.filter((l) => l.fixed).map((l) => l.remote_id);
	assert.deepEqual(fixed.sort(), ["1823312", "1823321"]);
	const card = await world.card("Kestrel Foods", "CORO-EDR");
	assert.deepEqual([card.kind, card.psa_units, card.vendor_units], ["reconcile", "5", "10"]);
	const before = (await world.psa.ledger()).items.length;
	const answer = await world.server.api("POST", "/cards/approve", { ids: [card.id] });
	assert.equal(answer.status, 409);
	assert.match(answer.body.detail, /Syncro counts it itself/);
	assert.equal((await world.psa.ledger()).items.length, before);
});

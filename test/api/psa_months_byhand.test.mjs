// A month by hand with the PSAs whose quantities a person changes: what each would bill before and after, worked out here from what it holds.
// The approved change is on the work list and is never sent; a person makes it, the next invoice shows it, and the list is empty.
import assert from "node:assert/strict";
import { test } from "node:test";
import { request } from "../lib/server.mjs";
import { startWorld } from "../lib/world.mjs";

const kaseya = (kind) => ({
	kind,
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
});
const itflow = {
	kind: "itflow",
	sim: "itflow",
	fixture: "sim/fixtures/psa_itflow.json",
	settings: (psa) => ({ site: psa.url, api_key: "key & more" }),
	codes: { EDR: "CORO-EDR", "Email Security": "CORO-EMAIL" },
};

// What the lines of Northwind's newest invoice come to, in cents.
const kaseyaBill = ({ invoices }) =>
	invoices
		.find((i) => i.id === 9002)
		.lineItems.filter((l) => l.contractId === 50213 && l.qty > 0)
		.reduce((sum, l) => sum + Math.round(l.qty * l.unitPrice * 100), 0);
const itflowBill = ({ invoice_items: items }) =>
	items
		.filter((i) => i.item_invoice_id === 302)
		.reduce((sum, i) => sum + Math.round(Number(i.item_quantity) * Number(i.item_price) * 100), 0);

const rows = [
	{
		name: "Kaseya BMS",
		system: kaseya("kaseya-bms"),
		currency: "USD",
		bill: kaseyaBill,
		// 24 x 6.00 + 30 x 4.00, and 27 x 6.00 + 30 x 4.00
		before: 26400,
		after: 28200,
		steps: /^Finance > Contracts > Managed Workplace: Set the units of "Coro EDR" to 27 \(now 24\), effective /,
		made: {
			kind: "invoices",
			id: 9002,
			set: {
				lineItems: [
					{ id: 1, name: "Coro EDR", qty: 27, unitPrice: 6, valueDate: "@month", contractId: 50213 },
					{ id: 2, name: "Coro Email Security", qty: 30, unitPrice: 4, valueDate: "@month", contractId: 50213 },
				],
			},
		},
	},
	{
		name: "ITFlow",
		system: itflow,
		currency: "EUR",
		bill: itflowBill,
		// 24 x 6.00 + 30 x 4.00 + 1.5 x 80.00, and 27 x 6.00 + 30 x 4.00 + 1.5 x 80.00
		before: 38400,
		after: 40200,
		steps: /^Billing > Recurring Invoices > Managed: Set the quantity of "coro edr" to 27 \(now 24\)/i,
		made: { kind: "invoice_items", id: 902, set: { item_quantity: "27.00" } },
	},
];
rows.splice(1, 0, { ...rows[0], name: "Pulseway PSA", system: kaseya("pulseway") });

for (const row of rows)
	test(`${row.name}: ${row.before / 100} become ${row.after / 100} by a person's hand, and nothing is sent`, async () => {
		const world = await startWorld({ system: row.system });
		try {
			const bill = async () => row.bill((await request(`${world.psa.url}/_state`, "GET")).body);
			const find = async () =>
				(await world.all("/cards")).find((c) => c.account.name === "Northwind Dental" && c.product.name === "Coro EDR");
			assert.equal(await bill(), row.before);
			const card = await find();
			assert.deepEqual(
				[card.kind, card.psa_units, card.vendor_units, card.change_money, card.currency],
				["reconcile", "24", "27", String((row.after - row.before) / 100), row.currency],
			);
			const [write] = await world.approve({ ids: [card.id] });
			assert.equal(write.state, "listed", write.detail);
			const [item] = await world.all("/worklist");
			assert.match(item.steps, row.steps);
			assert.deepEqual([item.from, item.to, item.currency], ["24", "27", row.currency]);
			assert.equal((await world.psa.ledger()).items.length, 0);
			assert.equal(await bill(), row.before);

			await world.edit(row.made);
			await world.sync();
			assert.equal(await bill(), row.after);
			assert.deepEqual(await world.all("/worklist"), []);
			const shown = await world.ok("GET", `/writes/${write.id}`);
			assert.deepEqual([shown.state, shown.detail], ["applied", "The PSA shows it now."]);
			assert.equal((await find()).state, "approved");
			assert.equal((await world.psa.ledger()).items.length, 0);
		} finally {
			await world.stop();
		}
	});

test("changing units of Kaseya BMS is off unless the path of a call is set, and the setting says so", async () => {
	const world = await startWorld({ system: kaseya("kaseya-bms") });
	try {
		for (const kind of (await world.all("/psa/kinds")).filter((k) => ["kaseya-bms", "pulseway"].includes(k.kind))) {
			const setting = kind.settings.find((s) => s.name === "units_path");
			assert.match(setting.label, /unpublished/);
			assert.match(setting.help, /cannot change the units/);
			assert.equal(setting.required ?? false, false);
			assert.ok(!setting.fallback);
			assert.ok(kind.can.by_hand && kind.can.add_line);
		}
		const path = "/v1/finance/contracts/{contract}/services/{line}";
		await world.edit({ settings: { assumed_units: true } });
		const settings = { ...kaseya("kaseya-bms").settings(world.psa), units_path: path };
		await world.ok("PUT", "/psa", { kind: "kaseya-bms", settings });
		await world.sync();
		const card = await world.card("Northwind Dental", "Coro EDR");
		const [write] = await world.approve({ ids: [card.id] });
		assert.equal(write.state, "applied", write.detail);
		const { lines } = (await request(`${world.psa.url}/_state`, "GET")).body;
		assert.equal(lines.find((l) => l.id === 88101).units, 27);
		// The invoices still show 24; the reading asks the path.
		await world.sync();
		assert.equal((await world.card("Northwind Dental", "Coro EDR")).state, "approved");
	} finally {
		await world.stop();
	}
});

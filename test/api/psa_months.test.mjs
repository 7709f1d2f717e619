// A month by hand with SuperOps and with Alga, end to end: what each would bill before and after, worked out here from what it holds.
import assert from "node:assert/strict";
import { test } from "node:test";
import { request } from "../lib/server.mjs";
import { startWorld } from "../lib/world.mjs";

const today = new Date().toISOString().slice(0, 10);
const now = new Date();
const FIRST = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1)).toISOString().slice(0, 10);
const state = async (world) => (await request(`${world.psa.url}/_state`, "GET")).body;

test("SuperOps: 24 x 6.00 today, 27 x 6.00 from the first of next month, and 4 x 6.00 of a new contract", async () => {
	const world = await startWorld({
		accounts: { "Tarn & Company": "Tarn & Co" },
		system: {
			kind: "superops",
			sim: "superops",
			fixture: "sim/fixtures/psa_superops.json",
			settings: (psa) => ({
				site: `${psa.url}/msp`,
				subdomain: "alderridge",
				api_token: "tok-so",
				requests_per_minute: "100000",
			}),
			codes: { EDR: "Coro EDR" },
		},
	});
	try {
		const products = await world.all("/psa/products");
		const edr = products.find((p) => p.name === "Coro EDR");
		const bill = async (client, day) => {
			let cents = 0;
			for (const k of (await state(world)).contracts.filter((c) => c.client.accountId === client && c.contractStatus === "ACTIVE")) {
				const b = k.contract.billableContract;
				if (b.chargeItem.itemId !== "7700450011" || b.frequencyType === "ONCE" || k.contract.contractType !== "SERVICE") continue;
				if (k.endDate && k.endDate < day) continue;
				let units = 0;
				for (const c of b.changes.toSorted((x, y) => (x.effectiveDate < y.effectiveDate ? -1 : 1))) {
					if (c.effectiveDate > day) continue;
					const q = Number(c.quantity);
					units = { BASELINE: q, INCREASE: units + q, DECREASE: units - q }[c.quantityChangeOperation];
				}
				cents += Math.round(units * Number(b.sellingPrice.details[0].value) * 100);
			}
			return cents;
		};
		const find = async (name) => (await world.all("/cards")).find((c) => c.account.name === name && c.product.id === edr.id);
		assert.equal(await bill("7711000120034", today), 14400);
		const card = await find("Northwind Dental");
		assert.deepEqual([card.psa_units, card.vendor_units, card.change_money], ["24", "27", "18"]);
		const [write] = await world.approve({ ids: [card.id], effective_date: FIRST });
		assert.equal(write.state, "applied", write.detail);
		assert.equal(await bill("7711000120034", today), 14400);
		assert.equal(await bill("7711000120034", FIRST), 16200);

		const fresh = await find("Tarn & Co");
		assert.equal(fresh.kind, "new_revenue");
		const whole = await world.ok("GET", `/cards/${fresh.id}`);
		const [added] = await world.approve({ ids: [fresh.id], contract_id: whole.choices[0].contract.id });
		assert.equal(added.state, "applied", added.detail);
		assert.equal(await bill("7711000120036", today), 2400);

		await world.sync();
		const after = (await world.all("/cards")).filter((c) => c.account.name === "Northwind Dental" && c.product.id === edr.id);
		assert.ok(after.length > 0 && after.every((c) => c.state !== "open" || c.kind === "no_change"), JSON.stringify(after));
		const back = await world.ok("POST", `/writes/batches/${write.batch}/rollback`, {});
		assert.equal((await world.settled(back.batch))[0].state, "applied");
		assert.equal(await bill("7711000120034", FIRST), 14400);
	} finally {
		await world.stop();
	}
});

test("Alga: 24 x 6.00 become 27 x 6.00; a new service is a person's work", async () => {
	const world = await startWorld({
		system: {
			kind: "alga",
			sim: "alga",
			fixture: "sim/fixtures/psa_alga.json",
			settings: (psa) => ({ site: psa.url, api_key: "recon-key-1", requests_per_minute: "100000" }),
			codes: { EDR: "CORO-EDR", "Email Security": "CORO-EMAIL" },
		},
	});
	try {
		const bill = async (line) => {
			let cents = 0;
			for (const row of (await state(world)).rows.filter((r) => r.contract_line_id === line)) {
				const rate = row.configuration.custom_rate ?? (row.service.item_kind === "product" ? row.service.default_rate : row.type_config.base_rate);
				cents += row.configuration.quantity * Number(rate);
			}
			return cents;
		};
		// 24 x 6.00 + 30 x 3.75 + 2 x 80.00
		assert.equal(await bill("3b0c"), 41650);
		const lines = await world.all("/psa/lines");
		const line = lines.find((l) => l.remote_id === "3b0c/c41d");
		const card = await world.card("Northwind Dental", "CORO-EDR");
		// Two lines of one product: which one is meant is the person's to say.
		const [write] = await world.approve({ ids: [card.id], line_id: line.id, quantity: "27" });
		assert.equal(write.state, "applied", write.detail);
		// 27 x 6.00 + 30 x 3.75 + 2 x 80.00
		assert.equal(await bill("3b0c"), 43450);
		const back = await world.ok("POST", `/writes/batches/${write.batch}/rollback`, {});
		assert.equal((await world.settled(back.batch))[0].state, "applied");
		assert.equal(await bill("3b0c"), 41650);

		const fresh = await world.card("Kestrel Foods", "CORO-EMAIL");
		assert.equal(fresh.kind, "new_revenue");
		const [listed] = await world.approve({ ids: [fresh.id], contract_id: fresh.choices[0].contract.id });
		assert.equal(listed.state, "listed");
		const [item] = await world.all("/worklist");
		assert.match(item.steps, /^Billing > Contracts > Managed "EU": Add "Coro Email Security" with quantity 12/);
	} finally {
		await world.stop();
	}
});

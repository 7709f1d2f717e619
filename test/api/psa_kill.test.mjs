// Killed in the middle of a write that cannot be repeated: Autotask's difference, HaloPSA's pro-rata row. The server dies when the PSA has
// done it and the answer is still on its way, or before it did anything; it is there once, or known not to be.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { request, until } from "../lib/server.mjs";
import { startWorld } from "../lib/world.mjs";

const today = new Date().toISOString().slice(0, 10);
const AUTOTASK = {
	kind: "autotask",
	sim: "autotask",
	fixture: "sim/fixtures/autotask.json",
	path: "/ContractServiceAdjustments",
	settings: (psa) => ({
		site: psa.url,
		user_name: "api@alderridge.example",
		secret: "s3cret#Small",
		integration_code: "ABCDEFGHIJKLMNOPQRSTUVWXYZ1",
	}),
	codes: { EDR: "CORO-EDR" },
	ask: {},
	// Units that the line comes to, as Autotask has them.
	units: (state) => {
		const line = state.contractServices.find((l) => l.id === 4410);
		return line._changes.reduce((sum, c) => sum + c.delta, 0);
	},
};
const HALOPSA = {
	kind: "halopsa",
	sim: "halopsa",
	fixture: "sim/fixtures/halopsa.json",
	path: "/api/RecurringInvoice",
	settings: (psa) => ({
		site: psa.url,
		client_id: "7f7f1c1e-halo",
		client_secret: "s3cret&Small=",
		requests_per_minute: "6000",
	}),
	codes: { EDR: "CORO-EDR" },
	ask: { effective_date: today },
	units: (state) => {
		const line = state.invoices.find((i) => i.id === -77).lines.find((l) => l.id === 4410);
		return line.prorata_data.reduce((sum, r) => sum + r.quantity, line.qty_order);
	},
};

// Each waits for the dead server's turn to end, so they wait together.
describe("killed half-way", { concurrency: 4 }, () => {
	for (const system of [AUTOTASK, HALOPSA]) {
		test(`${system.kind}: killed while the answer was on its way`, async () => {
			const world = await startWorld({ system });
			try {
				const state = async () => (await request(`${world.psa.url}/_state`, "GET")).body;
				const card = await world.card("Northwind Dental", "CORO-EDR");
				await world.psa.faults([{ do: "slow", delay_ms: 20000, match: { method: "POST", path: system.path } }]);
				const { batch } = await world.ok("POST", "/cards/approve", { ids: [card.id], ...system.ask });
				await until(async () => (await world.psa.ledger()).items.length === 1, { what: "the change in the PSA" });
				await world.restart();
				const [write] = await world.settled(batch);
				assert.equal(write.state, "applied", write.detail);
				assert.equal(system.units(await state()), 27);
				assert.equal((await world.psa.ledger()).items.length, 1);
				await world.sync();
				assert.equal((await world.card("Northwind Dental", "CORO-EDR")).psa_units, "27");
			} finally {
				await world.stop();
			}
		});

		test(`${system.kind}: killed before the PSA did anything`, async () => {
			const world = await startWorld({ system });
			try {
				const state = async () => (await request(`${world.psa.url}/_state`, "GET")).body;
				const card = await world.card("Northwind Dental", "CORO-EDR");
				await world.psa.faults([{ do: "timeout_before", match: { method: "POST", path: system.path } }]);
				const { batch } = await world.ok("POST", "/cards/approve", { ids: [card.id], ...system.ask });
				await until(async () => (await (await request(`${world.psa.url}/_faults`, "GET")).body)[0].left === 0, {
					what: "the call that is lost",
				});
				await world.restart();
				// For a minute the call may still arrive; then it counts as not made, and is made.
				const [write] = await world.settled(batch, 180000);
				assert.equal(write.state, "applied", write.detail);
				assert.equal(system.units(await state()), 27);
				assert.equal((await world.psa.ledger()).items.length, 1);
			} finally {
				await world.stop();
			}
		});
	}
});

// The server dies again and again while changes from a date go out. Each is a pair: an old line ends, a new one begins.
// Afterwards every pair was made once, none is half done, and none was begun twice: the PSA's own ledger says so.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { request } from "../lib/server.mjs";
import { startWorld } from "../lib/world.mjs";

const LINES = 12;
const KILLS = 8;

let world;
before(async () => {
	world = await startWorld({ fixture: fixture(), env: { TRUEUP_JOB_LEASE: "3" } });
	// Slow enough that a kill meets every point of a write sooner or later.
	await world.edit({ settings: { latency_ms: 25 } });
});
after(() => world?.stop());

/** A dozen customers with one line of EDR each: 10 in the PSA, 11 at the vendor. */
function fixture() {
	const ids = Array.from({ length: LINES }, (_, i) => 300 + i);
	const month = { id: 2, identifier: "M", name: "Monthly", billingOptions: "Monthly" };
	return {
		connectwise: {
			settings: { company: "kill", codebase: "v2025_1/", public_key: "a", private_key: "b" },
			companyStatuses: [{ id: 1, name: "Active" }],
			companyTypes: [{ id: 1, name: "Client" }],
			billingCycles: [month],
			agreementTypes: [{ id: 5, name: "Managed Services" }],
			boards: [{ id: 1, name: "Service", defaultStatusId: 1 }],
			boardStatuses: [{ id: 1, name: "New", board: { id: 1 } }],
			catalog: [{ id: 901, identifier: "CORO-EDR", description: "Coro EDR", productClass: "Agreement", price: 6.0, cost: 3.5 }],
			companies: ids.map((id) => ({ id, identifier: `C${id}`, name: `Customer ${id}`, types: [{ id: 1 }] })),
			agreements: ids.map((id) => ({
				id: id + 1000, name: "Managed Services", type: { id: 5 }, company: { id }, billingCycle: { id: 2 },
				startDate: "2024-01-01T00:00:00Z", prorateFlag: true, nextInvoiceDate: "@month+1",
			})),
			additions: ids.map((id) => ({
				id: id + 5000, agreementId: id + 1000, product: { id: 901 }, quantity: 10.0, effectiveDate: "2024-01-01T00:00:00Z",
			})),
		},
		coro: {
			settings: { workspace: "kill_AAAA_a", name: "Kill" },
			services: [{ name: "EDR", description: "devices", category: "security", subcategory: "other" }],
			workspaces: ids.map((id) => ({ id: `c${id}_AAAA_a`, name: `Customer ${id}`, counts: { EDR: 11 } })),
		},
	};
}

async function approveAndKill(body) {
	const { batch } = await world.ok("POST", "/cards/approve", body);
	for (let i = 0; i < KILLS; i++) {
		await new Promise((r) => setTimeout(r, 40 + ((i * 67) % 260)));
		await world.restart();
	}
	return world.settled(batch, 300000);
}

test("changes from a date: each old line ended once, each new one begun once", async () => {
	const now = new Date();
	const first = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1)).toISOString().slice(0, 10);
	const cards = (await world.all("/cards")).filter((c) => c.kind === "reconcile" && c.state === "open");
	assert.equal(cards.length, LINES);
	const writes = await approveAndKill({ ids: cards.map((c) => c.id), effective_date: first });
	assert.deepEqual(writes.map((w) => [w.state, w.detail]), cards.map(() => ["applied", null]));
	const changes = (await world.psa.ledger()).items;
	const begun = changes.filter((c) => c.method === "POST");
	const ended = changes.filter((c) => c.method === "PATCH");
	assert.equal(begun.length, LINES);
	assert.equal(ended.length, LINES);
	assert.equal(new Set(begun.map((c) => c.after.agreementId)).size, LINES);
	assert.ok(begun.every((c) => c.after.quantity === 11 && c.after.effectiveDate.startsWith(first)));
	const { additions } = (await request(`${world.psa.url}/_state`, "GET")).body;
	assert.equal(additions.length, 2 * LINES);
	assert.deepEqual((await world.ok("GET", "/audit/verify")).ok, true);
});

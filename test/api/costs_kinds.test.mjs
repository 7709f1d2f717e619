// Costs in the other PSAs that take them by API: what is sent to each, in its own ledger; its refusals; undo. And one that takes none.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { request } from "../lib/server.mjs";
import { startWorld } from "../lib/world.mjs";

const KINDS = {
	autotask: {
		system: {
			kind: "autotask",
			sim: "autotask",
			fixture: "sim/fixtures/autotask.json",
			settings: (psa) => ({
				site: psa.url,
				user_name: "api@alderridge.example",
				secret: "s3cret#Small",
				integration_code: "ABCDEFGHIJKLMNOPQRSTUVWXYZ1",
			}),
			codes: { EDR: "CORO-EDR" },
		},
		writes: [
			["PATCH", "Services", { id: 901, unitCost: 3.6 }],
			["PATCH", "Contracts/77/Services", { id: 4410, unitCost: 3.6 }],
			["PATCH", "Contracts/79/Services", { id: 4430, unitCost: 3.6 }],
		],
		left: ["Kestrel Foods", /in CAD/],
		cost: (row) => row.unitCost,
		ledger: [[901, 3.5, 3.6], [4410, 3.5, 3.6], [4430, 10.5, 3.6]],
		item: { method: "PATCH", path: "/Services" },
		move: { kind: "services", id: 901, set: { unitCost: 9 } },
		deny: "Services.update",
		refused: [["0", /cannot be confirmed/]],
		words: /adequate permissions/,
	},
	syncro: {
		system: {
			kind: "syncro",
			sim: "syncro",
			fixture: "sim/fixtures/psa_syncro.json",
			settings: (psa) => ({ site: psa.url, api_token: "tok-small-1", requests_per_minute: "6000" }),
			codes: { EDR: "CORO-EDR" },
		},
		writes: [
			["PUT", "/products/22739503", { price_cost: 3.6 }],
			["PUT", "/schedules/503771/line_items/1823311", { cost_cents: 360 }],
		],
		left: ["Kestrel Foods", /counts it itself/],
		cost: (row) => (row.schedule_id ? row.cost_cents / 100 : Number(row.price_cost)),
		ledger: [[22739503, 3.5, 3.6], [1823311, 3.5, 3.6]],
		item: { method: "PUT", path: "/products/22739503" },
		move: { kind: "products", id: 22739503, set: { price_cost: 9 } },
		deny: "products.edit",
		refused: [["3.605", /steps of 0\.01/]],
		words: /Products - Edit/,
	},
	halopsa: {
		system: {
			kind: "halopsa",
			sim: "halopsa",
			fixture: "sim/fixtures/halopsa.json",
			settings: (psa) => ({ site: psa.url, client_id: "7f7f1c1e-halo", client_secret: "s3cret&Small=", requests_per_minute: "6000" }),
			codes: { EDR: "CORO-EDR" },
		},
		catalogue: true,
		writes: [["POST", "Item", [{ id: 901, recurringcost: 3.6 }]]],
		cost: (row) => row.recurringcost,
		ledger: [[901, 3.5, 3.6]],
		item: { method: "POST", path: "/api/Item" },
		move: { kind: "items", id: 901, set: { recurringcost: 9 } },
		deny: "Item.edit",
		refused: [],
		words: /role/,
	},
};

for (const [kind, k] of Object.entries(KINDS)) {
	describe(kind, () => {
		let world;
		before(async () => {
			world = await startWorld({ system: k.system });
		});
		after(() => world?.stop());

		const item = async () => (await world.all("/costs")).find((c) => c.code === "CORO-EDR");
		const end = async () => (await world.psa.ledger()).items.at(-1)?.n ?? 0;
		const since = async (n) =>
			(await world.psa.ledger()).items.filter((i) => i.n > n).map((i) => [i.after.id, k.cost(i.before), k.cost(i.after)]);
		const approve = async (cost, lines = "none") =>
			world.settled((await world.ok("POST", "/costs/approve", { items: [{ id: (await item()).id, cost }], lines })).batch);

		test("the preview names the calls; approved, each is made once; undone, each is back", async () => {
			const can = (await world.all("/psa/kinds")).find((x) => x.kind === kind).can;
			assert.deepEqual([can.costs, can.line_costs], [true, !k.catalogue]);
			const { id } = await item();
			const [plan] = (await world.ok("POST", "/costs/preview", { items: [{ id, cost: "3.6" }] })).items;
			assert.deepEqual(plan.writes.map((w) => [w.calls[0].method, w.calls[0].path, w.calls[0].body]), k.writes, plan.detail);
			if (k.catalogue) assert.match(plan.warnings[0], /Only the catalogue is written/);
			else {
				assert.equal(plan.left[0].account, k.left[0]);
				assert.match(plan.left[0].why, k.left[1]);
			}
			let from = await end();
			const writes = await approve("3.6", "all");
			for (const w of writes) assert.equal(w.state, "applied", w.detail);
			assert.deepEqual(await since(from), k.ledger);
			from = await end();
			const { batch } = await world.ok("POST", `/writes/batches/${writes[0].batch}/rollback`, {});
			for (const w of await world.settled(batch)) assert.equal(w.state, "applied", w.detail);
			assert.deepEqual(await since(from), k.ledger.map(([n, was, now]) => [n, now, was]).reverse());
			await world.sync();
			assert.equal((await item()).catalogue_cost, "3.5");
			for (const [cost, words] of k.refused) {
				const refused = await world.server.api("POST", "/costs/approve", { items: [{ id, cost }] });
				assert.equal(refused.status, 400, refused.text);
				assert.match(refused.body.detail, words);
			}
		});

		for (const [name, fault] of [
			["a time-out after it was applied", { do: "timeout_after_apply", delay_ms: 300 }],
			["a 503 although it was applied", { do: "status_after_apply", status: 503 }],
			["a cut connection after it was applied", { do: "reset_after_apply" }],
		])
			test(`${name}: applied, and exactly once`, async () => {
				const was = Number((await item()).catalogue_cost);
				const from = await end();
				await world.psa.faults([{ match: k.item, ...fault }]);
				const [write] = await approve(String(was + 1));
				await request(`${world.psa.url}/_faults`, "DELETE");
				assert.equal(write.state, "applied", write.detail);
				assert.deepEqual((await since(from)).map(([, a, b]) => [a, b]), [[was, was + 1]]);
			});

		test("said yes and did nothing, a right that is missing, a value that moved: nothing changed, with the words", async () => {
			const from = await end();
			await world.psa.faults([{ match: k.item, do: "ignore_patch", times: 20 }]);
			let [write] = await approve("7");
			await request(`${world.psa.url}/_faults`, "DELETE");
			assert.equal(write.state, "refused");
			assert.match(write.detail, /it is still/);
			await world.edit({ settings: { deny: [k.deny] } });
			[write] = await approve("7");
			assert.equal(write.state, "refused");
			assert.match(write.detail, k.words);
			const test = await world.ok("POST", "/psa/test", {});
			const checks = test.checks.filter((c) => /costs cannot be written/.test(c.detail ?? ""));
			assert.deepEqual(checks.map((c) => c.ok), [true], "told, and no failure");
			await world.edit({ settings: { deny: [] } });
			await world.edit(k.move);
			[write] = await approve("7");
			assert.equal(write.state, "conflict");
			assert.match(write.detail, /is 9 now/);
			assert.deepEqual(await since(from), []);
			assert.equal((await item()).catalogue_cost, "9");
		});

		if (kind === "syncro")
			test("Syncro changed more than was asked for: refused, with what it is now", async () => {
				await world.edit({ settings: { twist: { taxable: true } } });
				const writes = await approve("8", "all");
				assert.deepEqual(writes.map((w) => w.state), ["applied", "refused"]);
				assert.match(writes[1].detail, /changed more of this line.*taxable true/);
			});
	});
}

test("a PSA that takes no costs by its API: compared, exported, and not approved", async () => {
	const world = await startWorld({
		system: {
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
			codes: { EDR: "Coro EDR" },
		},
	});
	try {
		const [first] = await world.all("/costs?q=edr");
		await world.ok("PUT", `/costs/${first.id}`, { vendor_cost: "9" });
		const refused = await world.server.api("POST", "/costs/approve", { items: [{ id: first.id }] });
		assert.equal(refused.status, 409);
		assert.match(refused.body.detail, /takes no costs by its API/);
		assert.match((await world.server.api("GET", "/costs.csv")).text, /,9,/);
	} finally {
		await world.stop();
	}
});

// Autotask end to end: a month computed by hand from its rows of units, in both ways such rows may read; three books; rollback.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { request } from "../lib/server.mjs";
import { startWorld } from "../lib/world.mjs";

const system = {
	kind: "autotask",
	sim: "autotask",
	fixture: "sim/fixtures/autotask.json",
	settings: (psa) => ({
		site: psa.url,
		user_name: "api@alderridge.example",
		secret: "s3cret#Small",
		integration_code: "ABCDEFGHIJKLMNOPQRSTUVWXYZ1",
	}),
	codes: { EDR: "CORO-EDR", "Email Security": "Coro Email Security" },
};
const EMAIL = "Coro Email Security";

const month = (ahead, day = 1) => {
	const now = new Date();
	return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead, day)).toISOString().slice(0, 10);
};
const length = (ahead) => (Date.parse(month(ahead + 1)) - Date.parse(month(ahead))) / 86400000;

for (const reading of ["difference", "split"]) {
	describe(`rows that read as ${reading}`, () => {
		let world;
		before(async () => {
			world = await startWorld({ system, accounts: { "Tarn & Company": "Tarn & Co" } });
			await world.edit({ settings: { units: reading } });
		});
		after(() => world?.stop());

		const state = async () => (await request(`${world.psa.url}/_state`, "GET")).body;
		// What Autotask bills of a contract for a month, in cents: the prices of the rows that begin in it.
		const bill = async (contract, ahead) => {
			const { contractServiceUnits: a, contractServiceBundleUnits: b } = await state();
			const rows = [...a, ...b].filter(
				(u) => u.contractID === contract && u.startDate >= month(ahead) && u.startDate < month(ahead + 1),
			);
			return Math.round(rows.reduce((sum, u) => sum + u.price * 100, 0));
		};
		const find = async (account, name) =>
			(await world.all("/cards")).find((c) => c.account.name === account && c.product.name === name);

		test("its own words and abilities", async () => {
			const kind = (await world.all("/psa/kinds")).find((k) => k.kind === "autotask");
			assert.deepEqual(kind.words, {
				account: "Company",
				contract: "Contract",
				line: "Contract service",
				product: "Service",
			});
			assert.deepEqual([kind.can.effective_date, kind.can.add_line, kind.can.decimals], [true, true, false]);
		});

		test("24 devices become 27 from the first of next month, and not before", async () => {
			// 24 x 6.00 + 30 x 3.80 + 2 x 4.00
			assert.equal(await bill(77, 0), 26600);
			const card = await find("Northwind Dental", "Coro EDR");
			assert.deepEqual([card.kind, card.psa_units, card.vendor_units, card.currency], ["reconcile", "24", "27", "USD"]);
			const [preview] = (await world.ok("POST", "/cards/preview", { ids: [card.id] })).items;
			assert.equal(preview.effective_date, month(1));
			assert.equal(preview.calls[0].path, "/V1.0/ContractServiceAdjustments");
			assert.deepEqual([preview.calls[0].body.unitChange, preview.calls[0].body.contractServiceID], [3, 4410]);
			const [write] = await world.approve({ ids: [card.id] });
			assert.equal(write.state, "applied", write.detail);
			assert.equal(await bill(77, 0), 26600);
			// 27 x 6.00 + 30 x 3.80 + 2 x 4.00
			assert.equal(await bill(77, 1), 28400);

			// Three books: Autotask's own, ours after a reading, and the write's proof.
			await world.sync();
			assert.equal((await find("Northwind Dental", "Coro EDR")).state, "approved");
			const line = (await world.all("/psa/lines")).find((l) => l.remote_id === "4410");
			assert.equal(line.quantity, "27");
			const proof = await world.ok("GET", `/writes/${write.id}`);
			assert.match(JSON.stringify(proof.read_back), /27/);
			assert.equal((await world.psa.ledger()).items.length, 1);

			const back = await world.ok("POST", `/writes/batches/${write.batch}/rollback`, {});
			const [undone] = await world.settled(back.batch);
			assert.equal(undone.state, "applied", undone.detail);
			assert.equal(await bill(77, 1), 26600);
			assert.equal(await bill(77, 2), 26600);
		});

		test("from within a month Autotask bills the part of it, and the preview says so", async () => {
			const card = await find("Kestrel Foods", "Coro EDR");
			assert.deepEqual([card.psa_units, card.currency], ["10", "CAD"]);
			const ask = { ids: [card.id], quantity: "13", effective_date: month(1, 16) };
			const [preview] = (await world.ok("POST", "/cards/preview", ask)).items;
			assert.ok(preview.warnings.some((w) => w.includes("part of the period")), JSON.stringify(preview));
			const [write] = await world.approve(ask);
			assert.equal(write.state, "applied", write.detail);
			// 10 x 6.00 + 7 x 95.00 now; then 3 x 6.00 for the days from the 16th on; then all of it.
			assert.equal(await bill(78, 0), 72500);
			assert.equal(await bill(78, 1), 72500 + Math.round((1800 * (length(1) - 15)) / length(1)));
			assert.equal(await bill(78, 2), 74300);
		});

		test("a new service counts from the first of next month; two lines of one service want a choice", async () => {
			const fresh = await find("Kestrel Foods", EMAIL);
			assert.equal(fresh.kind, "new_revenue");
			const whole = await world.ok("GET", `/cards/${fresh.id}`);
			const before = await bill(78, 2);
			const [added] = await world.approve({ ids: [fresh.id], contract_id: whole.choices[0].contract.id });
			assert.equal(added.state, "applied", added.detail);
			assert.equal(await bill(78, 0), 72500);
			// 12 x 4.00 more
			assert.equal(await bill(78, 2), before + 4800);

			const card = await find("Northwind Dental", EMAIL);
			assert.deepEqual([card.psa_units, card.vendor_units], ["32", "30"]);
			const without = await world.server.api("POST", "/cards/approve", { ids: [card.id] });
			assert.equal(without.status, 409);
			const line = (await world.all("/psa/lines")).find((l) => l.remote_id === "4411");
			const [write] = await world.approve({ ids: [card.id], line_id: line.id });
			assert.equal(write.state, "applied", write.detail);
			// 24 x 6.00 + 28 x 3.80 + 2 x 4.00
			assert.equal(await bill(77, 1), 25840);
		});

		test("a part of a unit is rounded, and the person is told both numbers before", async () => {
			await world.use("Kestrel Foods", "EDR", 15.6);
			await world.push();
			await world.sync();
			const card = await find("Kestrel Foods", "Coro EDR");
			assert.equal(card.vendor_units, "15.6");
			const [preview] = (await world.ok("POST", "/cards/preview", { ids: [card.id] })).items;
			assert.ok(preview.warnings.some((w) => w.includes("15.6 is rounded to 16")), JSON.stringify(preview));
			const answer = await world.server.api("POST", "/cards/approve", { ids: [card.id], quantity: "15.6" });
			assert.equal(answer.status, 409);
			assert.match(answer.body.detail, /whole units/);
		});

		test("money of two currencies is never added", async () => {
			const { money } = await world.ok("GET", "/cards/summary");
			const currencies = money.map((m) => m.currency).filter(Boolean);
			assert.deepEqual([...new Set(currencies)].sort(), ["CAD", "USD"]);
			const cycles = (await world.all("/psa/contracts")).map((c) => [c.remote_id, c.cycle]);
			assert.deepEqual(cycles.sort(), [["77", "Monthly"], ["78", "Monthly"], ["79", "Quarterly"]]);
		});
	});
}

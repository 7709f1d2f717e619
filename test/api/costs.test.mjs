// Costs: the vendor's out of a file or by hand, compared with the PSA's catalogue, written once or not at all, taken back.
// The PSA's own ledger is the witness.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { armory, pointsOf } from "../lib/failpoint.mjs";
import { jobDone, request } from "../lib/server.mjs";
import { startWorld } from "../lib/world.mjs";

const ITEM = { method: "PATCH", path: "/procurement/catalog/901" };
const READ = { method: "GET", path: "/procurement/catalog/901" };
const LINE = { method: "PATCH", path: "/additions/4420" };

const weapon = armory();
let world;
before(async () => {
	world = await startWorld({ env: { TRUEUP_JOB_LEASE: "3", ...weapon.env } });
});
after(() => world?.stop());

const cost = async (code = "CORO-EDR") => (await world.all("/costs")).find((c) => c.code === code);
const ledgerEnd = async () => (await world.psa.ledger()).items.at(-1)?.n ?? 0;
/** [[id in the PSA, cost before, cost after]] since then. */
const since = async (n) =>
	(await world.psa.ledger()).items
		.filter((i) => i.n > n)
		.map((i) => [i.after.id, i.before.cost ?? i.before.unitCost, i.after.cost ?? i.after.unitCost]);
const give = async (value, code) => world.ok("PUT", `/costs/${(await cost(code)).id}`, { vendor_cost: value });
const approve = async (body) => world.settled((await world.ok("POST", "/costs/approve", body)).batch);
const ask = async (more = {}) => ({ items: [{ id: (await cost()).id }], ...more });

async function bring(text) {
	const url = `${world.server.url}/api/v1/imports?filename=costs-${Math.random()}.csv`;
	const headers = { authorization: `Bearer ${world.server.token}`, "content-type": "application/octet-stream" };
	const { body } = await request(url, "POST", { raw: Buffer.from(text), headers });
	await world.ok("PUT", `/imports/${body.id}`, {
		integration: world.integration.id,
		header_row: 1,
		columns: { account: "Account", service: "Service", quantity: "Quantity", unit_cost: "Unit cost", currency: "Currency" },
	});
	await jobDone(world.server, (await world.ok("POST", `/imports/${body.id}/run`)).job);
}
const HEAD = "Account,Service,Quantity,Unit cost,Currency\n";

/** The file's own service stands for the product. */
async function mapFile() {
	const services = await world.all(`/integrations/${world.integration.id}/services`);
	const service = services.find((s) => s.name === "EDR by file");
	const product = (await world.all("/psa/products")).find((p) => p.code === "CORO-EDR");
	await world.ok("PUT", `/integrations/${world.integration.id}/services/${service.id}/mapping`, {
		status: "mapped",
		product_ids: [product.id],
		mode: "copy",
	});
}

test("the catalogue with what it costs; what no vendor said is missing, and never zero", async () => {
	const all = await world.all("/costs");
	assert.deepEqual(
		all.map((c) => [c.code, c.contracts, c.lines, c.catalogue_cost, c.vendor_cost, c.vendor_cost_state, c.change, c.state]),
		[
			["BACKUP-TB", 1, 1, "30", null, "missing", null, "missing"],
			["CORO-EDR", 2, 2, "3.5", null, "missing", null, "missing"],
			["CORO-EMAIL", 1, 1, "2.25", null, "missing", null, "missing"],
		],
	);
	assert.deepEqual((await world.all("/costs?q=edr")).map((c) => c.code), ["CORO-EDR"]);
	assert.deepEqual(await world.all("/costs?show=differs"), []);
	const page = await world.ok("GET", "/costs?limit=2");
	const rest = await world.ok("GET", `/costs?limit=2&cursor=${encodeURIComponent(page.next_cursor)}`);
	assert.deepEqual([...page.items, ...rest.items].map((c) => c.id), all.map((c) => c.id));
	assert.equal((await world.server.api("GET", "/costs?show=none")).status, 400);
	assert.match((await world.server.api("GET", "/costs.csv")).text, /CORO-EDR.*3\.5/);
	const refused = await world.server.api("POST", "/costs/approve", await ask());
	assert.equal(refused.status, 409);
	assert.match(refused.body.detail, /No vendor said/);
});

test("a file's unit cost is the vendor's; differing ones, and those in another currency, are told and not used", async () => {
	await bring(`${HEAD}Northwind Dental,EDR by file,27,3.6,USD\nKestrel Foods,EDR by file,10,3.60,usd\n`);
	await mapFile();
	let c = await cost();
	assert.deepEqual([c.vendor_cost, c.vendor_cost_state, c.vendor_cost_from.kind, c.change, c.state], ["3.6", "known", "import", "0.1", "differs"]);
	assert.deepEqual([c.currency, c.lines_differ], ["USD", 2]);
	await bring(`${HEAD}Northwind Dental,EDR by file,27,3.6,USD\nKestrel Foods,EDR by file,10,3.8,USD\n`);
	c = await cost();
	assert.deepEqual([c.vendor_cost, c.vendor_cost_state, c.state], [null, "several", "missing"]);
	assert.match(c.vendor_cost_why, /from 3\.6 to 3\.8/);
	for (const currency of ["EUR", "dollars"]) {
		await bring(`${HEAD}Northwind Dental,EDR by file,27,3.6,${currency}\nKestrel Foods,EDR by file,10,3.6,${currency}\n`);
		c = await cost();
		assert.deepEqual([c.vendor_cost, c.vendor_cost_state, c.change], [null, "other_currency", null], currency);
	}
	const refused = await world.server.api("POST", "/costs/approve", await ask());
	assert.equal(refused.status, 409);
	assert.match(refused.body.detail, /another currency/);
	await bring(`${HEAD}Northwind Dental,EDR by file,27,3.6,USD\n`);
	const rule = await world.ok("POST", "/rules", { name: "GB to TB", product_id: c.id, multiply: "1", divide: "1024" });
	assert.equal((await cost()).vendor_cost_state, "other_unit");
	await world.ok("DELETE", `/rules/${rule.id}`);
	assert.equal((await cost()).vendor_cost, "3.6");
});

test("a person's word goes before the file's, until it is taken back", async () => {
	const given = await give("3.75");
	assert.deepEqual([given.vendor_cost, given.vendor_cost_from.kind, given.change], ["3.75", "hand", "0.25"]);
	assert.equal((await world.server.api("PUT", `/costs/${given.id}`, { vendor_cost: "-1" })).status, 400);
	assert.equal((await world.server.api("PUT", "/costs/nobody", { vendor_cost: "1" })).status, 404);
	assert.equal((await give(null)).vendor_cost, "3.6");
	assert.equal((await give("0")).change, "-3.5", "zero is a cost");
	await give(null);
});

test("the preview shows every write and sends nothing", async () => {
	const from = await ledgerEnd();
	const p = await world.ok("POST", "/costs/preview", await ask());
	assert.deepEqual([p.ok, p.refused, p.writes], [true, 0, 3]);
	assert.deepEqual(
		p.items[0].writes.map((w) => [w.what, w.account, w.before, w.after, w.calls[0].method, w.calls[0].path, w.calls[0].body[0]]),
		[
			["product", null, "3.5", "3.6", "PATCH", "/procurement/catalog/901", { op: "replace", path: "cost", value: 3.6 }],
			["line", "Kestrel Foods", "3.5", "3.6", "PATCH", "/finance/agreements/78/additions/4420", { op: "replace", path: "unitCost", value: 3.6 }],
			["line", "Northwind Dental", "3.5", "3.6", "PATCH", "/finance/agreements/77/additions/4410", { op: "replace", path: "unitCost", value: 3.6 }],
		],
	);
	assert.deepEqual(await since(from), []);
	assert.equal((await cost()).catalogue_cost, "3.5");
	assert.equal((await world.ok("POST", "/costs/preview", await ask({ lines: "none" }))).writes, 1);
});

test("approved: catalogue and lines, each once; taken back: what was there before", async () => {
	let from = await ledgerEnd();
	const { id } = await cost();
	const stale = await world.server.api("POST", "/costs/approve", { items: [{ id, seen: "3.4" }] });
	assert.equal(stale.status, 409);
	assert.match(stale.body.detail, /3\.5 now; you saw 3\.4/);
	const writes = await approve({ items: [{ id, seen: "3.5" }], note: "price list of November" });
	assert.deepEqual(writes.map((w) => [w.kind, w.state, w.expect, w.want, w.currency, w.card_id]), [
		["set_cost", "applied", "3.5", "3.6", "USD", null],
		["set_line_cost", "applied", "3.5", "3.6", "USD", null],
		["set_line_cost", "applied", "3.5", "3.6", "USD", null],
	]);
	assert.deepEqual(writes.map((w) => w.account?.name ?? null), [null, "Kestrel Foods", "Northwind Dental"]);
	assert.deepEqual(await since(from), [[901, 3.5, 3.6], [4420, 3.5, 3.6], [4410, 3.5, 3.6]]);
	let c = await cost();
	assert.deepEqual([c.catalogue_cost, c.change, c.lines_differ, c.state, c.last.not_written], ["3.6", "0", 0, "same", 0]);
	const nothing = await world.server.api("POST", "/costs/approve", await ask());
	assert.equal(nothing.status, 409);
	assert.match(nothing.body.detail, /already/);

	from = await ledgerEnd();
	const undo = await world.ok("POST", `/writes/batches/${writes[0].batch}/rollback`, { note: "too early" });
	for (const w of await world.settled(undo.batch)) assert.equal(w.state, "applied", w.detail);
	assert.deepEqual(await since(from), [[4410, 3.6, 3.5], [4420, 3.6, 3.5], [901, 3.6, 3.5]]);
	for (const w of await world.all(`/writes?batch=${writes[0].batch}`)) assert.equal(w.state, "rolled_back");
	c = await cost();
	assert.deepEqual([c.catalogue_cost, c.state], ["3.5", "differs"]);
	assert.equal((await world.server.cli(["audit", "verify"])).status, 0);
	const events = (await world.all("/audit?q=cost")).map((x) => x.event);
	assert.ok(events.includes("costs.approve"), `${events}`);
});

test("the value moved since: a conflict with the words, nothing sent, and the list shows what is there", async () => {
	const from = await ledgerEnd();
	await world.edit({ kind: "catalog", id: 901, set: { cost: 3.9 } });
	const [write] = await approve(await ask({ lines: "none" }));
	assert.equal(write.state, "conflict");
	assert.match(write.detail, /is 3\.9 now; it was 3\.5/);
	assert.deepEqual(await since(from), []);
	const c = await cost();
	assert.deepEqual([c.catalogue_cost, c.change, c.last.not_written], ["3.9", "-0.3", 1]);
	const undone = await approve({ items: [{ id: c.id, cost: "3.5" }], lines: "none" });
	assert.equal(undone[0].state, "applied");
	await world.edit({ kind: "additions", id: 4420, set: { unitCost: 1 } });
	await world.edit({ kind: "agreements", id: 77, set: { currency: { id: 9, name: "Euro", currencyCode: "EUR" } } });
	await world.sync();
	const plan = (await world.ok("POST", "/costs/preview", await ask({ lines: "same" }))).items[0];
	assert.deepEqual(plan.writes.map((w) => w.what), ["product"]);
	assert.deepEqual(plan.left.map((l) => [l.account, l.cost]), [["Kestrel Foods", "1"], ["Northwind Dental", "3.5"]]);
	assert.match(plan.left[0].why, /cost of its own/);
	assert.match(plan.left[1].why, /in EUR/);
	assert.match((await world.ok("POST", "/costs/preview", await ask())).items[0].warnings[0], /1 of the lines/);
	await world.edit({ kind: "agreements", id: 77, set: { currency: { id: 1, name: "US Dollars", currencyCode: "USD" } } });
	await world.edit({ kind: "additions", id: 4420, set: { unitCost: 3.5 } });
	await world.sync();
});

/** Another cost each time, so that every case has something to write. */
let cents = 400;
async function change({ faults = [], lines = "none" } = {}) {
	const c = await cost();
	const want = `${Math.floor(++cents / 100)}.${String(cents % 100).padStart(2, "0")}`;
	const from = await ledgerEnd();
	if (faults.length) await world.psa.faults(faults);
	const writes = await approve({ items: [{ id: c.id, cost: want }], lines });
	await request(`${world.psa.url}/_faults`, "DELETE");
	return { was: Number(c.catalogue_cost), want: Number(want), writes, changes: await since(from) };
}

for (const [name, faults] of [
	["a time-out after it was applied", [{ match: ITEM, do: "timeout_after_apply", delay_ms: 300 }]],
	["a cut connection after it was applied", [{ match: ITEM, do: "reset_after_apply" }]],
	["a 503 although it was applied", [{ match: ITEM, do: "status_after_apply", status: 503 }]],
	["truncated JSON after it was applied", [{ match: ITEM, do: "truncate" }]],
	["applied, and the reading back is cut", [{ match: ITEM, do: "timeout_after_apply", delay_ms: 100 }, { match: READ, do: "reset", skip: 1, times: 2 }]],
])
	test(`${name}: applied, and exactly once`, async () => {
		const { was, want, writes, changes } = await change({ faults });
		assert.equal(writes[0].state, "applied", writes[0].detail);
		assert.deepEqual(changes, [[901, was, want]]);
		assert.equal(Number((await cost()).catalogue_cost), want);
	});

for (const [name, fault, words] of [
	["the role may not edit the catalogue (403)", { do: "status", status: 403 }, /Product Catalog: Edit/],
	["a PATCH that answers 200 and does nothing", { do: "ignore_patch" }, /it is still/],
])
	test(`${name}: refused with the words, nothing changed`, async () => {
		const { writes, changes } = await change({ faults: [{ match: ITEM, ...fault, times: 20 }] });
		assert.equal(writes[0].state, "refused");
		assert.match(writes[0].detail, words);
		assert.deepEqual(changes, []);
		assert.equal((await cost()).last.not_written, 1);
	});

test("a line that fails leaves the others as they are: each write has its own end", async () => {
	const { want, writes, changes } = await change({ lines: "all", faults: [{ match: LINE, do: "status", status: 400, times: 20 }] });
	assert.deepEqual(writes.map((w) => w.state), ["applied", "refused", "applied"]);
	assert.deepEqual(changes.map(([id, , now]) => [id, now]), [[901, want], [4410, want]]);
	await change({ lines: "all" });
});

test("killed, or failing, at every fail point of a cost's way: written exactly once", async () => {
	const kinds = ["kill", "error", "stall"];
	const shift = process.env.TRUEUP_TEST_DB ? 1 : 0;
	for (const [i, point] of pointsOf("cost.").entries()) {
		const c = await cost();
		const want = `${5 + i}.5`;
		const from = await ledgerEnd();
		weapon.arm(point, kinds[(i + shift) % kinds.length]);
		const headers = { "idempotency-key": `cost-${point}` };
		const body = { items: [{ id: c.id, cost: want }], lines: "none" };
		let batch = null;
		for (let tries = 0; tries < 10 && !batch; tries++) {
			const answer = await world.server.api("POST", "/costs/approve", body, headers).catch(() => null);
			if (answer?.status === 202) ({ batch } = answer.body);
			else if (!answer) await world.restart();
			else assert.ok(answer.status >= 500, answer.text);
		}
		const settle = async () => (await world.settled(batch)).map((w) => w.state);
		const states = await settle().catch(async () => {
			await world.restart();
			return settle();
		});
		assert.deepEqual(states, ["applied"], point);
		assert.deepEqual(await since(from), [[901, Number(c.catalogue_cost), Number(want)]], point);
		assert.equal(weapon.fired(), point);
		weapon.disarm();
		// What could not be kept of the book is read again.
		await world.job("/psa/sync", { mode: "full" });
	}
	assert.equal((await world.server.cli(["audit", "verify"])).status, 0);
});

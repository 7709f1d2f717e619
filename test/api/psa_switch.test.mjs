// From ConnectWise to HaloPSA with 200 customers: nothing a person said is lost. Equal names are moved by themselves, likely ones after
// review, the rest waits; and nothing of the old PSA can reach the new one.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { jobDone, request, startSim } from "../lib/server.mjs";
import { startWorld } from "../lib/world.mjs";

const N = 200;
const small = JSON.parse(readFileSync(new URL("../../sim/fixtures/small.json", import.meta.url)));
const name = (i) => `Customer ${String(i).padStart(3, "0")} ${["Dental", "Foods", "Legal", "Metal"][i % 4]}`;
const units = (i) => 5 + (i % 40);

function connectwiseFixture() {
	const fixture = structuredClone(small);
	const cw = fixture.connectwise;
	const numbers = [...Array(N).keys()];
	cw.companies = numbers.map((i) => ({ id: 1000 + i, identifier: `C${i}`, name: name(i), types: [{ id: 1 }] }));
	cw.agreements = numbers.map((i) => ({
		id: 2000 + i,
		name: "Managed Services",
		type: { id: 5 },
		company: { id: 1000 + i },
		billingCycle: { id: 2 },
		startDate: "2024-01-01T00:00:00Z",
		prorateFlag: true,
		nextInvoiceDate: "@month+1",
	}));
	cw.additions = numbers.map((i) => ({
		id: 3000 + i,
		agreementId: 2000 + i,
		product: { id: 901 },
		quantity: units(i),
		effectiveDate: "2024-01-01T00:00:00Z",
	}));
	fixture.coro.workspaces = numbers.map((i) => ({ id: `ws${i}`, name: name(i), counts: { EDR: units(i) + (i % 10 === 0 ? 1 : 0) } }));
	return fixture;
}

// As people move them: most names stay, 5 change their spelling, 5 are another, 1 is not there at all.
const newName = (i) => (i < 5 ? name(i).toUpperCase().replace(" ", "  ") : i < 10 ? `${name(i)} Ltd.` : i < 15 ? `Renamed ${i * 7919}` : name(i));

function haloFixture() {
	const numbers = [...Array(N).keys()].filter((i) => i !== 15);
	return {
		halopsa: {
			settings: { client_id: "halo-id", client_secret: "halo-secret", tenant: "alderridge", token: "tok-1", answer: "object" },
			clients: numbers.map((i) => ({ id: 5000 + i, name: newName(i), inactive: false, toplevel_name: "Customers" })),
			items: [
				{ id: 71, name: "EDR by Coro", internalreference: "coro-edr", isrecurringitem: true, recurringprice: 6, recurringcost: 3.5 },
				{ id: 72, name: "Coro Email Security", isrecurringitem: true, recurringprice: 4, recurringcost: 2 },
			],
			invoices: numbers.map((i) => ({
				id: -6000 - i,
				use: "recurringinvoice",
				client_id: 5000 + i,
				name: "Managed Services",
				is_recurring_invoice: true,
				periodname: "Monthly",
				period: 3,
				nextcreationdate: "@month+1",
				startdate: "2024-01-01T00:00:00",
				enddate: null,
				disabled: false,
				currency_code_name: "USD",
				change_seq: 1,
				lines: [
					{
						id: 7000 + i,
						ihid: -6000 - i,
						_itemid: 71,
						item_code: "coro-edr",
						item_shortdescription: "EDR by Coro",
						qty_order: units(i),
						unit_price: 6,
						recurring_invoice_quantity_type: 0,
						isinactive: false,
						prorata_data: [],
					},
				],
			})),
		},
	};
}

let world, halo, batch;
before(async () => {
	world = await startWorld({ fixture: connectwiseFixture() });
	halo = await startSim("halopsa", haloFixture());
});
after(() => Promise.all([world?.stop(), halo?.stop()]));

const every = async (path) => {
	const items = [];
	for (let cursor = ""; cursor !== null; ) {
		const page = await world.ok("GET", `${path}${path.includes("?") ? "&" : "?"}limit=200${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
		items.push(...page.items);
		cursor = page.next_cursor;
	}
	return items;
};
const settings = () => ({
	site: halo.url,
	client_id: "halo-id",
	client_secret: "halo-secret",
	requests_per_minute: "6000",
});
const connect = () => world.server.api("PUT", "/psa", { kind: "halopsa", settings: settings() });

test("with ConnectWise: 200 customers, a rule, an override, a tag", async () => {
	const cards = await every("/cards");
	assert.equal(cards.filter((c) => c.kind === "reconcile").length, N / 10);
	assert.equal(cards.filter((c) => c.kind === "no_change").length, N - N / 10);
	const product = cards[0].product.id;
	const of = (i) => cards.find((c) => c.account.name === name(i)).account.id;
	await world.ok("POST", "/rules", { name: "Minimum of ten", account_id: of(3), product_id: product, minimum: "100" });
	await world.ok("POST", "/overrides", { account_id: of(30), product_id: product, quantity: "77", reason: "by contract" });
	const { batch: done } = await world.ok("POST", "/cards/approve", { ids: [cards.find((c) => c.account.name === name(20)).id] });
	batch = done;
	assert.equal((await world.settled(batch))[0].state, "applied");
});

test("another PSA is not connected while a change is on its way to this one", async () => {
	await world.psa.faults([{ do: "status", status: 503, times: 400, match: { path: "/additions/3040" } }]);
	const card = (await every("/cards")).find((c) => c.account.name === name(40));
	const { batch: waiting } = await world.ok("POST", "/cards/approve", { ids: [card.id] });
	const answer = await connect();
	assert.equal(answer.status, 409);
	assert.match(answer.body.detail, /1 changes for the PSA of now/);
	for (let i = 0; i < 200; i++) {
		const [write] = await world.all(`/writes?batch=${waiting}`);
		if (write.state === "planned" && write.attempts > 0) break;
		await new Promise((r) => setTimeout(r, 100));
	}
	await world.ok("POST", `/writes/batches/${waiting}/rollback`, {});
	assert.equal((await connect()).status, 200);
});

test("after the first reading the plan is sure of equal names and numbers, and of nothing else", async () => {
	await jobDone(world.server, (await world.ok("POST", "/psa/sync", {})).job);
	const plan = await world.ok("GET", "/psa/switch");
	assert.equal(plan.accounts.length, N);
	const by = { name: [], similar: [], none: [] };
	for (const pair of plan.accounts) by[pair.by ?? "none"].push(pair);
	// A name in capitals with another blank is the same name; "Ltd." is likely; another name is none.
	assert.equal(by.name.length, N - 11);
	assert.equal(by.similar.length, 5);
	assert.equal(by.none.length, 6);
	assert.ok(by.similar.every((p) => !p.sure && p.to.name === `${p.from.name} Ltd.`));
	assert.deepEqual(
		plan.products.map((p) => [p.from.code, p.to.name, p.by, p.sure]),
		[
			["coro-edr", "EDR by Coro", "code", true],
			["coro-email", "Coro Email Security", "name", true],
		],
	);
	const ruled = plan.accounts.find((p) => p.from.name === name(3));
	assert.equal(ruled.uses.rules, 1);
});

test("a switch that names what is not there moves nothing", async () => {
	const plan = await world.ok("GET", "/psa/switch");
	const bad = await world.server.api("POST", "/psa/switch", {
		sure: true,
		pairs: [{ what: "account", from: plan.accounts[0].from.id, to: "nobody" }],
	});
	assert.equal(bad.status, 400);
	assert.match(JSON.stringify(bad.body), /\/pairs\/0\/to/);
	assert.equal((await world.ok("GET", "/psa/switch")).accounts.length, N);
});

test("what is sure and what was reviewed moves; the rest waits, and history stays", async () => {
	const plan = await world.ok("GET", "/psa/switch");
	const fresh = await every("/psa/accounts");
	const pairs = plan.accounts.filter((p) => p.by === "similar").map((p) => ({ what: "account", from: p.from.id, to: p.to.id }));
	for (let i = 10; i < 15; i++)
		pairs.push({
			what: "account",
			from: plan.accounts.find((p) => p.from.name === name(i)).from.id,
			to: fresh.find((a) => a.name === newName(i)).id,
		});
	const { moved } = await world.ok("POST", "/psa/switch", { sure: true, pairs });
	// All customers but one, and both products.
	assert.equal(moved, N - 1 + 2);
	await jobDone(world.server, (await world.ok("POST", "/psa/sync", { mode: "full" })).job);
	const left = await world.ok("GET", "/psa/switch");
	assert.deepEqual(
		left.accounts.map((p) => [p.from.name, p.to]),
		[[name(15), null]],
	);

	const cards = (await every("/cards")).filter((c) => c.state !== "stale" && c.product.code === "coro-edr");
	for (let i = 0; i < N; i++) {
		if (i === 15) continue;
		const card = cards.find((c) => c.account.name === newName(i));
		assert.ok(card, newName(i));
		const counted = units(i) + (i % 10 === 0 ? 1 : 0);
		const target = i === 3 ? 100 : i === 30 ? 77 : counted;
		assert.deepEqual([card.psa_units, card.vendor_units, card.target_units], [String(units(i)), String(counted), String(target)]);
	}
	// Decisions and writes of before are still there, and cannot be put back in the wrong PSA.
	const [write] = await world.all(`/writes?batch=${batch}`);
	assert.equal(write.state, "applied");
	const back = await world.server.api("POST", `/writes/batches/${batch}/rollback`, {});
	assert.equal(back.status, 409);
	assert.match(back.body.detail, /connected before/);
	assert.equal((await request(`${halo.url}/_ledger`, "GET")).body.items.length, 0);
	const history = await world.all(`/psa/lines/${write.line_id}/history`);
	assert.ok(history.length >= 1);
	const log = await world.all("/audit?event=psa.switch");
	assert.equal(log.length, 1);
});

test("and it goes on: a change of units reaches HaloPSA", async () => {
	const card = (await every("/cards")).find((c) => c.account.name === newName(50) && c.kind === "reconcile" && c.state === "open");
	const [write] = await world.approve({ ids: [card.id] });
	assert.equal(write.state, "applied", write.detail);
	const items = (await request(`${halo.url}/_ledger`, "GET")).body.items;
	assert.deepEqual(
		items.map((i) => [i.method, i.after.id, i.after.lines.map((l) => [l.id, l.qty_order])]),
		[["POST", -6050, [[7050, units(50) + 1]]]],
	);
});

// What happens to an approval when the PSA fails in the middle: for each fault the state of the write, and in the PSA's
// own ledger exactly the changes that should have been made there.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { request, until } from "../lib/server.mjs";
import { startWorld } from "../lib/world.mjs";

const ACCOUNT = "Northwind Dental";
const CODE = "CORO-EDR";
const PATCH = { method: "PATCH", path: "/additions/" };
const READ = { method: "GET", path: "/additions/" };

let world;
let units = 40;
before(async () => {
	world = await startWorld();
});
after(() => world?.stop());

const inPsa = async () =>
	(await request(`${world.psa.url}/_state`, "GET")).body.additions.find((a) => a.id === 4410).quantity;
const ledgerEnd = async () => (await world.psa.ledger()).items.at(-1)?.n ?? 0;

/** A new count at the vendor, so that there is an open card; gives it. */
async function openCard() {
	units += 1;
	await world.use(ACCOUNT, "EDR", units);
	await world.push();
	await world.sync();
	const card = await world.card(ACCOUNT, CODE);
	assert.equal(card.kind, "reconcile");
	assert.equal(card.state, "open", JSON.stringify(card));
	assert.equal(card.reconciled_units, String(units));
	return card;
}

async function run({ faults = [], meanwhile, undo }) {
	const card = await openCard();
	const was = await inPsa();
	const from = await ledgerEnd();
	if (meanwhile) await world.edit(meanwhile(card));
	if (faults.length) await world.psa.faults(faults);
	const [write, ...more] = await world.approve({ ids: [card.id], note: "fault table" });
	assert.equal(more.length, 0);
	await request(`${world.psa.url}/_faults`, "DELETE");
	if (undo) await world.edit(undo);
	const changes = (await world.psa.ledger()).items.filter((i) => i.n > from);
	return { card, write, was, changes, now: await inPsa() };
}

const applied = [
	["nothing goes wrong", []],
	["a time-out after it was applied", [{ match: PATCH, do: "timeout_after_apply", delay_ms: 300 }]],
	["a cut connection after it was applied", [{ match: PATCH, do: "reset_after_apply" }]],
	["a cut connection before it was applied", [{ match: PATCH, do: "reset" }]],
	["a 503 although it was applied", [{ match: PATCH, do: "status_after_apply", status: 503 }]],
	["a 500 before it was applied", [{ match: PATCH, do: "status", status: 500 }]],
	["an HTML page from a proxy in between", [{ match: PATCH, do: "status", status: 502, type: "text/html", body: "<html>bad gateway" }]],
	["429 with Retry-After", [{ match: PATCH, do: "status", status: 429, retry_after: 1 }]],
	["a lock in the PSA (409)", [{ match: PATCH, do: "status", status: 409 }]],
	["truncated JSON after it was applied", [{ match: PATCH, do: "truncate" }]],
	["truncated JSON while reading before", [{ match: READ, do: "truncate" }]],
	["applied, and the reading back is cut", [
		{ match: PATCH, do: "timeout_after_apply", delay_ms: 100 },
		{ match: READ, do: "reset", skip: 1, times: 2 },
	]],
];

for (const [name, faults] of applied)
	test(`${name}: applied, and exactly once`, async () => {
		const { card, write, was, changes, now } = await run({ faults });
		assert.equal(write.state, "applied", write.detail);
		assert.equal(now, units);
		assert.deepEqual(changes.map((c) => [c.before.quantity, c.after.quantity]), [[was, units]]);
		assert.equal((await world.ok("GET", `/cards/${card.id}`)).state, "approved");
	});

const kept = [
	["a PATCH that answers 200 and does nothing", { faults: [{ match: PATCH, do: "ignore_patch", times: 20 }] }, ["failed", "refused"]],
	["the value was changed since the review", { meanwhile: () => ({ kind: "additions", id: 4410, set: { quantity: 33 } }) }, ["conflict"]],
	[
		"the agreement was cancelled since the review",
		{
			meanwhile: () => ({ kind: "agreements", id: 77, set: { cancelledFlag: true } }),
			undo: { kind: "agreements", id: 77, set: { cancelledFlag: false } },
		},
		["conflict", "refused"],
	],
	["the role may not edit (403)", { faults: [{ match: PATCH, do: "status", status: 403, times: 20 }] }, ["refused"]],
	[
		"the PSA refuses the value (400)",
		{ faults: [{ match: PATCH, do: "status", status: 400, times: 20, body: '{"code":"InvalidObject","message":"addition object is invalid","errors":[{"code":"x","message":"Quantity is locked.","resource":"addition","field":"quantity"}]}' }] },
		["refused"],
	],
];

for (const [name, how, states] of kept)
	test(`${name}: ${states.join(" or ")}, nothing changed, the card is open again and says why`, async () => {
		const { card, write, changes } = await run(how);
		assert.ok(states.includes(write.state), `${write.state}: ${write.detail}`);
		assert.ok(write.detail, "a reason in words");
		assert.deepEqual(changes, []);
		await world.sync();
		const again = await world.ok("GET", `/cards/${card.id}`);
		assert.equal(again.state, "open");
	});

test("the PSA is down: the sync fails with a reason, the old book stays, and the next sync works", async () => {
	const match = { path: "/apis/" };
	await world.psa.faults([{ match, do: "status", status: 503, times: 10000 }]);
	const book = await world.all("/psa/lines");
	const { job } = await world.ok("POST", "/psa/sync", { mode: "full" });
	const ended = await until(
		async () => {
			const j = await world.ok("GET", `/jobs/${job}`);
			return j.state === "failed" || (j.state === "queued" && j.attempts > 0) ? j : null;
		},
		{ ms: 120000, what: "the failure" },
	);
	assert.match(JSON.stringify(ended.error), /503/);
	assert.deepEqual((await world.all("/psa/lines")).map((l) => l.id), book.map((l) => l.id));
	await request(`${world.psa.url}/_faults`, "DELETE");
	await world.sync();
});

// kill -9 at any moment of an approval: what was answered 202 reaches the PSA's own ledger exactly once, what was not
// answered reaches it once or never, whole batches or none of it. Three books are compared: what the caller was told,
// what we hold, what the PSA did.
import assert from "node:assert/strict";
import { test } from "node:test";
import { startServer, startSim, until } from "../lib/server.mjs";
import { cards, connectPsa, count, mapService, startFeed, sync } from "../lib/msp.mjs";
import { manyLines } from "../lib/book.mjs";
import { measured } from "../lib/measured.mjs";
import { list } from "../lib/vendor.mjs";

const LONG = process.env.TRUEUP_FAULT === "all";
const BATCH = 3;
const ASKS_A_ROUND = 4;
const env = { TRUEUP_PUSH_RATE: "0", TRUEUP_APP_RATE: "0", TRUEUP_JOB_LEASE: "3" };
const pause = (ms) => new Promise((r) => setTimeout(r, ms));

/* One book and its cards are made once; after a kill only the server begins anew. */
async function killed(rounds) {
	const lines = rounds * ASKS_A_ROUND * BATCH;
	const sim = await startSim("connectwise", manyLines(lines));
	let server = await startServer({ env });
	try {
		await connectPsa(server, sim, { requests_per_minute: "6000" });
		const names = Array.from({ length: lines }, (_, i) => `Customer ${i + 1}`);
		const feed = await startFeed(server, "Nimbus", names.map((name) => ({ id: name, name })), ["EDR"]);
		await mapService(server, feed, "EDR", "CORO-EDR");
		await count(server, feed, Object.fromEntries(names.map((name, i) => [name, { EDR: 500 + i + 1 }])));
		await sync(server, feed);
		const open = await cards(server, "&kind=reconcile&state=open");
		assert.equal(open.length, lines);

		const asks = [];
		for (let i = 0; i < lines; i += BATCH) asks.push({ ids: open.slice(i, i + BATCH).map((c) => c.id), batch: null });
		const answered = () => asks.filter((a) => a.batch).length;
		let next = 0;
		for (let round = 0; round < rounds; round++) {
			// Answers come slowly, so that a kill meets calls that are on their way, before and after they took effect.
			await sim.faults([
				{ match: { method: "PATCH" }, do: "slow", delay_ms: 25, times: 8 },
				{ match: { method: "PATCH" }, do: "timeout_after_apply", delay_ms: 5000, times: 1 },
			]);
			const end = next + ASKS_A_ROUND;
			const approve = async () => {
				for (; next < end; await pause(30)) {
					const ask = asks[next++];
					try {
						const answer = await server.api("POST", "/cards/approve", { ids: ask.ids });
						assert.equal(answer.status, 202, answer.text);
						ask.batch = answer.body.batch;
					} catch (e) {
						if (e instanceof assert.AssertionError) throw e;
						return;
					}
				}
			};
			const work = approve();
			// Early kills meet approvals, late ones the drain; the next server waits for the lease of the dead one.
			await pause(round % (LONG ? 6 : 2) === 1 ? 3500 + Math.random() * 600 : 60 + Math.random() * 500);
			await server.kill();
			await work;
			next = end;
			server = await startServer({ env, dir: server.dir, store: server.store, token: server.token });
		}
		assert.ok(answered() >= rounds, `only ${answered()} approvals were answered`);
		const writes = await until(
			async () => {
				const all = await list(server, "/writes?limit=100");
				return all.every((w) => !["planned", "sending", "unknown"].includes(w.state)) ? all : null;
			},
			{ ms: LONG ? 600000 : 120000, every: 500, what: "the end of all writes" },
		);
		const items = (await sim.ledger()).items;
		const changes = (n) => items.filter((i) => i.before?.id === n);
		for (const ask of asks) {
			const mine = writes.filter((w) => ask.ids.includes(w.card_id));
			assert.ok(mine.length === ask.ids.length || (!ask.batch && mine.length === 0), "a batch is there in part");
			if (ask.batch) assert.ok(mine.every((w) => w.batch_id === ask.batch || w.batch === ask.batch));
			for (const w of mine) assert.equal(w.state, "applied", JSON.stringify(w));
			for (const id of ask.ids) {
				const i = Number(open.find((c) => c.id === id).psa_units);
				const done = changes(3000 + i);
				assert.equal(done.length, mine.length ? 1 : 0, `line ${i}: ${JSON.stringify(done)}`);
				if (mine.length) assert.deepEqual([done[0].before.quantity, done[0].after.quantity], [i, 500 + i]);
			}
		}
		assert.equal(items.length, writes.length);
		// The kills met calls on their way: those were settled by reading.
		const steps = await Promise.all(writes.map(async (w) => (await server.api("GET", `/writes/${w.id}`)).text));
		assert.ok(steps.some((text) => text.includes('"unknown"')), "no kill met a call on its way");
		await sync(server, feed);
		const later = await cards(server, "&state=approved");
		assert.equal(later.length, writes.length);
		for (const c of later) assert.equal(c.psa_units, c.vendor_units);
	} finally {
		await server.stop();
		await sim.stop();
	}
}

test("kill -9 while approvals are on their way", async () => {
	const worlds = LONG ? 10 : 1;
	const rounds = LONG ? 60 : 5;
	for (let n = 0; n < worlds; n++) await killed(rounds);
	measured(LONG ? "approve_kill_long" : "approve_kill", worlds * rounds);
});

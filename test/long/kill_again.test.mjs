// Killed again while it recovers: counts and approvals are on their way when the server is killed, the next one is killed while
// it starts, the third while it takes up the work of the dead. Then the three books agree: what was answered, the store, the PSA.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { manyLines } from "../lib/book.mjs";
import { watch } from "../lib/guard.mjs";
import { measured } from "../lib/measured.mjs";
import { cards, connectPsa, count, mapService, startFeed, sync } from "../lib/msp.mjs";
import { BUILD, launch, startServer, startSim, until } from "../lib/server.mjs";
import { caller, connect, ledger, list, pair } from "../lib/vendor.mjs";

const ROWS = 30;
const BATCH = 3;
const SENDERS = 4;
const env = { TRUEUP_PUSH_RATE: "0", TRUEUP_APP_RATE: "0", TRUEUP_JOB_LEASE: "3", TRUEUP_ALLOW_PRIVATE_REMOTES: "1" };
const pause = (ms) => new Promise((r) => setTimeout(r, ms));

/** A server that nobody waits for: killed `ms` after it was started. Gives whether it already listened. */
async function killedYoung({ dir, store }, ms) {
	const self = launch(join(BUILD, "trueup"), ["serve", "--listen", "127.0.0.1:0", "--data", dir, ...store.args], { env });
	watch(dir, self);
	await pause(ms);
	assert.equal(self.exited, false, `it ended by itself: ${self.stderr}`);
	const listened = self.url !== null;
	self.child.kill("SIGKILL");
	await self.ended;
	return listened;
}

/** A feed with one open card for each customer of the book: the ids of the cards by line. */
async function openCards(server, lines) {
	const names = Array.from({ length: lines }, (_, i) => `Customer ${i + 1}`);
	const feed = await startFeed(server, "Nimbus", names.map((name) => ({ id: name, name })), ["EDR"]);
	await mapService(server, feed, "EDR", "CORO-EDR");
	await count(server, feed, Object.fromEntries(names.map((name, i) => [name, { EDR: 500 + i + 1 }])));
	await sync(server, feed);
	const open = await cards(server, "&kind=reconcile&state=open");
	assert.equal(open.length, lines);
	return open;
}

test(`${ROWS} rows of three kills`, { timeout: 1500000 }, async () => {
	const sim = await startSim("connectwise", manyLines(ROWS * BATCH));
	let server = await startServer({ env });
	try {
		await connectPsa(server, sim);
		const open = await openCards(server, ROWS * BATCH);
		const vendor = await connect(server, { name: "Pushes" });
		const at = await pair(server, vendor);
		const asks = [];
		const told = new Set();
		let value = 0;
		let starting = 0;
		let startMs = 50;
		for (let row = 0; row < ROWS; row++) {
			await sim.faults([{ match: { method: "PATCH" }, do: "timeout_after_apply", delay_ms: 5000, times: 1 }]);
			const { call } = caller(server, vendor.token);
			const sender = async () => {
				for (;;) {
					const mine = ++value;
					const answer = await call("POST", `/service/${at.service}/count`, { accountId: at.account, unitCount: mine }).catch(() => null);
					if (!answer) return;
					assert.equal(answer.status, 201, answer.text);
					told.add(String(mine));
				}
			};
			const ask = { ids: open.slice(row * BATCH, (row + 1) * BATCH).map((c) => c.id), answered: false };
			asks.push(ask);
			const approve = async () => {
				const answer = await server.api("POST", "/cards/approve", { ids: ask.ids }).catch(() => null);
				if (answer) assert.equal(answer.status, 202, answer.text);
				ask.answered = answer !== null;
			};
			const work = Promise.all([...Array.from({ length: SENDERS }, sender), pause(100).then(approve)]);
			await pause(150 + Math.random() * 400);
			await server.kill();
			await work;
			// While it starts, and when it may have begun with what was left; the lease of the dead ends after three seconds.
			starting += !(await killedYoung(server, Math.random() * startMs));
			await killedYoung(server, row % 3 ? 300 + Math.random() * 900 : 3000 + Math.random() * 1500);
			const before = Date.now();
			server = await startServer({ env, dir: server.dir, store: server.store, token: server.token });
			startMs = Date.now() - before;
			const kept = (await ledger(server, vendor)).map((o) => o.units);
			const unique = new Set(kept);
			assert.equal(unique.size, kept.length, "a count is there twice");
			for (const v of told) assert.ok(unique.has(v), `row ${row}: count ${v} was answered 201 and is lost`);
			for (const v of unique) assert.ok(Number(v) <= value, `count ${v} was never sent`);
		}
		assert.ok(starting >= ROWS / 3, `only ${starting} kills met a server that did not listen yet`);
		assert.ok(told.size > ROWS, `only ${told.size} counts were answered`);
		assert.ok(asks.filter((a) => a.answered).length >= ROWS / 3, "hardly an approval was answered");
		const writes = await until(
			async () => {
				const all = await list(server, "/writes?limit=100");
				return all.every((w) => !["planned", "sending", "unknown"].includes(w.state)) ? all : null;
			},
			{ ms: 180000, every: 500, what: "the end of all writes" },
		);
		const items = (await sim.ledger()).items;
		for (const { ids, answered } of asks) {
			const mine = writes.filter((w) => ids.includes(w.card_id));
			assert.ok(mine.length === ids.length || (!answered && mine.length === 0), "an approval is there in part, or lost");
			for (const w of mine) assert.equal(w.state, "applied", JSON.stringify(w));
			for (const id of ids) {
				const i = Number(open.find((c) => c.id === id).psa_units);
				const done = items.filter((x) => x.before?.id === 3000 + i);
				assert.equal(done.length, mine.length ? 1 : 0, `line ${i}: ${JSON.stringify(done)}`);
				if (mine.length) assert.deepEqual([done[0].before.quantity, done[0].after.quantity], [i, 500 + i]);
			}
		}
		assert.equal(items.length, writes.length);
		const chain = await server.cli(["audit", "verify"]);
		assert.equal(chain.status, 0, chain.stderr);
		measured("kill_again", ROWS);
	} finally {
		await server.stop();
		await sim.stop();
	}
});

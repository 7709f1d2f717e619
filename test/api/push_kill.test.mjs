// kill -9 at any moment of a push: nothing answered 201 is lost, nothing is there twice, and a bulk request is there
// whole or not at all. Every count sent has a value of its own, so the ledger can be compared with what was told.
import assert from "node:assert/strict";
import { test } from "node:test";
import { startServer } from "../lib/server.mjs";
import { measured } from "../lib/measured.mjs";
import { caller, connect, ledger, pair } from "../lib/vendor.mjs";

const LONG = process.env.TRUEUP_FAULT === "all";
const ROUNDS = LONG ? 400 : 6;
const SENDERS = 16;
const BULK_ROWS = 50;
const env = { TRUEUP_PUSH_RATE: "0", TRUEUP_APP_RATE: "0" };
const pause = (ms) => new Promise((r) => setTimeout(r, ms));

/* The whole ledger is read after every kill, so a server does not live through too many. */
const KILLS_A_SERVER = 20;

async function killed(rounds) {
	let server = await startServer({ env });
	const vendor = await connect(server);
	const at = await pair(server, vendor);
	const answered = new Set();
	const bulks = [];
	let value = 0;
	try {
		for (let round = 0; round < rounds; round++) {
			const { call } = caller(server, vendor.token);
			const sender = async () => {
				for (;;) {
					const mine = ++value;
					let answer;
					try {
						answer = await call("POST", `/service/${at.service}/count`, { accountId: at.account, unitCount: mine });
					} catch {
						return;
					}
					assert.equal(answer.status, 201, answer.text);
					answered.add(String(mine));
				}
			};
			const bulkSender = async () => {
				for (;;) {
					const rows = Array.from({ length: BULK_ROWS }, () => ++value);
					const bulk = { rows: rows.map(String), answered: false };
					bulks.push(bulk);
					const items = rows.map((units) => ({ account: at.account, service: at.service, units }));
					try {
						const answer = await server.api("POST", `/integrations/${vendor.id}/observations`, { items });
						assert.equal(answer.status, 201, answer.text);
					} catch (e) {
						if (e instanceof assert.AssertionError) throw e;
						return;
					}
					bulk.answered = true;
				}
			};
			const work = [bulkSender(), ...Array.from({ length: SENDERS }, sender)];
			await pause(150 + Math.random() * 500);
			await server.kill();
			await Promise.all(work);
			server = await startServer({ env, dir: server.dir, store: server.store, token: server.token });
			const kept = (await ledger(server, vendor)).map((o) => o.units);
			const unique = new Set(kept);
			assert.equal(unique.size, kept.length, "a count is there twice");
			for (const v of answered) assert.ok(unique.has(v), `count ${v} was answered 201 and is lost`);
			for (const b of bulks) {
				const there = b.rows.filter((v) => unique.has(v)).length;
				assert.ok(there === (b.answered ? BULK_ROWS : there && BULK_ROWS), `${there} rows of a bulk request are there`);
			}
			for (const v of unique) assert.ok(Number(v) <= value, `count ${v} was never sent`);
		}
		assert.ok(answered.size > rounds * SENDERS, `only ${answered.size} counts were answered`);
		// The newest count of the pair is the last of the ledger, as if nothing had happened.
		const items = await ledger(server, vendor);
		const today = items.at(-1).observed_at.slice(0, 10);
		const { body } = await server.api("GET", `/integrations/${vendor.id}/observations?as_of=${today}`);
		assert.equal(body.items[0].units, items.at(-1).units);
	} finally {
		await server.stop();
	}
}

test("kill -9 while counts come in", async () => {
	for (let left = ROUNDS; left > 0; left -= KILLS_A_SERVER) await killed(Math.min(left, KILLS_A_SERVER));
	measured(LONG ? "push_kill_long" : "push_kill", ROUNDS);
});

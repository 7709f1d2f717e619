// PostgreSQL with a synchronous standby: the server of the store is killed while counts come in and the standby takes its place,
// twenty times. Trueup knows both by one URL. Nothing that was answered 201 is lost, nothing is there twice, counts are taken
// again within ten seconds, and nobody has to help.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { measured } from "../lib/measured.mjs";
import { run, startServer, TOP, until } from "../lib/server.mjs";
import { caller, connect, ledger, pair } from "../lib/vendor.mjs";

const ROUNDS = 20;
const SENDERS = 8;
const AGAIN_MS = 10000;
const skip = process.env.TRUEUP_TEST_DB ? false : "SQLite has no standby";
const pause = (ms) => new Promise((r) => setTimeout(r, ms));

async function pg(...words) {
	const done = await run(join(TOP, "test/lib/pg.sh"), words);
	if (done.status !== 0) throw new Error(`pg.sh ${words[0]}: ${done.stderr}`);
	return done.stdout.trim();
}

test(`${ROUNDS} failovers`, { skip, timeout: 1200000 }, async (t) => {
	let primary = await pg("start");
	let standby = await pg("follow", primary);
	const host = (url) => new URL(url).host;
	const url = `postgresql://trueup@${host(primary)},${host(standby)}/trueup?target_session_attrs=read-write`;
	let server = null;
	try {
		const store = { url, args: ["--db", url], async drop() {} };
		server = await startServer({ env: { TRUEUP_PUSH_RATE: "0", TRUEUP_APP_RATE: "0" }, store });
		const vendor = await connect(server);
		const at = await pair(server, vendor);
		const { call } = caller(server, vendor.token);
		const told = new Set();
		let value = 0;
		let slowest = 0;
		for (let round = 0; round < ROUNDS; round++) {
			let over = false;
			const sender = async () => {
				while (!over) {
					const mine = ++value;
					const { status, text } = await call("POST", `/service/${at.service}/count`, { accountId: at.account, unitCount: mine });
					if (status === 201) told.add(String(mine));
					else assert.ok(status >= 500, `${status} ${text}`);
				}
			};
			const work = Promise.all(Array.from({ length: SENDERS }, sender));
			work.catch(() => (over = true));
			const before = told.size;
			try {
				await until(async () => over || told.size > before + 20, { ms: 60000, every: 5, what: "twenty counts" });
				await pause(Math.random() * 300);
				await pg("kill", primary);
				const dead = Date.now();
				await pg("promote", standby);
				const then = told.size;
				await until(async () => over || told.size > then, { ms: AGAIN_MS, every: 5, what: `a count after failover ${round}` });
				slowest = Math.max(slowest, Date.now() - dead);
			} finally {
				over = true;
				await work;
			}
			await pg("rejoin", primary, standby);
			[primary, standby] = [standby, primary];
			const kept = (await ledger(server, vendor)).map((o) => o.units);
			const unique = new Set(kept);
			assert.equal(unique.size, kept.length, "a count is there twice");
			for (const v of told) assert.ok(unique.has(v), `round ${round}: count ${v} was answered 201 and is lost`);
			for (const v of unique) assert.ok(Number(v) <= value, `count ${v} was never sent`);
		}
		t.diagnostic(`${told.size} counts of ${value} answered, at most ${slowest} ms without a server`);
		const chain = await server.cli(["audit", "verify"]);
		assert.equal(chain.status, 0, chain.stderr);
		measured("pg_failover", ROUNDS);
	} finally {
		if (server) await server.stop();
		await pg("stop", primary);
		await pg("stop", standby);
	}
});

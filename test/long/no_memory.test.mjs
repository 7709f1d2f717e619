// Out of memory: an allocation fails, once or from then on, at 200 places of a server that starts, takes counts, reads and makes
// cards. It ends at once with words and without a crash of another kind, or what was asked fails and it goes on; what it
// answered 201 is there afterwards, and nothing is there twice. The program is the release, since sanitizers allocate themselves.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { closeSync, openSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { watch } from "../lib/guard.mjs";
import { measured } from "../lib/measured.mjs";
import { launch, startServer, tempDir, TOP, until } from "../lib/server.mjs";
import { caller, connect, ledger, pair } from "../lib/vendor.mjs";

const RELEASE = join(TOP, process.env.TRUEUP_RELEASE || "build-release", "trueup");
const POINTS = 200;
const STARTS = 60;
const FOR_EVER = 1 << 30;
const ENDS_MS = 60000;
const env = { TRUEUP_PUSH_RATE: "0", TRUEUP_APP_RATE: "0", TRUEUP_ALLOW_PRIVATE_REMOTES: "1" };

/** The file that test/fault/no_memory.c maps. */
function shim() {
	const dir = tempDir();
	const library = join(dir, "no_memory.so");
	execFileSync("cc", ["-shared", "-fPIC", "-O1", "-o", library, join(TOP, "test/fault/no_memory.c")]);
	const file = join(dir, "plan");
	const fd = openSync(file, "w+");
	const set = (left, lasts) => writeSync(fd, Buffer.from(BigInt64Array.of(BigInt(left), BigInt(lasts)).buffer), 0, 16, 0);
	const left = () => {
		const now = Buffer.alloc(8);
		readSync(fd, now, 0, 8, 0);
		return Number(now.readBigInt64LE());
	};
	set(0, 0);
	return { env: { LD_PRELOAD: library, TRUEUP_NO_MEMORY: file }, set, left, close: () => closeSync(fd) };
}

/** Starts the release on a store that is there; `ready` as launch() has it. */
function serve({ dir, store }, plan) {
	const words = ["serve", "--listen", "127.0.0.1:0", "--data", dir, ...store.args];
	const self = launch(RELEASE, words, { env: { ...env, ...plan.env } });
	watch(dir, self);
	return self;
}

/** Waits until the program has ended or `done` is true. */
const endedOr = (self, done) => until(async () => self.exited || (await done()), { ms: ENDS_MS, every: 5, what: "an end" });

test(`${POINTS} allocations that fail`, { timeout: 1200000 }, async (t) => {
	const plan = shim();
	const first = await startServer({ env });
	const vendor = await connect(first);
	const at = await pair(first, vendor);
	const { dir, store, token } = first;
	await first.pause();
	const told = new Set();
	let value = 0;
	let self = null;
	const asks = { get url() { return self.url; }, api: first.api };
	Object.defineProperty(first, "url", { get: () => self?.url ?? null });
	const { call } = caller(asks, vendor.token);
	/* What a request came to: its status, or 0 when the server ended or hung up. A server that keeps silent is a fault. */
	const status = (promise) => {
		const silent = new Promise((_, fail) => setTimeout(() => fail(new Error("no answer")), ENDS_MS).unref());
		return Promise.race([promise.then((a) => a.status, () => 0), silent]);
	};
	const push = async () => {
		const mine = ++value;
		const got = await status(call("POST", `/service/${at.service}/count`, { accountId: at.account, unitCount: mine }));
		if (got === 201) told.add(String(mine));
		return got;
	};
	const work = async () => {
		const seen = [await push()];
		seen.push(await status(first.api("GET", "/cards?limit=5")));
		seen.push(await status(first.api("POST", `/integrations/${vendor.id}/sync`, {})));
		seen.push(await status(first.api("GET", "/integrations")));
		seen.push(await push());
		return seen;
	};
	const outcomes = {};
	const outcome = (what) => (outcomes[what] = (outcomes[what] ?? 0) + 1);
	const start = async () => {
		plan.set(0, 0);
		self = serve({ dir, store }, plan);
		await self.ready;
	};
	const checkEnd = (where) => {
		assert.ok(self.signal === "SIGABRT" || (self.status !== null && self.status !== 0), `${where}: ${self.status ?? self.signal}\n${self.stderr}`);
		assert.match(self.stderr, /memory|no thread/i, where);
	};
	try {
		await start();
		await work();
		plan.set(-1, 0);
		for (let i = 0; i < 4; i++) assert.deepEqual((await work()).map((s) => s < 300), [true, true, true, true, true]);
		const inWork = Math.floor((-1 - plan.left()) / 4);
		assert.ok(inWork > 200, `the work allocates ${inWork} times`);
		plan.set(-1, 0);
		self.child.kill("SIGTERM");
		await self.ended;
		plan.set(-1, 0);
		self = serve({ dir, store }, plan);
		await self.ready;
		const inStart = -1 - plan.left();
		assert.ok(inStart > 200, `a start allocates ${inStart} times`);
		t.diagnostic(`${inStart} allocations of a start, ${inWork} of the work`);

		let fired = 0;
		for (let i = 0; i < POINTS; i++) {
			const lasts = i % 3 === 2 ? FOR_EVER : 1;
			const starting = i < STARTS;
			const n = starting ? 1 + Math.floor((i * inStart) / STARTS) : 1 + Math.floor(((i - STARTS) * inWork) / (POINTS - STARTS));
			const where = `${starting ? "start" : "work"}, allocation ${n}, ${lasts === 1 ? "once" : "from then on"}`;
			if (starting) {
				if (!self.exited) {
					self.child.kill("SIGKILL");
					await self.ended;
				}
				plan.set(n, lasts);
				self = serve({ dir, store }, plan);
				await endedOr(self, () => self.url !== null);
			} else {
				if (self.exited) await start();
				plan.set(n, lasts);
				await endedOr(self, async () => (await work()) && plan.left() === 0);
				if (lasts !== 1) await endedOr(self, async () => (await push()) < 0);
			}
			fired += plan.left() === 0 || self.exited;
			plan.set(0, 0);
			// Memory is there again: who is still up works, without help.
			if (!self.exited) {
				await endedOr(self, async () => (await push()) === 201);
				outcome(starting ? "start went on" : "went on");
			}
			if (self.exited) {
				checkEnd(where);
				outcome(starting ? "start ended" : "ended");
			}
		}
		assert.ok(fired >= POINTS - 5, `only ${fired} allocations failed`);
		if (!self.exited) self.child.kill("SIGKILL");
		await self.ended;
		t.diagnostic(JSON.stringify(outcomes));
		const again = await startServer({ env, dir, store, token });
		try {
			const kept = (await ledger(again, vendor)).map((o) => o.units);
			const unique = new Set(kept);
			assert.equal(unique.size, kept.length, "a count is there twice");
			for (const v of told) assert.ok(unique.has(v), `count ${v} was answered 201 and is lost`);
			for (const v of unique) assert.ok(Number(v) <= value, `count ${v} was never sent`);
			const chain = await again.cli(["audit", "verify"]);
			assert.equal(chain.status, 0, chain.stderr);
		} finally {
			await again.stop();
		}
		measured("no_memory", fired);
	} finally {
		if (self && !self.exited) self.child.kill("SIGKILL");
		plan.close();
	}
});

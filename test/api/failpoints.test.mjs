// Every fail point of the program (src/base/failpoint.h): at each the server is killed, made to fail, or stalled, while
// a count goes its whole way from the vendor's push to the PSA. The client repeats what was not answered, as clients
// do. At the end three books are compared: what was answered, what we hold, what the PSA did.
//
// One kind a point here; TRUEUP_FAULT=all (make fault) runs every point with every kind.
import assert from "node:assert/strict";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { armory, pointsOf } from "../lib/failpoint.mjs";
import { manyLines } from "../lib/book.mjs";
import { cards, connectPsa, mapService, startFeed } from "../lib/msp.mjs";
import { measured } from "../lib/measured.mjs";
import { freshStore, startServer, startSim, tempDir, trueup, until } from "../lib/server.mjs";
import { ledger, list } from "../lib/vendor.mjs";

const KINDS = ["kill", "error", "stall"];
const ALL = process.env.TRUEUP_FAULT === "all";
const WORLDS = 4;
const FEWEST = 40;

const POINTS = pointsOf();
const MIGRATE = POINTS.filter((p) => p.startsWith("migrate."));
/* Those of a rotation are passed in rotate.test.mjs, of costs in costs.test.mjs, of a question to the store in store_errors.test.mjs. */
const FLOW = POINTS.filter((p) => !/^(migrate|rotate|cost|query)\./.test(p));

/** [[point, kind]]: every kind, or one that differs by point and by engine. */
function cases(points) {
	const shift = process.env.TRUEUP_TEST_DB ? 1 : 0;
	return points.flatMap((p, i) => (ALL ? KINDS.map((k) => [p, k]) : [[p, KINDS[(i + shift) % KINDS.length]]]));
}

test("the program has fail points, each with a name of its own", () => {
	assert.ok(POINTS.length >= FEWEST, `only ${POINTS.length}`);
	assert.equal(new Set(POINTS).size, POINTS.length, `${POINTS}`);
});

/** One world and its share of the cases. Gives how many fired. */
async function runShare(share, name) {
	const weapon = armory();
	const env = { TRUEUP_PUSH_RATE: "0", TRUEUP_APP_RATE: "0", TRUEUP_JOB_LEASE: "3", ...weapon.env };
	const sim = await startSim("connectwise", manyLines(share.length));
	let server = await startServer({ env });
	let deaths = 0;
	/** Asks until there is an answer that is none of a failure; a dead server is started again. */
	const steady = async (ask) => {
		for (let tries = 0; tries < 20; tries++) {
			let answer;
			try {
				answer = await ask(tries);
			} catch (e) {
				if (!(e instanceof TypeError)) throw e;
			}
			if (answer && answer.status < 500) return answer;
			await new Promise((r) => setTimeout(r, 50));
			if (server.exited || !answer) {
				await server.ended;
				assert.equal(server.signal, "SIGKILL", server.stderr);
				deaths++;
				server = await startServer({ env, dir: server.dir, store: server.store, token: server.token });
			}
		}
		throw new Error("no answer after 20 tries");
	};
	const get = async (path) => (await steady(() => server.api("GET", path))).body;
	const job = async (path, body) => {
		for (let tries = 0; tries < 5; tries++) {
			const asked = await steady(() => server.api("POST", path, body));
			assert.equal(asked.status, 202, asked.text);
			const done = await until(
				async () => {
					const j = await get(`/jobs/${asked.body.job}`);
					return ["done", "failed"].includes(j.state) ? j : null;
				},
				{ ms: 60000, what: `job ${asked.body.job} of ${path}` },
			);
			if (done.state === "done") return;
		}
		assert.fail(`${path} failed again and again`);
	};
	try {
		await connectPsa(server, sim);
		const names = share.map((_, i) => `Customer ${i + 1}`);
		const feed = await startFeed(server, "Nimbus", names.map((n) => ({ id: n, name: n })), ["EDR"]);
		await mapService(server, feed, "EDR", "CORO-EDR");
		const service = (await feed.service("EDR")).vendor_id;
		const told = new Map();
		for (const [i, [point, kind]] of share.entries()) {
			const account = names[i];
			weapon.arm(point, kind);
			const pushed = await steady((tries) => {
				const unitCount = 5000 + i + 1000 * tries;
				told.set(account, unitCount);
				const headers = { "gradient-token": feed.token, "content-type": "application/json" };
				const body = JSON.stringify({ accountId: account, unitCount });
				const url = `${server.url}/api/vendor-api/service/${service}/count`;
				return fetch(url, { method: "POST", headers, body });
			});
			assert.equal(pushed.status, 201, `${point} ${kind}`);
			await job(`/integrations/${feed.id}/sync`, {});
			const card = (await get("/cards?limit=1000&kind=reconcile")).items.find((c) => c.account.name === account);
			assert.equal(Number(card?.vendor_units), told.get(account), `${point} ${kind}: the card of ${account}`);
			const headers = { "idempotency-key": `${name}-${point}-${kind}` };
			const approved = await steady(() => server.api("POST", "/cards/approve", { ids: [card.id] }, headers));
			assert.equal(approved.status, 202, approved.text);
			await until(
				async () => {
					const { items } = await get(`/writes?card=${card.id}`);
					return items.length === 1 && items[0].state === "applied";
				},
				{ ms: 90000, what: `${point} ${kind}: the write of ${account}` },
			);
			await job("/psa/sync", { mode: i % 2 ? "quick" : "full" });
			assert.equal(weapon.fired(), point, `${point} (${kind}) never fired`);
			weapon.disarm();
		}
		// What clients were told is in our ledger once, and nothing that nobody sent.
		const kept = (await ledger(server, feed)).map((o) => Number(o.units));
		assert.equal(new Set(kept).size, kept.length, "a count is there twice");
		for (const units of told.values()) assert.ok(kept.includes(units), `count ${units} is lost`);
		// What was approved is in the PSA's ledger once, with the value that was approved.
		const { items } = await sim.ledger();
		assert.equal(items.length, share.length, "the PSA saw another number of changes");
		for (const [i, account] of names.entries()) {
			const mine = items.filter((x) => x.before?.id === 3001 + i);
			assert.equal(mine.length, 1, `${account}: ${share[i]}`);
			assert.deepEqual([mine[0].before.quantity, mine[0].after.quantity], [i + 1, told.get(account)]);
		}
		const writes = await list(server, "/writes?limit=100");
		assert.equal(writes.length, share.length);
		for (const c of await cards(server, "&kind=reconcile")) assert.equal(c.psa_units, c.vendor_units);
		const chain = await server.cli(["audit", "verify"]);
		assert.equal(chain.status, 0, chain.stderr);
		assert.equal(deaths, share.filter(([, kind]) => kind === "kill").length, "a kill did not kill");
		return share.length;
	} finally {
		await server.stop();
		await sim.stop();
	}
}

test("at every fail point of push, sync, approve and drain the three books agree", async () => {
	const all = cases(FLOW);
	const shares = Array.from({ length: WORLDS }, (_, n) => all.filter((_, i) => i % WORLDS === n));
	const fired = (await Promise.all(shares.map((share, n) => runShare(share, `world${n}`)))).reduce((a, b) => a + b);
	assert.equal(fired, all.length);
	measured(ALL ? "failpoints_long" : "failpoints", fired);
});

/** A store that was left halfway was kept as it was, and what was kept becomes a whole store elsewhere. Gives how many were. */
async function checkBackups(dir) {
	const folder = join(dir, "backups");
	const kept = existsSync(folder) ? readdirSync(folder) : [];
	for (const name of kept) {
		const store = await freshStore();
		const there = tempDir();
		const done = await trueup(["restore", "--from", join(folder, name), "--data", there, ...store.args]);
		assert.equal(done.status, 0, done.stderr);
		await store.drop();
	}
	return kept.length;
}

test("at every fail point of the migration the next start goes on where it was", async () => {
	let fired = 0;
	let restored = 0;
	const fresh = await startServer({ setup: false });
	const steps = (await (await fetch(`${fresh.url}/readyz`)).json()).schema_steps;
	await fresh.stop();
	for (const [point, kind] of cases(MIGRATE)) {
		for (const at of [1, 4]) {
			const weapon = armory();
			const store = await freshStore();
			const dir = tempDir();
			weapon.arm(point, kind, at);
			const file = join(dir, "password");
			writeFileSync(file, "correct horse battery\n");
			const words = ["setup", "--org", "Ours", "--admin", "a@ours.example", "--password-file", file];
			const first = await trueup([...words, "--data", dir, ...store.args], { env: weapon.env });
			assert.equal(weapon.fired(), point, `${point} ${kind} never fired`);
			if (kind === "kill") assert.equal(first.signal, "SIGKILL", first.stderr);
			if (kind === "error") assert.match(first.stderr, /fail point/);
			const server = await startServer({ dir, store, setup: false });
			try {
				const { schema_steps } = await (await fetch(`${server.url}/readyz`)).json();
				assert.equal(schema_steps, steps, `${point} ${kind}`);
				restored += await checkBackups(dir);
				const doctor = await server.cli(["doctor", "--json"]);
				assert.equal(doctor.status, 0, doctor.stdout);
			} finally {
				await server.stop();
			}
			fired++;
		}
	}
	assert.ok(restored > 0, "no store was kept from halfway");
	measured(ALL ? "failpoints_migrate_long" : "failpoints_migrate", fired);
});

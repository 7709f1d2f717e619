// kill -9 while the PSA is read: no line is lost or doubled by a reading that did not come to its end, each has the quantity of
// before or of now, and the next reading is whole.
import assert from "node:assert/strict";
import { test } from "node:test";
import { manyLines } from "../lib/book.mjs";
import { measured } from "../lib/measured.mjs";
import { connectPsa, readPsa } from "../lib/msp.mjs";
import { request, startServer, startSim, until } from "../lib/server.mjs";
import { list } from "../lib/vendor.mjs";

const LONG = process.env.TRUEUP_FAULT === "all";
const KILLS = LONG ? 100 : 3;
const LINES = 300;
const env = { TRUEUP_APP_RATE: "0", TRUEUP_JOB_LEASE: "3" };

test(`${KILLS} readings killed`, { timeout: LONG ? 1200000 : 240000 }, async () => {
	const sim = await startSim("connectwise", manyLines(LINES));
	let server = await startServer({ env });
	const quantities = () => list(server, "/psa/lines?limit=1000").then((all) => all.map((l) => [l.remote_id, Number(l.quantity)]));
	try {
		await connectPsa(server, sim, { requests_per_minute: "6000" });
		const now = new Map((await quantities()).map(([id, n]) => [id, n]));
		assert.equal(now.size, LINES);
		let inside = 0;
		for (let round = 0; round < KILLS; round++) {
			const was = new Map(now);
			for (let i = 0; i < 5; i++) {
				const id = 3001 + ((round * 301 + i * 299) % LINES);
				const quantity = 10000 + round * 10 + i;
				const edited = await request(`${sim.url}/_edit`, "POST", { body: { kind: "additions", id, set: { quantity } } });
				assert.ok(edited.status < 300, edited.text);
				now.set(String(id), quantity);
			}
			const { body } = await server.api("POST", "/psa/sync", { mode: "full" });
			// At another moment each time, always after it began.
			await until(async () => (await server.api("GET", `/jobs/${body.job}`)).body.state !== "queued", { every: 2, what: "the reading" });
			await new Promise((r) => setTimeout(r, (round * 37) % 250));
			const { state } = (await server.api("GET", `/jobs/${body.job}`)).body;
			await server.kill();
			inside += state === "running";
			server = await startServer({ env, dir: server.dir, store: server.store, token: server.token });
			const kept = await quantities();
			assert.equal(kept.length, LINES, `round ${round}: ${kept.length} lines`);
			assert.equal(new Set(kept.map(([id]) => id)).size, LINES, "a line is there twice");
			for (const [id, n] of kept) assert.ok(n === now.get(id) || n === was.get(id), `round ${round}: line ${id} has ${n}`);
		}
		assert.ok(inside >= KILLS / 2, `only ${inside} of ${KILLS} kills met a reading`);
		await readPsa(server, "full");
		assert.deepEqual(new Map(await quantities()), now);
		const chain = await server.cli(["audit", "verify"]);
		assert.equal(chain.status, 0, chain.stderr);
		measured(LONG ? "sync_kill" : "sync_kill_few", inside);
	} finally {
		await server.stop();
		await sim.stop();
	}
});

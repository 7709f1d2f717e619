// A hundred changes whose outcome is not known at first: applied and not answered, answered with an error, or lost before they
// took effect. Each ends applied exactly once, or known not to be; no false "done", none sent a second time blindly.
import assert from "node:assert/strict";
import { test } from "node:test";
import { manyLines } from "../lib/book.mjs";
import { measured } from "../lib/measured.mjs";
import { cards, count, mapService, settled, startFeed, startMsp, sync } from "../lib/msp.mjs";
import { list } from "../lib/vendor.mjs";

const LONG = process.env.TRUEUP_FAULT === "all";
const LINES = LONG ? 1000 : 100;
const KINDS = ["timeout_after_apply", "reset_after_apply", "status_after_apply", "timeout_before", "reset"];

test(`${LINES} outcomes that nobody told`, { timeout: LONG ? 1800000 : 240000 }, async () => {
	const { server, sim } = await startMsp({ fixture: manyLines(LINES), psa: { requests_per_minute: "6000" } });
	try {
		const names = Array.from({ length: LINES }, (_, i) => `Customer ${i + 1}`);
		const feed = await startFeed(server, "Nimbus", names.map((n) => ({ id: n, name: n })), ["EDR"]);
		await mapService(server, feed, "EDR", "CORO-EDR");
		await count(server, feed, Object.fromEntries(names.map((n, i) => [n, { EDR: 5000 + i }])));
		await sync(server, feed);
		const open = await cards(server, "&kind=reconcile&state=open");
		assert.equal(open.length, LINES);
		// Each change meets one fault, of one kind after another.
		const faults = names.map((_, i) => ({ match: { method: "PATCH" }, do: KINDS[i % KINDS.length], delay_ms: 10, status: 502, times: 1 }));
		await sim.faults(faults);
		const done = await server.api("POST", "/cards/approve", { ids: open.map((c) => c.id) });
		assert.equal(done.status, 202, done.text);
		const writes = await settled(server, done.body.batch, { ms: LONG ? 1200000 : 180000, every: 500 });
		assert.equal(writes.length, LINES);
		const { items, requests } = await sim.ledger();
		const counts = requests.by;
		let unknown = 0;
		for (const w of writes) {
			assert.equal(w.state, "applied", JSON.stringify(w));
			const { body } = await server.api("GET", `/writes/${w.id}`);
			unknown += body.steps.filter((s) => s.to === "unknown" || s.to_state === "unknown").length > 0;
		}
		// Three kinds of five take effect; those of the other two are sent once more, and never the three.
		const sent = Object.entries(counts).filter(([k]) => k.startsWith("PATCH ")).reduce((n, [, v]) => n + v, 0);
		assert.equal(sent, LINES + (LINES / KINDS.length) * 2, JSON.stringify(counts));
		assert.ok(unknown >= LINES / 5, `only ${unknown} were unknown for a while`);
		for (const [i, name] of names.entries()) {
			const mine = items.filter((x) => x.before?.id === 3001 + i);
			assert.equal(mine.length, 1, `${name}: ${mine.length} changes`);
			assert.deepEqual([mine[0].before.quantity, mine[0].after.quantity], [i + 1, 5000 + i]);
		}
		assert.equal(items.length, LINES);
		assert.equal((await list(server, "/writes?limit=100")).length, LINES);
		measured(LONG ? "unknown_outcomes_long" : "unknown_outcomes", LINES);
	} finally {
		await server.stop();
		await sim.stop();
	}
});

// The clock of a running server is set, or its machine sleeps: what is on its way to the PSA is not sent by a second hand,
// nothing waits for a day that is long over, no session lives longer for it.
import assert from "node:assert/strict";
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { measured } from "../lib/measured.mjs";
import { card, connectPsa, count, mapService, readPsa, SMALL, settled, startFeed, sync } from "../lib/msp.mjs";
import { browser, startServer, startSim, tempDir, until } from "../lib/server.mjs";

const HOUR = 3600;
const DAY = 24 * HOUR;
// The hour on is the last: a line that was read in the future is read anew when it is a day ahead, or when that time has come.
const JUMPS = { "ten days on": 10 * DAY, "ten years on": 3650 * DAY, "ten days back": -10 * DAY, "an hour back": -HOUR, "an hour on": HOUR };
const clock = join(tempDir(), "clock");
/** At once, as a clock is set: whoever reads finds the one time or the other. */
function set(seconds) {
	writeFileSync(`${clock}.new`, `${seconds}\n`);
	renameSync(`${clock}.new`, clock);
}

let server;
let sim;
let feed;
let units = 100;
let held = 0;
before(async () => {
	sim = await startSim("connectwise", SMALL);
	server = await startServer({ env: { TRUEUP_PUSH_RATE: "0", TRUEUP_APP_RATE: "0", TRUEUP_CLOCK_FILE: clock } });
	await connectPsa(server, sim);
	feed = await startFeed(server, "Nimbus", [{ id: "A", name: "Northwind Dental" }], ["EDR"]);
	await mapService(server, feed, "EDR", "CORO-EDR");
});
after(async () => {
	await server?.stop();
	await sim?.stop();
});

/** A new count, and the card that it makes. */
async function next() {
	// What was written while the clock stood elsewhere is read anew, as it is by every reading.
	await readPsa(server);
	await count(server, feed, { A: { EDR: ++units } });
	await sync(server, feed);
	return until(async () => {
		const found = await card(server, "Northwind Dental", "CORO-EDR");
		return found.vendor_units === String(units) && found.state === "open" ? found : null;
	}, { ms: 60000, what: "a card" });
}

const changes = async () => (await sim.ledger()).items.length;

test("a session of a clock that was ahead ends when it is set right, and one of this time lives", async () => {
	const now = browser(server);
	assert.equal((await now.signIn()).status, 200);
	set(10 * DAY);
	assert.equal((await now.api("GET", "/me")).status, 401, "ten days are too long");
	const ahead = browser(server);
	assert.equal((await ahead.signIn()).status, 200);
	assert.equal((await ahead.api("GET", "/me")).status, 200);
	set(0);
	assert.equal((await ahead.api("GET", "/me")).status, 401);
	assert.equal((await now.api("GET", "/me")).status, 200);
	held++;
});

test("a write that was to wait until a day of that clock goes on when it is set right", async () => {
	const open = await next();
	const was = await changes();
	set(3650 * DAY);
	await sim.faults([{ match: { method: "PATCH" }, do: "status", status: 503, retry_after: 600, times: 1 }]);
	const asked = await server.api("POST", "/cards/approve", { ids: [open.id] });
	assert.equal(asked.status, 202, asked.text);
	const waits = async () => (await server.api("GET", `/writes?batch=${asked.body.batch}`)).body.items.some((w) => w.attempts >= 1 && w.state === "planned");
	await until(waits, { ms: 60000, what: "a write that waits" });
	assert.equal(await changes(), was);
	set(0);
	const writes = await settled(server, asked.body.batch);
	assert.deepEqual(writes.map((w) => w.state), ["applied"], JSON.stringify(writes));
	assert.equal(await changes(), was + 1);
	held++;
});

for (const [name, seconds] of Object.entries(JUMPS))
	test(`a change on its way is sent once when the clock goes ${name}`, async () => {
		const open = await next();
		const was = await changes();
		await sim.faults([{ match: { method: "PATCH" }, do: "slow", delay_ms: 1500, times: 1 }]);
		const asked = await server.api("POST", "/cards/approve", { ids: [open.id] });
		assert.equal(asked.status, 202, asked.text);
		const sending = async () => (await server.api("GET", `/writes?batch=${asked.body.batch}`)).body.items.some((w) => w.state === "sending");
		await until(sending, { ms: 60000, every: 10, what: "a call on its way" });
		set(seconds);
		try {
			// More work wakes the other threads, who look what there is to take.
			for (let i = 0; i < 4; i++) assert.equal((await server.api("POST", `/integrations/${feed.id}/sync`, {})).status, 202);
			const writes = await settled(server, asked.body.batch);
			assert.deepEqual(writes.map((w) => w.state), ["applied"], JSON.stringify(writes));
			const drains = (await server.api("GET", "/jobs?kind=drain&limit=100")).body.items;
			for (const job of drains.filter((j) => j.attempts !== undefined)) assert.ok(job.attempts <= 1, JSON.stringify(job));
		} finally {
			set(0);
		}
		assert.equal(await changes(), was + 1);
		held++;
	});

test("all of it held", () => {
	assert.equal(held, Object.keys(JUMPS).length + 2);
	measured("clock_server", held);
});

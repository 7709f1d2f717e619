// A vendor whose server takes connections and never says a word: its own sync waits, everybody else's goes on.
import assert from "node:assert/strict";
import { createServer } from "node:net";
import { test } from "node:test";
import { measured } from "../lib/measured.mjs";
import { count, mapService, startFeed, startMsp, sync } from "../lib/msp.mjs";
import { until } from "../lib/server.mjs";

/** Takes every connection and says nothing. */
function startSilent() {
	const held = new Set();
	const listener = createServer((socket) => {
		held.add(socket);
		socket.on("error", () => {});
		socket.on("close", () => held.delete(socket));
	});
	const hangUp = () => held.forEach((s) => s.destroy());
	return new Promise((done) =>
		listener.listen(0, "127.0.0.1", () =>
			done({
				url: `http://127.0.0.1:${listener.address().port}`,
				waiting: () => held.size,
				stop: () => {
					hangUp();
					listener.close();
				},
			}),
		),
	);
}

test("one silent vendor holds up no other, and is never read twice at once", { timeout: 300000 }, async () => {
	const silent = await startSilent();
	const { server, sim } = await startMsp();
	const state = async (job) => (await server.api("GET", `/jobs/${job}`)).body.state;
	try {
		const feed = await startFeed(server, "Nimbus", [{ id: "A", name: "Northwind Dental" }], ["S"]);
		await mapService(server, feed, "S", "CORO-EDR");
		const settings = { url: silent.url, username: "admin", password: "comet-secret" };
		const made = await server.api("POST", "/integrations", { vendor: "comet", settings });
		assert.equal(made.status, 201, made.text);
		const ask = async () => (await server.api("POST", `/integrations/${made.body.id}/sync`)).body.job;
		const dead = await ask();
		await until(() => silent.waiting() > 0, { ms: 60000, what: "the sync of the silent vendor" });
		const again = await ask();
		for (const units of [5, 6, 7]) {
			await count(server, feed, { A: { S: units } });
			await sync(server, feed);
		}
		const cards = (await server.api("GET", "/cards?limit=50")).body.items;
		assert.ok(cards.some((c) => c.vendor_units === "7"), "the last count is on a card");
		// All the while the silent one was waited for, by one reading and no second.
		assert.equal(await state(dead), "running");
		assert.equal(silent.waiting(), 1);
		if (again !== dead) assert.equal(await state(again), "queued");
		measured("dead_connector", 1);
	} finally {
		silent.stop();
		await server.stop();
		await sim.stop();
	}
});

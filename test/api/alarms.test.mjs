// Nobody waits in the dark: each thing that can wait too long moves a figure, raises an alarm, is mailed once, and is over
// when it is over.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { manyLines } from "../lib/book.mjs";
import { cards, count, mapService, startFeed, startMsp, sync } from "../lib/msp.mjs";
import { measured } from "../lib/measured.mjs";
import { startRelay } from "../lib/relay.mjs";
import { request, until } from "../lib/server.mjs";
import { sql } from "../lib/store.mjs";

let server, sim, relay, feed, card;
before(async () => {
	relay = await startRelay();
	const env = { TRUEUP_SMTP_URL: relay.url, TRUEUP_MAIL_FROM: "trueup@northwind.example" };
	({ server, sim } = await startMsp({ fixture: manyLines(2), env }));
	feed = await startFeed(server, "Nimbus", [{ id: "Customer 1", name: "Customer 1" }], ["EDR"]);
	await mapService(server, feed, "EDR", "CORO-EDR");
	await count(server, feed, { "Customer 1": { EDR: 9 } });
	await sync(server, feed);
	[card] = await cards(server, "&kind=reconcile&state=open");
	await server.api("PATCH", "/settings", { alarm_disk_mb: 1 });
});
after(async () => {
	await server?.stop();
	await sim?.stop();
	relay?.stop();
});

const names = async () => (await server.api("GET", "/alarms")).body.items.map((a) => a.name);
const figure = async (name) => Number((await request(`${server.url}/metrics`, "GET")).text.match(new RegExp(`^${name.replace(/[{}"]/g, "\\$&")} (\\d+)`, "m"))?.[1] ?? Number.NaN);
const mailed = (words, from) => relay.mails.slice(from).filter((m) => words.test(m.lines.find((l) => l.startsWith("Subject:")) ?? ""));
const ago = (minutes) => (Date.now() - minutes * 60000) * 1000;

/** Looks again: the watch looks when the server starts. */
async function look() {
	server = await server.restart();
	await until(async () => (await request(`${server.url}/readyz`, "GET")).status === 200, { what: "the server" });
}

/** Makes it so, sees it raised and told once, takes it back, sees it end. */
async function comesAndGoes(name, begin, end) {
	const from = relay.mails.length;
	await begin();
	await look();
	await until(async () => (await names()).includes(name), { what: `the alarm ${name}` });
	assert.equal(await figure(`trueup_alarms{name="${name}"}`), 1);
	await until(() => mailed(new RegExp(`attention.*${name}`), from).length === 1, { what: `the mail of ${name}` });
	await look();
	await until(async () => server.stderr.includes("listening"), { what: "the second look" });
	await new Promise((r) => setTimeout(r, 500));
	assert.equal(mailed(new RegExp(`attention.*${name}`), from).length, 1, "told twice");
	await end();
	await look();
	await until(async () => !(await names()).includes(name), { what: `the end of ${name}` });
	await until(() => mailed(new RegExp(`well again.*${name}`), from).length === 1, { what: `the second mail of ${name}` });
}

test("all is well: no alarm, and figures that say so", async () => {
	await look();
	assert.deepEqual(await names(), []);
	assert.equal(await figure("trueup_outbox_oldest_seconds"), 0);
	assert.ok((await figure("trueup_psa_sync_age_seconds")) < 120);
});

test("a change that does not reach the PSA, and an outcome that nobody knows", async () => {
	await sim.faults([{ do: "status", status: 503, times: 100000 }]);
	const asked = await server.api("POST", "/cards/approve", { ids: [card.id] });
	assert.equal(asked.status, 202);
	const age = (state) => sql(server, `UPDATE writes SET created_at = ${ago(120)}, next_try_at = ${ago(-600)}, state = '${state}';`);
	await comesAndGoes(
		"outbox_age",
		async () => {
			await server.pause();
			await age("planned");
		},
		async () => {
			assert.ok((await figure("trueup_outbox_oldest_seconds")) >= 7200);
			await server.pause();
			await sql(server, `UPDATE writes SET created_at = ${ago(1)};`);
		},
	);
	await comesAndGoes(
		"unknown_outcomes",
		async () => {
			await server.pause();
			await age("unknown");
		},
		async () => {
			await server.pause();
			await sql(server, `UPDATE writes SET created_at = ${ago(1)};`);
		},
	);
});

test("a PSA that is not read", async () => {
	await comesAndGoes(
		"sync_age",
		async () => {
			await server.pause();
			await sql(server, `UPDATE psa SET synced_at = ${ago(60 * 51)};`);
		},
		async () => {
			assert.ok((await figure("trueup_psa_sync_age_seconds")) > 50 * 3600);
			assert.equal((await server.api("PATCH", "/settings", { alarm_sync_hours: 0 })).status, 200);
		},
	);
});

test("a disk that fills", async () => {
	await comesAndGoes(
		"disk",
		async () => assert.equal((await server.api("PATCH", "/settings", { alarm_disk_mb: 1000000000 })).status, 200),
		async () => assert.equal((await server.api("PATCH", "/settings", { alarm_disk_mb: 1 })).status, 200),
	);
	measured("alarms", 4);
});

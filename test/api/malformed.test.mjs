// Thousands of kept requests that no honest client sends: each gets a 4xx in the error's own shape, none a 5xx, and
// afterwards every table is as it was.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, test } from "node:test";
import { malformed } from "../lib/malformed.mjs";
import { measured } from "../lib/measured.mjs";
import { count, mapService, startFeed, startMsp, sync } from "../lib/msp.mjs";
import { raw } from "../lib/raw.mjs";
import { request } from "../lib/server.mjs";
import { digests } from "../lib/store.mjs";

/* The cases are kept: whoever changes them changes this as well, knowingly. */
const KEPT = "e4eecc1cf3fc723a7ffa53270815611f68949e8d29ae16541fb5f5b3d4ee5e93";
const LANES = 16;
const CASES = malformed();

let server, sim, feed, ids;
before(async () => {
	({ server, sim } = await startMsp({ env: { TRUEUP_SIGNIN_RATE: "0" } }));
	feed = await startFeed(server, "Nimbus", [{ id: "A", name: "Northwind Dental" }], ["S"]);
	await mapService(server, feed, "S", "CORO-EDR");
	await count(server, feed, { A: { S: 5 } });
	await sync(server, feed);
	const first = async (path) => (await server.api("GET", path)).body.items[0].id;
	ids = {
		card: await first("/cards?limit=1"),
		integration: feed.id,
		service: (await feed.service("S")).id,
		vendoraccount: (await feed.account("A")).id,
		account: await first("/psa/accounts?limit=1"),
		product: await first("/psa/products?limit=1"),
	};
});
after(async () => {
	await server?.stop();
	await sim?.stop();
});

const fill = (text) => text.replace(/<([a-z]+)>/g, (word, name) => ids[name] ?? word);

/** The bytes of a case as they go over the wire. */
function bytes(c) {
	if (c.bytes) return Buffer.from(c.bytes, "latin1");
	const headers = { host: "x", connection: "close", ...c.headers };
	if (!c.anonymous) Object.assign(headers, c.vendor ? { "gradient-token": feed.token } : { authorization: `Bearer ${server.token}` });
	const body = c.hex !== undefined ? Buffer.from(c.hex, "hex") : Buffer.from(fill(c.body ?? ""));
	if (c.body !== null || c.hex !== undefined) Object.assign(headers, { "content-length": body.length, "content-type": c.type });
	const lines = Object.entries(headers).map(([k, v]) => `${k}: ${v}\r\n`);
	return Buffer.concat([Buffer.from(`${c.method} ${fill(c.path)} HTTP/1.1\r\n${lines.join("")}\r\n`, "latin1"), body]);
}

function shape(c, answer) {
	const vendor = (c.path ?? c.bytes ?? "").includes("/api/vendor-api");
	const body = JSON.parse(answer.body);
	if (vendor && body.statusCode !== undefined) {
		assert.equal(body.statusCode, answer.status);
		assert.ok(body.message);
		return;
	}
	assert.equal(answer.headers["content-type"], "application/problem+json");
	assert.equal(body.status, answer.status);
	assert.ok(body.title && body.detail);
	assert.equal(body.request_id, answer.headers["x-request-id"]);
}

test("the cases are the kept ones", () => {
	assert.ok(CASES.length >= 3000, `${CASES.length}`);
	assert.equal(createHash("sha256").update(JSON.stringify(CASES)).digest("hex"), KEPT);
});

test("each is answered 4xx in the error's shape, and no row changes", async () => {
	const before = await digests(server);
	const wrong = [];
	const statuses = {};
	let next = 0;
	const lane = async () => {
		while (next < CASES.length) {
			const c = CASES[next++];
			const { answers } = await raw(server.url, [bytes(c)], { ms: 8000, pause: 0 });
			try {
				assert.ok(answers.length >= 1, "no answer");
				const [answer] = answers;
				assert.ok(answer.status >= 400 && answer.status < 500, `status ${answer.status} ${answer.body.slice(0, 200)}`);
				shape(c, answer);
				statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
			} catch (e) {
				wrong.push(`${JSON.stringify(c).slice(0, 260)}\n   ${e.message.split("\n")[0]}`);
			}
		}
	};
	await Promise.all(Array.from({ length: LANES }, lane));
	assert.equal(wrong.length, 0, `${wrong.length} of ${CASES.length}:\n${wrong.slice(0, 60).join("\n")}`);
	for (const status of [400, 401, 404]) assert.ok(statuses[status] > 100, JSON.stringify(statuses));
	assert.ok(Object.keys(before).length > 25, "few tables were compared");
	assert.deepEqual(await digests(server), before);
	const alive = await request(`${server.url}/readyz`, "GET");
	assert.equal(alive.status, 200);
	measured("malformed", CASES.length);
});

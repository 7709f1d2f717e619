// Told to end in the middle of work: nothing that was answered is lost, nothing is half there, it ends in time; and a client that
// drips its request holds up nobody.
import assert from "node:assert/strict";
import { connect as dial } from "node:net";
import { test } from "node:test";
import { measured } from "../lib/measured.mjs";
import { request, startServer, until } from "../lib/server.mjs";
import { caller, connect, ledger, pair } from "../lib/vendor.mjs";

const env = { TRUEUP_PUSH_RATE: "0", TRUEUP_APP_RATE: "0" };
const ROUNDS = 4;
const SENDERS = 50;

test("SIGTERM while fifty send: every answer of success is in the ledger", async () => {
	let server = await startServer({ env });
	const vendor = await connect(server);
	const at = await pair(server, vendor);
	const told = new Set();
	let value = 0, cut = 0, refused = 0;
	try {
		for (let round = 0; round < ROUNDS; round++) {
			const { call } = caller(server, vendor.token);
			const sender = async () => {
				for (;;) {
					const mine = ++value;
					try {
						const answer = await call("POST", `/service/${at.service}/count`, { accountId: at.account, unitCount: mine });
						if (answer.status === 201) {
							told.add(String(mine));
							continue;
						}
						assert.equal(answer.status, 503, answer.text);
						refused++;
						return;
					} catch (e) {
						if (e.code === "ERR_ASSERTION") throw e;
						cut++;
						return;
					}
				}
			};
			const work = Array.from({ length: SENDERS }, sender);
			const before = told.size;
			const over = refused + cut;
			await until(async () => told.size > before + SENDERS || refused + cut > over, { ms: 60000, every: 5, what: "an answer for each sender" });
			await new Promise((r) => setTimeout(r, 100 * round));
			assert.equal(await server.pause(), 0, server.stderr.slice(-2000));
			await Promise.all(work);
			server = await startServer({ env, dir: server.dir, store: server.store, token: server.token });
			const kept = (await ledger(server, vendor)).map((o) => o.units);
			assert.equal(new Set(kept).size, kept.length, "a count is there twice");
			const there = new Set(kept);
			for (const v of told) assert.ok(there.has(v), `count ${v} was answered and is lost`);
		}
		// Whoever sent was stopped by the end of the server and by nothing else, in the middle of its work.
		assert.equal(cut + refused, SENDERS * ROUNDS);
		assert.ok(told.size > ROUNDS * SENDERS, `${told.size} answered`);
		measured("sigterm", SENDERS * ROUNDS);
	} finally {
		await server.stop();
	}
});

/* A request has twice thirty seconds, so this takes more than a minute. */

test("clients that drip hold up nobody, and are sent away; who sends steadily is not", { timeout: 200000 }, async () => {
	const DRIPPERS = process.env.TRUEUP_FAULT === "all" ? 1000 : 40;
	const server = await startServer({ env });
	const { hostname, port } = new URL(server.url);
	const sockets = [];
	try {
		let closed = 0;
		for (let i = 0; i < DRIPPERS; i++) {
			const socket = dial({ host: hostname, port: Number(port) });
			sockets.push(socket);
			socket.on("error", () => {});
			socket.on("data", () => {});
			const text = i % 2 ? "GET /api/v1/cards HTTP/1.1\r\nHost: x\r\nX-A: " : "POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n{";
			let n = 0;
			// One half drips its headers, the other its body.
			socket.write(i % 2 ? text.slice(0, 10) : text);
			const timer = setInterval(() => (socket.destroyed ? clearInterval(timer) : socket.write((i % 2 && text[10 + n++]) || "a")), 2000);
			socket.on("close", () => {
				closed++;
				clearInterval(timer);
			});
		}
		// Longer than the drippers get, but at a rate.
		const piece = " ".repeat(32768);
		let steady = "";
		const body = 24;
		const up = dial({ host: hostname, port: Number(port) });
		sockets.push(up);
		up.on("error", () => {});
		up.on("data", (d) => (steady += d));
		up.write(`POST /api/v1/session HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${body * piece.length}\r\n\r\n`);
		const began = Date.now();
		const times = [];
		let sent = 0;
		await until(
			async () => {
				const from = performance.now();
				assert.equal((await request(`${server.url}/readyz`, "GET")).status, 200);
				times.push(performance.now() - from);
				if (sent < body && Date.now() - began > sent * 1000) {
					up.write(piece);
					sent++;
				}
				return closed === DRIPPERS && steady.includes("\r\n\r\n");
			},
			{ ms: 120000, what: `the end of ${DRIPPERS} drippers and of one steady upload` },
		);
		assert.equal(sent, body);
		assert.match(steady, /^HTTP\/1\.1 4\d\d /, "the steady one got its answer");
		times.sort((a, b) => a - b);
		assert.ok(times.length > 50, `only ${times.length} answers`);
		if (DRIPPERS === 1000) assert.ok(times[Math.floor(times.length * 0.99)] < 500, "others waited");
		measured(DRIPPERS === 1000 ? "slow_loris_long" : "slow_loris", DRIPPERS);
	} finally {
		for (const s of sockets) s.destroy();
		await server.stop();
	}
});

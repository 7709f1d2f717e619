// Another master key: at every step of the rotation the program is killed or fails, and whoever starts next has
// every credential, whichever key it is sealed with by then. Wrong keys are refused in words, and change nothing.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { armory, pointsOf } from "../lib/failpoint.mjs";
import { measured } from "../lib/measured.mjs";
import { startServer, startSim, until } from "../lib/server.mjs";
import { connectPsa } from "../lib/msp.mjs";

const LONG = process.env.TRUEUP_FAULT === "all";
const MANY = LONG ? 10000 : 200;
let server, sim;
before(async () => {
	sim = await startSim("connectwise", "sim/fixtures/small.json");
	server = await startServer({ env: { TRUEUP_APP_RATE: "0" } });
	await connectPsa(server, sim);
});
after(async () => {
	await server?.stop();
	await sim?.stop();
});

const keyFile = (more = "") => join(server.dir, `master.key${more}`);
const key = () => readFileSync(keyFile(), "utf8").trim();

/** The credentials of the PSA open: it answers to them. */
async function opens() {
	const tried = await server.api("POST", "/psa/test");
	assert.equal(tried.status, 200, tried.text);
	assert.equal(tried.body.ok, true, tried.text);
}

test("rotated: another key, the old one kept beside it, every credential opens", async () => {
	const old = key();
	const kept = { "idempotency-key": "before-rotation" };
	const made = await server.api("POST", "/tokens", { name: "kept", role: "viewer" }, kept);
	await server.pause();
	const done = await server.cli(["rotate-key", "--json"]);
	assert.equal(done.status, 0, done.stderr);
	assert.ok(done.json.credentials >= 2);
	assert.notEqual(key(), old);
	assert.equal(readFileSync(keyFile(`.${done.json.old_key}`), "utf8").trim(), old);
	assert.equal(statSync(keyFile()).mode & 0o777, 0o600);
	assert.ok(!existsSync(keyFile(".next")));
	server = await server.restart();
	await opens();
	const again = await server.api("POST", "/tokens", { name: "kept", role: "viewer" }, kept);
	assert.deepEqual(again.body, made.body, "a kept answer is the same after the rotation");
	const log = await server.api("GET", "/audit?event=key.rotated");
	assert.equal(log.body.items.length, 1);
	assert.ok(!JSON.stringify(log.body).includes(old) && !JSON.stringify(log.body).includes(key()));
});

test("killed or failed at each step, twice in a row: the next start has every credential", async () => {
	const points = pointsOf("rotate.");
	assert.ok(points.length >= 7, `${points}`);
	let fired = 0;
	for (const point of points) {
		for (const kind of ["kill", "error"]) {
			const weapon = armory();
			await server.pause();
			for (let round = 0; round < 2; round++) {
				weapon.arm(point, kind);
				const run = await server.cli(["rotate-key"], { env: { TRUEUP_ALLOW_PRIVATE_REMOTES: "1", ...weapon.env } });
				assert.equal(weapon.fired(), point, `${point} ${kind} never fired: ${run.stderr}`);
				if (kind === "kill") assert.equal(run.signal, "SIGKILL");
				else assert.equal(run.status, 1);
				weapon.disarm();
				fired++;
			}
			const doctor = await server.cli(["doctor", "--json"]);
			assert.equal(doctor.status, 0, `${point} ${kind}: ${doctor.stdout}`);
			server = await server.restart();
			await opens();
		}
	}
	const verified = await server.cli(["audit", "verify"]);
	assert.equal(verified.status, 0);
	measured("rotation_kills", fired);
});

test("a wrong key is refused in words, and nothing is changed", async () => {
	await server.pause();
	const right = key();
	const files = readdirSync(server.dir).filter((f) => f.startsWith("master.key")).sort();
	const wrong = join(server.dir, "wrong");
	writeFileSync(wrong, `${"ab".repeat(32)}\n`);
	for (const words of [["rotate-key"], ["serve", "--listen", "127.0.0.1:0"]]) {
		const run = await server.cli([...words, "--master-key-file", wrong, ...(words[0] === "rotate-key" ? ["--new-key-file", wrong] : [])]);
		assert.equal(run.status, 1);
		assert.match(run.stderr, /sealed with master key [0-9a-f]{16}, but the key given is [0-9a-f]{16}/);
		assert.match(run.stderr, /Nothing was changed/);
	}
	writeFileSync(wrong, "not a key\n");
	const bad = await server.cli(["rotate-key", "--new-key-file", wrong]);
	assert.equal(bad.status, 2);
	assert.match(bad.stderr, /32 bytes in hex or base64/);
	assert.equal(key(), right);
	assert.deepEqual(readdirSync(server.dir).filter((f) => f.startsWith("master.key")).sort(), files);
	server = await server.restart();
	await opens();
});

test("a key from outside the folder needs its successor named, and the store takes it", async () => {
	await server.pause();
	const [one, two] = [join(server.dir, "one"), join(server.dir, "two")];
	writeFileSync(one, `${key()}\n`, { mode: 0o600 });
	writeFileSync(two, `${"cd".repeat(32)}\n`, { mode: 0o600 });
	const unnamed = await server.cli(["rotate-key", "--master-key-file", one]);
	assert.equal(unnamed.status, 2);
	assert.match(unnamed.stderr, /--new-key-file/);
	const same = await server.cli(["rotate-key", "--master-key-file", one, "--new-key-file", one]);
	assert.match(same.stderr, /is the one the store has/);
	const there = await server.cli(["rotate-key", "--master-key-file", one, "--new-key-file", two]);
	assert.equal(there.status, 0, there.stderr);
	const lost = await server.cli(["serve", "--listen", "127.0.0.1:0"]);
	assert.match(lost.stderr, /but the key given is/);
	const back = await server.cli(["rotate-key", "--master-key-file", two, "--new-key-file", one]);
	assert.equal(back.status, 0, back.stderr);
	server = await server.restart();
	await opens();
});

test(`${MANY} credentials, and a server that ran meanwhile takes no new one under the old key`, async () => {
	const settings = { client_id: "coro-client", client_secret: "coro-secret", base_url: sim.url, channel_workspace_id: "msp_9QX1_r" };
	const ids = [];
	while (ids.length < MANY) {
		const some = Array.from({ length: Math.min(100, MANY - ids.length) }, (_, i) =>
			server.api("POST", "/integrations", { vendor: "coro", name: `Vendor ${ids.length + i}`, settings }),
		);
		for (const made of await Promise.all(some)) {
			assert.equal(made.status, 201, made.text);
			ids.push(made.body.id);
		}
	}
	const done = await server.cli(["rotate-key", "--json"]);
	assert.equal(done.status, 0, done.stderr);
	assert.ok(done.json.credentials >= MANY, `${done.json.credentials}`);
	const late = await server.api("PATCH", `/integrations/${ids[0]}`, { settings: { client_secret: "another" } });
	assert.equal(late.status, 503);
	const log = () => /sealed with master key |was changed while this server ran/.test(server.stderr);
	await until(log, { ms: 5000, what: "what to do, in the log" });
	server = await server.restart();
	await opens();
	const now = await server.api("PATCH", `/integrations/${ids[0]}`, { settings: { client_secret: "another" } });
	assert.equal(now.status, 200, now.text);
	measured(LONG ? "rotated" : "rotated_few", done.json.credentials);
});

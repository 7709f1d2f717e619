// A disk that fails and a disk that is full, at one write after another: what was answered 201 is there, what was not may be
// asked again, reads go on, and all is well as soon as the disk is. The faults are put under the running server by strace.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { measured } from "../lib/measured.mjs";
import { request, tempDir, until } from "../lib/server.mjs";
import { caller, ledger, pair, startVendor } from "../lib/vendor.mjs";

const skip = process.env.TRUEUP_TEST_DB ? "PostgreSQL keeps its own files" : false;
const LONG = process.env.TRUEUP_FAULT === "all";
const ROUNDS = LONG ? 200 : 30;
const PUSHES = 6;

let server, vendor, at, call;
let value = 0;
const told = new Set();

before(async () => {
	if (skip) return;
	({ server, vendor } = await startVendor());
	at = await pair(server, vendor);
	({ call } = caller(server, vendor.token));
});
after(() => server?.stop());

/** Calls of the server that fail from now on: {hits(), stop()}. `when` counts in each thread: "3", "1+". */
async function strace(calls, error, when) {
	const log = join(tempDir(), "strace");
	const pid = String(server.child.pid);
	const child = spawn("strace", ["-f", "-qq", "-o", log, "-p", pid, "-e", `trace=${calls}`, "-e", `inject=${calls}:error=${error}:when=${when}`], { stdio: "ignore" });
	const ended = new Promise((done, fail) => {
		child.on("exit", done);
		child.on("error", fail);
	});
	const tracer = () => /^TracerPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1];
	await until(() => tracer() !== "0" && existsSync(log), { ms: 10000, every: 10, what: "strace" });
	return {
		hits: () => readFileSync(log, "utf8").split("(INJECTED)").length - 1,
		stop: async () => {
			child.kill("SIGINT");
			await ended;
		},
	};
}

async function push() {
	const mine = ++value;
	const answer = await call("POST", `/service/${at.service}/count`, { accountId: at.account, unitCount: mine });
	if (answer.status === 201) told.add(String(mine));
	return answer;
}

async function check() {
	const kept = (await ledger(server, vendor)).map((o) => o.units);
	assert.equal(new Set(kept).size, kept.length, "a count is there twice");
	for (const v of told) assert.ok(kept.includes(v), `count ${v} was answered 201 and is lost`);
}

/** Well again within ten seconds. */
async function recovers() {
	await until(async () => (await push()).status === 201, { ms: 10000, what: "a push after the repair" });
	assert.equal((await request(`${server.url}/readyz`, "GET")).status, 200);
}

async function rounds(error, whenOf, mustRefuse) {
	let hits = 0;
	for (let round = 0; round < ROUNDS; round++) {
		const calls = round % 3 === 2 ? "fdatasync,fsync" : "pwrite64";
		const fault = await strace(calls, error, whenOf(round));
		let refused = 0;
		try {
			for (let i = 0; i < PUSHES; i++) {
				const answer = await push();
				if (answer.status !== 201) {
					refused++;
					assert.ok([500, 503, 507].includes(answer.status), `${answer.status} ${answer.text}`);
				}
				assert.equal((await server.api("GET", "/integrations")).status, 200, "a read failed");
			}
		} finally {
			await fault.stop();
		}
		assert.ok(fault.hits() > 0, `round ${round}: nothing was injected`);
		hits += fault.hits();
		if (mustRefuse) assert.equal(refused, PUSHES, `round ${round}: a write was taken without a disk`);
		await recovers();
	}
	await check();
	assert.ok(told.size > ROUNDS);
	return hits;
}

test("an I/O error at one write or sync after another", { skip }, async () => {
	// Six pushes one after another sync six times at least: the fifth sync is always there to fail.
	measured(LONG ? "io_errors_long" : "io_errors", await rounds("EIO", (round) => String(1 + (Math.floor(round / 3) % 5)), false));
});

test("a disk that stays full: every write is refused, every read is answered, and it heals", { skip }, async () => {
	measured(LONG ? "disk_full_long" : "disk_full", await rounds("ENOSPC", () => "1+", true));
	const doctor = await server.cli(["doctor", "--json"]);
	assert.equal(doctor.json.checks.find((c) => c.name === "integrity").ok, true);
});

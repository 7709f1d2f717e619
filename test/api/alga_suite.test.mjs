// The suite that `make e2e-alga` runs against a real Alga, here against the simulated one: so that it works on the day it is needed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { run, startSim, TOP } from "../lib/server.mjs";

test("the suite for a real Alga passes on the simulated one", async () => {
	const alga = await startSim("alga", "sim/fixtures/psa_alga.json");
	try {
		const env = { ALGA_URL: alga.url, ALGA_KEY: "recon-key-1", ALGA_DIR: "" };
		// Else Node would take it for a file of this very run, and skip it.
		const result = await run("env", ["-u", "NODE_TEST_CONTEXT", "node", "--test", "--test-reporter=tap", "test/e2e/alga.mjs"], { env, cwd: TOP });
		assert.equal(result.status, 0, result.stdout + result.stderr);
		assert.match(result.stdout, /^# pass 2$/m);
		const changes = (await alga.ledger()).items;
		assert.equal(changes.length, 2, "one change, and its rollback");
	} finally {
		await alga.stop();
	}
});

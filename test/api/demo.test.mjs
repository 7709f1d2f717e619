// The demo is the whole guide; it must hold from the first step to the last.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { run, TOP } from "../lib/server.mjs";

test("make demo ONCE=1 ends with 0", async () => {
	const done = await run("node", [join(TOP, "tools/demo/demo.mjs"), "--once"], { cwd: TOP });
	assert.equal(done.status, 0, done.stdout + done.stderr);
	assert.doesNotMatch(done.stdout, /FAILED/);
	assert.match(done.stdout, /All of it held\.\n$/);
});

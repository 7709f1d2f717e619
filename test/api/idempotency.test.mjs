// Idempotency-Key on what makes something: the same again gives the same answer and makes nothing, also after a crash; another
// body is refused.
import assert from "node:assert/strict";
import { test } from "node:test";
import { measured } from "../lib/measured.mjs";
import { startServer } from "../lib/server.mjs";
import { list } from "../lib/vendor.mjs";

const EACH = 25;
const KINDS = [
	["/tokens", (i, more = "") => ({ name: `token ${i}${more}`, role: "viewer" })],
	["/users", (i, more = "") => ({ email: `p${i}${more}@northwind.example`, role: "viewer" })],
	["/integrations", (i, more = "") => ({ vendor: "custom", name: `Vendor ${i}${more}` })],
	["/approval-rules", (i, more = "") => ({ name: `rule ${i}${more}`, direction: "down", min_units: "5" })],
];

test("the same key: once, also after a crash; with another body 422", async () => {
	const env = { TRUEUP_APP_RATE: "0" };
	let server = await startServer({ env });
	let cases = 0;
	try {
		const first = [];
		const before = {};
		for (const [path] of KINDS) before[path] = (await list(server, `${path}?limit=200`)).length;
		for (const [path, body] of KINDS) {
			for (let i = 0; i < EACH; i++) {
				const headers = { "idempotency-key": `${path}-${i}` };
				const made = await server.api("POST", path, body(i), headers);
				assert.ok(made.status >= 200 && made.status < 300, `${path} ${made.status} ${made.text}`);
				const again = await server.api("POST", path, body(i), headers);
				assert.deepEqual([again.status, again.text], [made.status, made.text], path);
				const other = await server.api("POST", path, body(i, "x"), headers);
				assert.equal(other.status, 422, other.text);
				first.push([path, body(i), headers, made]);
				cases += 2;
			}
		}
		await server.kill();
		server = await startServer({ env, dir: server.dir, store: server.store, token: server.token });
		for (const [path, body, headers, made] of first) {
			const again = await server.api("POST", path, body, headers);
			assert.deepEqual([again.status, again.text], [made.status, made.text], `${path} after the crash`);
			cases++;
		}
		for (const [path] of KINDS) assert.equal((await list(server, `${path}?limit=200`)).length, before[path] + EACH, path);
		assert.equal(cases, KINDS.length * EACH * 3);
		measured("idempotency", cases);
	} finally {
		await server.stop();
	}
});

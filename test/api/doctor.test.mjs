// The doctor and the PSA: with every right it is content; each right taken away is named in the PSA's own words.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { request, startServer, startSim } from "../lib/server.mjs";

const KEYS = { company_id: "alderridge", public_key: "pubSmall00000001", private_key: "prvSmall00000001" };
let server, psa;
before(async () => {
	server = await startServer();
	psa = await startSim("connectwise", "sim/fixtures/small.json");
	const settings = { site: psa.url, ...KEYS, client_id: "11111111-2222-3333-4444-555555555555" };
	const put = await server.api("PUT", "/psa", { kind: "connectwise", settings });
	assert.equal(put.status, 200, put.text);
});
after(async () => {
	await psa?.stop();
	await server?.stop();
});

async function deny(...rights) {
	const answer = await request(`${psa.url}/_edit`, "POST", { body: { settings: { deny: rights } } });
	assert.ok(answer.status < 300, answer.text);
}

/** What is wrong, as the command line and as the API tell it: both must agree. */
async function complaints() {
	const done = await server.cli(["doctor", "--json"]);
	const test = (await server.api("POST", "/psa/test")).body;
	const failed = done.json.checks.filter((c) => !c.ok);
	assert.equal(done.json.ok, failed.length === 0);
	assert.equal(done.status, failed.length ? 3 : 0);
	assert.equal(test.ok, failed.length === 0);
	assert.deepEqual(
		failed.map((c) => c.detail),
		test.checks.filter((c) => !c.ok).map((c) => c.detail),
	);
	return failed;
}

test("with every right the doctor is content", async () => {
	await deny();
	assert.deepEqual(await complaints(), []);
});

for (const [right, words] of [
	["companies.inquire", /Company Maintenance: Inquire All/],
	["agreements.inquire", /Agreements: Inquire All/],
	["agreements.edit", /Agreements: Edit All/],
	["agreements.add", /Agreements: Add All/],
	["catalog.inquire", /Product Catalog: Inquire All/],
])
	test(`without ${right} the doctor says which right to give`, async () => {
		await deny(right);
		const failed = await complaints();
		assert.ok(failed.length >= 1);
		assert.ok(
			failed.some((c) => words.test(c.detail)),
			JSON.stringify(failed),
		);
		await deny();
	});

test("a PSA that does not answer is one failed check, and nothing secret is printed", async () => {
	const settings = { site: "http://127.0.0.1:9", ...KEYS, client_id: "11111111-2222-3333-4444-555555555555" };
	await server.api("PUT", "/psa", { kind: "connectwise", settings });
	const done = await server.cli(["doctor", "--json"]);
	assert.equal(done.status, 3);
	assert.ok(!done.stdout.includes(KEYS.private_key));
	assert.ok(!done.stderr.includes(KEYS.private_key));
	await server.api("PUT", "/psa", { kind: "connectwise", settings: { ...settings, site: psa.url } });
});

test("wrong keys are told apart from missing rights", async () => {
	await server.api("PUT", "/psa", { kind: "connectwise", settings: { site: psa.url, ...KEYS, private_key: "wrong", client_id: "x" } });
	const failed = await complaints();
	assert.ok(failed.some((c) => /key|sign|credential|401/i.test(c.detail)), JSON.stringify(failed));
});

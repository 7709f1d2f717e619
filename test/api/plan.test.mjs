// trueup plan and trueup apply: mapping and rules from a file.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { jobDone, startSim, tempDir } from "../lib/server.mjs";
import { connect, list, startVendor } from "../lib/vendor.mjs";

let server, vendor, psa;
before(async () => {
	psa = await startSim("connectwise", "sim/fixtures/small.json");
	({ server, vendor } = await startVendor());
	const settings = {
		site: psa.url,
		company_id: "alderridge",
		public_key: "pubSmall00000001",
		private_key: "prvSmall00000001",
		client_id: "7d0c2a53-6a0a-4c39-9c4b-1f2a77a5b9b0",
	};
	await server.api("PUT", "/psa", { kind: "connectwise", settings });
	await jobDone(server, (await server.api("POST", "/psa/sync", { mode: "full" })).body.job);
	await vendor.call("POST", "/organization/accounts", [
		{ id: "nd-1", name: "Dental, northern" },
		{ id: "kf-1", name: "Kestrel" },
		{ id: "lab", name: "Our own lab" },
	]);
	await vendor.call("POST", "/organization/services", [
		{ id: "edr", name: "EDR seats" },
		{ id: "mail", name: "Mailboxes" },
	]);
});
after(async () => {
	await server?.stop();
	await psa?.stop();
});

const dir = tempDir();
function file(content) {
	const path = join(dir, "plan.json");
	writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
	return path;
}
const plan = (content) => server.cli(["plan", file(content), "--json"]);
const apply = (content) => server.cli(["apply", file(content), "--json"]);
const item = async (what, id) => (await list(server, `/integrations/${vendor.id}/${what}`)).find((x) => x.vendor_id === id);

const WANTED = {
	integrations: [
		{
			integration: "Nimbus Vault",
			accounts: [
				{ account: "nd-1", psa_account: "Northwind Dental" },
				{ account: "kf-1", psa_account: "Kestrel Foods", detect_new_revenue: false },
				{ account: "lab", status: "excluded" },
			],
			services: [
				{ service: "edr", products: ["CORO-EDR"], unit_basis: "devices" },
				{ service: "mail", products: ["CORO-EMAIL", "BACKUP-TB"], mode: "split" },
			],
		},
	],
	rules: [
		{ name: "five are free", product: "CORO-EDR", included: "5", reason: "in the base price" },
		{ name: "packs of ten", account: "Kestrel Foods", contract: "Managed Services", round_step: 10 },
	],
	overrides: [{ account: "Kestrel Foods", product: "CORO-EDR", quantity: "12.0", reason: "as agreed", expires: "2099-12-31" }],
};

test("a plan shows everything and changes nothing", async () => {
	const done = await plan(WANTED);
	assert.equal(done.status, 0, done.stderr);
	assert.equal(done.json.applied, false);
	assert.equal(done.json.count, 8);
	assert.deepEqual(
		done.json.changes.map((c) => c.action),
		["set", "set", "set", "set", "set", "add", "add", "add"],
	);
	assert.equal((await item("accounts", "nd-1")).mapping.status, "unmapped");
	assert.equal((await list(server, "/rules")).length, 0);
	assert.equal((await server.api("GET", "/audit?event=mapping.")).body.items.length, 0);
});

test("applied, it is so, logged, and a second plan is empty", async () => {
	const done = await apply(WANTED);
	assert.equal(done.status, 0, done.stderr);
	assert.equal(done.json.count, 8);
	const [dental] = await list(server, "/psa/accounts?q=Northwind");
	assert.equal((await item("accounts", "nd-1")).mapping.psa_account_id, dental.id);
	assert.equal((await item("accounts", "lab")).mapping.status, "excluded");
	const mail = (await item("services", "mail")).mapping;
	assert.equal(mail.status, "mapped");
	assert.equal(mail.mode, "split");
	assert.equal((await list(server, "/rules")).length, 2);
	const [override] = await list(server, "/overrides");
	assert.equal(override.quantity, "12");
	const log = (await server.api("GET", "/audit?event=mapping.account")).body.items;
	assert.equal(log.length, 3);
	assert.equal(log[0].actor, "the command line");
	const again = await plan(WANTED);
	assert.equal(again.json.count, 0, JSON.stringify(again.json.changes));
	assert.equal((await apply(WANTED)).json.count, 0);
	assert.equal((await list(server, "/rules")).every((r) => r.version === 1), true);
	assert.equal((await server.api("GET", "/audit/verify")).body.ok, true);
});

test("only what differs is changed; rules that are left out are removed, mappings are not", async () => {
	const rules = [{ ...WANTED.rules[0], included: "6" }];
	const done = await apply({ rules });
	assert.deepEqual(
		done.json.changes.map((c) => c.action),
		["change", "remove"],
	);
	assert.equal(done.json.changes[0].before.included, "5");
	assert.equal((await list(server, "/overrides")).length, 1);
	assert.equal((await item("accounts", "lab")).mapping.status, "excluded");
	assert.equal((await apply({ overrides: [] })).json.count, 1);
	assert.equal((await list(server, "/overrides")).length, 0);
	assert.equal((await apply(WANTED)).json.count, 3);
});

test("a mistake is pointed at, and nothing of the file is applied", async () => {
	const before = await list(server, "/rules");
	const start = { integration: "Nimbus Vault" };
	const good = { name: "good", minimum: "1" };
	const cases = [
		[{ rules: [good, { name: "bad", included: "-1" }] }, /\/rules\/1\/included/],
		[{ rules: [good, { name: "bad" }] }, /\/rules\/1/],
		[{ rules: [good, good] }, /\/rules\/1/],
		[{ rules: [{ ...good, product: "NO-SUCH" }] }, /\/rules\/0\/product.*NO-SUCH/],
		[{ rules: [{ ...good, contract: "Managed Services" }] }, /\/rules\/0\/contract.*More than one/],
		[{ rules: [{ ...good, colour: "red" }] }, /\/rules\/0\/colour/],
		[{ rulez: [] }, /\/rulez/],
		[{ rules: {} }, /\/rules/],
		[{ overrides: [{ account: "Kestrel Foods", product: "CORO-EDR", quantity: "1" }] }, /\/overrides\/0\/reason/],
		[{ integrations: [{ integration: "Nobody" }] }, /\/integrations\/0\/integration/],
		[{ integrations: [{ ...start, accounts: [{ account: "none", status: "excluded" }] }] }, /\/integrations\/0\/accounts\/0/],
		[{ integrations: [{ ...start, accounts: [{ account: "lab" }] }] }, /accounts\/0\/status/],
		[{ integrations: [{ ...start, accounts: [{ account: "lab", psa_account: "Nobody Ltd" }] }] }, /accounts\/0\/psa_account/],
		[{ integrations: [{ ...start, services: [{ service: "edr", products: [] }] }] }, /services\/0\/product_ids/],
		[{ integrations: [{ ...start, services: [{ service: "edr", products: ["CORO-EDR"], mode: "mix" }] }] }, /services\/0\/mode/],
	];
	for (const [content, words] of cases) {
		for (const command of [plan, apply]) {
			const done = await command(content);
			assert.equal(done.status, 1, JSON.stringify(content));
			assert.match(done.json.detail, words);
		}
	}
	assert.deepEqual(await list(server, "/rules"), before);
	assert.notEqual((await plan("{ not json")).status, 0);
	assert.equal((await server.cli(["plan", "/nowhere/plan.json", "--json"])).status, 1);
	assert.equal((await server.cli(["plan", "--json"])).status, 2);
});

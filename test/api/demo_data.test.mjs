// Sample data to look around in: it goes the ways of real data, works like it, cannot reach a real PSA, and goes without a rest.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { as, jobDone, request, startServer, TOP, until } from "../lib/server.mjs";
import { list } from "../lib/vendor.mjs";

let server;
before(async () => {
	server = await startServer({ env: { TRUEUP_APP_RATE: "0" } });
});
after(() => server?.stop());

const all = (path) => list(server, path);
const ok = async (method, path, body) => {
	const answer = await server.api(method, path, body);
	assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${answer.text}`);
	return answer.body;
};
const start = async () => jobDone(server, (await ok("POST", "/demo")).job);
const quiet = () =>
	until(async () => (await all("/jobs")).every((j) => j.state !== "running" && j.state !== "queued"), {
		ms: 60000,
		what: "the end of all jobs",
	});
/** A job that still runs ends first. */
const end = () =>
	until(
		async () => {
			const answer = await server.api("DELETE", "/demo");
			assert.ok([204, 503].includes(answer.status), answer.text);
			if (answer.status === 503) assert.equal(answer.headers.get("retry-after"), "1");
			return answer.status === 204;
		},
		{ ms: 60000, what: "the end of the demo" },
	);
const me = () => ok("GET", "/me");

test("only an administrator begins and ends a demo, and only a demo can be ended", async () => {
	assert.equal((await me()).demo, false);
	for (const role of ["viewer", "approver"]) {
		const api = await as(server, role);
		assert.equal((await api("POST", "/demo")).status, 403);
		assert.equal((await api("DELETE", "/demo")).status, 403);
	}
	const none = await server.api("DELETE", "/demo");
	assert.equal(none.status, 409);
	assert.match(none.body.detail, /holds no demo data/);
});

test("it is made of a line report, counts of several months, mappings and rules, and the cards follow from them", async () => {
	const first = await ok("POST", "/demo");
	assert.equal((await ok("POST", "/demo")).job, first.job, "asked again it is the same one");
	await jobDone(server, first.job);
	await quiet();
	assert.equal((await me()).demo, true);

	const lines = readFileSync(join(TOP, "samples/demo/lines.csv"), "utf8").trim().split("\n").length - 1;
	const summary = await ok("GET", "/psa/summary");
	assert.deepEqual([summary.accounts, summary.lines], [25, lines]);
	assert.equal((await ok("GET", "/psa")).kind, "files");

	const integrations = await all("/integrations");
	assert.deepEqual(integrations.map((i) => `${i.vendor} ${i.state}`).sort(), ["cipp active", "comet active", "coro active"]);
	const cards = await all("/cards");
	for (const kind of ["reconcile", "no_change", "new_revenue"])
		assert.ok(cards.some((c) => c.kind === kind), `a card of kind ${kind}`);
	for (const state of ["known", "missing", "stale"])
		assert.ok(cards.some((c) => c.value_state === state), `a count that is ${state}`);
	assert.ok(cards.some((c) => c.change_money?.startsWith("-")) && cards.some((c) => Number(c.change_money) > 0));

	const of = async (account, code) =>
		ok("GET", `/cards/${cards.find((c) => c.account.name === account && c.product.code === code)?.id}`);
	const included = await of("Nordlicht Energie", "BKP-M365");
	assert.equal(included.target_units, "26", "31 counted, 5 included");
	assert.match(JSON.stringify(included.why), /Five mailboxes are included/);
	assert.equal((await of("Ironbridge Manufacturing", "EDR")).choices.length, 2, "one customer with two agreements");
	assert.equal((await of("Meridian Travel", "M365-BP")).target_units, "10", "nine are counted, ten were promised");
});

test("a count of months ago is in the ledger as observed then and received now", async () => {
	const coro = (await all("/integrations")).find((i) => i.vendor === "coro");
	const edr = (await all(`/integrations/${coro.id}/services`)).find((s) => s.vendor_id === "edr");
	const account = (await all(`/integrations/${coro.id}/accounts`)).find((a) => a.name === "Harbor Point Legal");
	const told = await all(`/integrations/${coro.id}/observations?service=${edr.id}&account=${account.id}`);
	assert.deepEqual(told.map((o) => o.units), ["28", "29", "30", "30", "33"]);
	const now = Date.now();
	const months = told.slice(0, 4).map((o) => o.observed_at);
	assert.ok(months.every((at) => /-01T00:00:00Z$/.test(at)) && new Set(months).size === 4, months.join());
	assert.ok(told.every((o) => now - Date.parse(o.received_at) < 3600e3));
	assert.ok(now - Date.parse(told[0].observed_at) > 80 * 86400e3);
});

test("some names are mapped because they are equal, some by hand, one is left out, and the rest waits with suggestions", async () => {
	const accounts = [];
	for (const i of await all("/integrations")) accounts.push(...(await all(`/integrations/${i.id}/accounts`)));
	const how = (how) => accounts.filter((a) => a.mapping.status === "mapped" && a.mapping.how === how).length;
	assert.ok(accounts.filter((a) => a.mapping.status === "excluded").length === 1, JSON.stringify(accounts[0]));
	const open = accounts.filter((a) => a.mapping.status === "unmapped").map((a) => a.name);
	assert.ok(open.includes("Oakhurst Realty LLC") && open.includes("Baeckerei Schoenfeld"), open.join());
	assert.ok(how("person") >= 3 && how("exact") > 20, `${how("person")} by hand, ${how("exact")} by name`);
});

test("approving works and stays here: the work list, its CSV, and back", async () => {
	const cards = (await all("/cards")).filter((c) => c.kind === "reconcile" && c.state === "open" && c.line_id).slice(0, 3);
	assert.equal(cards.length, 3);
	await ok("POST", "/cards/approve", { ids: cards.map((c) => c.id) });
	await quiet();
	const work = await all("/worklist");
	assert.equal(work.length, 3);
	const csv = await server.api("GET", "/worklist.csv");
	assert.equal(csv.text.trim().split(/\r?\n/).length, 4);
});

test("the log names what its rows are about, and what is gone has no name", async () => {
	const comet = (await all("/integrations")).find((i) => i.vendor === "comet");
	const account = (await all(`/integrations/${comet.id}/accounts`)).find((a) => a.name === "Baeckerei Schoenfeld");
	const path = `/integrations/${comet.id}/accounts/${account.id}/mapping`;
	await ok("PUT", path, { status: "excluded" });
	await ok("PUT", path, { status: "unmapped" });
	const [card] = (await all("/cards")).filter((c) => c.state === "open");
	const tag = await ok("POST", "/tags", { name: "Passing", color: "#3355aa" });
	await ok("DELETE", `/tags/${tag.id}`);
	await ok("PATCH", `/integrations/${comet.id}`, { name: "Comet" });
	await ok("POST", "/cards/dismiss", { ids: [card.id], note: "seen" });
	const log = await all("/audit");
	const named = (event) => log.find((r) => r.event === event)?.object_name;
	assert.match(named("cards.approve"), /^[A-Z].+, .+ \+2$/);
	assert.equal(named("cards.dismiss"), `${card.account.name}, ${card.product.name}`);
	assert.equal(named("mapping.account"), "Baeckerei Schoenfeld");
	assert.equal(named("integration.changed"), "Comet");
	assert.equal(named("tag.made"), null);
	await quiet();
});

test("no PSA and no report of somebody's own meets the sample mappings", async () => {
	const put = await server.api("PUT", "/psa", { kind: "syncro", settings: {} });
	assert.equal(put.status, 409, put.text);
	assert.match(put.body.detail, /demo data/);
	const file = await bring("Customer,Product,Quantity\nMine,Seats,3\n");
	assert.equal(file.status, 409, file.text);
	assert.equal((await ok("GET", "/psa/summary")).accounts, 25);
});

/** Rows of the organization by table, from the export. */
async function tables() {
	const out = await server.cli(["export"]);
	assert.equal(out.status, 0, out.stderr);
	const count = {};
	for (const line of out.stdout.trim().split("\n")) {
		const { table } = JSON.parse(line);
		if (table) count[table] = (count[table] ?? 0) + 1;
	}
	return count;
}

// What a demo's end leaves alone. A new table is either here or in src/db/sql/demo.sql.
const STAYS = [
	"orgs", "settings", "users", "tokens", "sessions", "signin_tries", "links", "secrets", "audit", "audit_heads", "idempotency",
	"schema_version", "second_factors", "recovery_codes", "sso", "sso_states", "sso_identities", "commit_marks", "passkeys",
];

test("every table is either cleared or left alone on purpose", () => {
	const folder = join(TOP, "src/db/schema");
	const named = (words) => readdirSync(folder).flatMap((f) =>
		[...readFileSync(join(folder, f), "utf8").matchAll(words)].map((m) => m[1]),
	);
	const gone = named(/^DROP TABLE (\w+)/gm);
	const made = named(/^CREATE TABLE (?:IF NOT EXISTS )?(\w+)/gm).filter((t) => !gone.includes(t));
	const text = readFileSync(join(TOP, "src/db/sql/demo.sql"), "utf8");
	const cleared = [...text.matchAll(/^DELETE FROM (\w+) WHERE org_id = \$1(?:$| AND)/gm)].map((m) => m[1]);
	const known = [...cleared, ...STAYS];
	assert.deepEqual(made.filter((t) => !known.includes(t)), []);
	assert.ok(made.length > 50);
});

test("its end takes everything away but people, settings and the log; then it is a new organization", async () => {
	await ok("PATCH", "/settings", { sync_hour: 5 });
	const tag = await ok("POST", "/tags", { name: "Key account", color: "#3355aa" });
	assert.ok(tag.id);
	assert.equal((await tables()).psa_accounts, 25);
	await ok("POST", "/psa/sync", { mode: "full" });
	await end();
	assert.equal((await me()).demo, false);
	const left = Object.keys(await tables()).filter((t) => !STAYS.includes(t));
	assert.deepEqual(left, []);
	assert.equal(await ok("GET", "/psa"), null);
	assert.deepEqual([await all("/cards"), await all("/worklist"), await all("/integrations"), await all("/tags")], [[], [], [], []]);
	const hour = (await all("/settings")).find((s) => s.name === "sync_hour");
	assert.equal(hour.value, 5);
	const log = (await all("/audit")).map((a) => a.event);
	assert.ok(log.includes("demo.started") && log.includes("demo.ended") && log.includes("cards.approve"), log.join());
	const verdict = await server.cli(["audit", "verify"]);
	assert.equal(verdict.status, 0, verdict.stderr);
});

const bring = (text) =>
	request(`${server.url}/api/v1/psa/file?filename=mine.csv`, "POST", {
		raw: Buffer.from(text),
		headers: { authorization: `Bearer ${server.token}`, "content-type": "text/csv" },
	});

test("it can begin again, also over a PSA that was never read; over one that was read it never begins", async () => {
	await ok("PUT", "/psa", { kind: "syncro", settings: { site: "https://wrong.example", api_token: "mistyped" } });
	await start();
	await quiet();
	assert.ok((await all("/cards")).length > 40);
	await end();
	await ok("PUT", "/psa", { kind: "files", settings: {} });
	assert.equal((await bring("Customer,Product,Quantity\nMine,Seats,3\n")).status, 200);
	await jobDone(server, (await ok("POST", "/psa/sync", { mode: "full" })).job);
	const taken = await server.api("POST", "/demo");
	assert.equal(taken.status, 409);
	assert.match(taken.body.detail, /where nothing is yet/);
	assert.equal((await me()).demo, false);
});

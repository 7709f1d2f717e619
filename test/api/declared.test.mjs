// Every declared vendor against a simulator that speaks its wire: the fixture beside it holds what was worked out by
// hand. Pages, zeros, devices that are off, equal names, 429, wrong credentials and half an answer, for each of them.
import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { jobDone, startServer, startSim, TOP, tempDir, trueup } from "../lib/server.mjs";

const env = { TRUEUP_ALLOW_PRIVATE_REMOTES: "1" };
// A file, not what JavaScript makes of it: an id of 2^53 + 1 must stay one.
const fixtureFile = (id) => `sim/fixtures/vendors/${id}.json`;
const read = (file) => JSON.parse(readFileSync(join(TOP, file), "utf8"));
const vendors = readdirSync(join(TOP, "vendors"))
	.filter((f) => f.endsWith(".json") && f !== "schema.json")
	.map((f) => f.slice(0, -5));
const settingsOf = (fixture, sim, more = {}) =>
	Object.fromEntries(
		Object.entries({ ...fixture.try.settings, ...more }).map(([k, v]) => [k, v.replaceAll("{base}", sim.url)]),
	);
const tryRead = (what, settings) =>
	trueup(["vendor", "try", what, ...Object.entries(settings).flatMap(([k, v]) => ["--set", `${k}=${v}`]), "--json"], {
		env,
	});

function compare(got, wanted) {
	assert.equal(got.complete, true);
	assert.deepEqual(got.services, wanted.services);
	assert.equal(got.accounts.length, wanted.accounts);
	const byId = Object.fromEntries(got.accounts.map((a) => [a.id, a]));
	assert.equal(Object.keys(byId).length, wanted.accounts, "ids are told apart");
	for (const [id, account] of Object.entries(wanted.some)) {
		assert.ok(byId[id], `account ${id}`);
		assert.equal(byId[id].name, account.name);
		if (account.missing) assert.match(byId[id].missing, new RegExp(account.missing));
		else assert.equal(byId[id].missing, null);
		assert.deepEqual(byId[id].counts, account.counts ?? {}, `counts of ${id}`);
	}
	for (const [service, sum] of Object.entries(wanted.sum ?? {})) {
		const is = got.accounts.reduce((n, a) => n + Number(a.counts[service] ?? 0), 0);
		assert.equal(is, sum, `sum of ${service}`);
	}
}

for (const id of vendors) {
	test(`${id}: worked out by hand, also past a 429; wrong credentials; half an answer`, async (t) => {
		const fixture = read(fixtureFile(id));
		const sim = await startSim("rest", fixtureFile(id));
		t.after(() => sim.kill());
		const good = settingsOf(fixture, sim);
		const checked = await trueup(["vendor", "check", join(TOP, "vendors", `${id}.json`)]);
		assert.equal(checked.status, 0, checked.stderr);

		await sim.faults([{ match: { path: fixture.try.list }, do: "status", status: 429, retry_after: 1, times: 1 }]);
		const done = await tryRead(id, good);
		assert.equal(done.status, 0, done.stderr);
		compare(done.json, fixture.try);

		const wrong = await tryRead(id, settingsOf(fixture, sim, fixture.try.wrong));
		assert.equal(wrong.status, 1);
		assert.equal(wrong.json.error, "unauthorized", wrong.json.detail);
		assert.match(wrong.json.detail, /does not accept the credentials.*not known/);
		for (const secret of Object.values(fixture.try.wrong)) assert.ok(!wrong.json.detail.includes(secret));

		await sim.faults([{ match: { path: fixture.try.list }, do: "truncate", times: 1 }]);
		const half = await tryRead(id, good);
		assert.equal(half.status, 1, half.stdout);
		assert.match(half.json.detail, /cannot be read/);
		assert.equal(await sim.stop(), 0);
	});
}

test("through the server: connected, tested, read; a device that goes is a zero, wrong credentials an error", async (t) => {
	const server = await startServer();
	t.after(() => server.stop());
	const fixture = read(fixtureFile("datto-rmm"));
	const sim = await startSim("rest", fixtureFile("datto-rmm"));
	t.after(() => sim.stop());
	const row = (await server.api("GET", "/vendors")).body.items.find((v) => v.id === "datto-rmm");
	assert.equal(row.verified, "documentation");
	assert.equal(row.connects, "pull");
	const made = await server.api("POST", "/integrations", { vendor: "datto-rmm", settings: settingsOf(fixture, sim) });
	assert.equal(made.status, 201, made.text);
	const id = made.body.id;
	assert.equal((await server.api("POST", `/integrations/${id}/test`)).body.ok, true);
	const sync = async (fail) => {
		const answer = await server.api("POST", `/integrations/${id}/sync`);
		return jobDone(server, answer.body.job, { fail });
	};
	const counts = async () => {
		const names = {};
		for (const kind of ["accounts", "services"])
			for (const x of (await server.api("GET", `/integrations/${id}/${kind}?limit=100`)).body.items) names[x.id] = x.vendor_id ?? x.name;
		const list = (await server.api("GET", `/integrations/${id}/observations?limit=100`)).body.items;
		return Object.fromEntries(list.map((o) => [`${names[o.account]}/${names[o.service]}`, o.units]));
	};
	await sync();
	let now = await counts();
	assert.equal(now["site-a/devices"], "303");
	assert.equal(now["site-c/devices"], "0");
	await fetch(`${sim.url}/_edit`, {
		method: "POST",
		body: JSON.stringify({
			path: "/api/v2/account/devices",
			items: [{ uid: "srv-1", siteUid: "site-a", deviceType: { category: "Server" }, deleted: false }],
		}),
	});
	await sync();
	now = await counts();
	assert.equal(now["site-a/devices"], "1");
	assert.equal(now["site-a/desktops"], "0");
	assert.equal(now["site-b/devices"], "0");
	await server.api("PATCH", `/integrations/${id}`, { settings: { secret: "other" } });
	assert.equal((await sync(true)).state, "failed");
	const seen = (await server.api("GET", `/integrations/${id}`)).body;
	assert.equal(seen.state, "error");
	assert.match(seen.state_detail, /Datto RMM does not accept the credentials/);
	assert.equal((await counts())["site-a/devices"], "1");
});

test("a declaration of one's own: from a file, and from the data folder; a wrong one is named and left out", async (t) => {
	const dir = tempDir();
	const own = read("vendors/huntress.json");
	own.id = "my-vendor";
	own.name = "My vendor";
	writeFileSync(join(dir, "mine.json"), JSON.stringify(own));
	const fixture = read(fixtureFile("huntress"));
	const sim = await startSim("rest", fixtureFile("huntress"));
	t.after(() => sim.stop());
	const done = await tryRead(join(dir, "mine.json"), settingsOf(fixture, sim));
	compare(done.json, fixture.try);
	writeFileSync(join(dir, "wrong.json"), JSON.stringify({ ...own, id: "wrong", steps: [] }));
	const server = await startServer({ args: ["--vendors", dir] });
	t.after(() => server.stop());
	const ids = (await server.api("GET", "/vendors")).body.items.map((v) => v.id);
	assert.ok(ids.includes("my-vendor") && !ids.includes("wrong"));
	assert.match(server.stderr, /vendor_file_wrong.*wrong\.json.*\/steps/);
});

const wrongs = [
	["/id", (d) => (d.id = "Has Blanks"), /pattern/],
	["/stepz", (d) => (d.stepz = []), /no member "stepz"/],
	["its root", (d) => delete d.accounts, /"accounts" is missing/],
	["/auth/kind", (d) => (d.auth.kind = "magic"), /one of: none, basic, bearer, headers, query, jwt, login/],
	["/auth", (d) => delete d.auth.user, /"user" is missing/],
	["/auth/password", (d) => (d.auth.password = "{nothing}"), /Nothing here is called "nothing"/],
	["/steps/0/url", (d) => (d.steps[0].url = "{api_url/v1"), /\{ without its \}|Nothing here/],
	["/steps/0/paging/kind", (d) => (d.steps[0].paging.kind = "scroll"), /one of/],
	["/steps/0/paging", (d) => delete d.steps[0].paging.size, /size/],
	["/steps/0/for_each", (d) => (d.steps[0].for_each = "later"), /No earlier step/],
	["/steps/0/where/eq/0", (d) => (d.steps[0].where = { eq: ["colour", "red"] }), /Nothing here is called "colour"/],
	["/steps/0/where/matches/1", (d) => (d.steps[0].where = { matches: ["name", "("] }), /regular expression/],
	["/accounts/0/from", (d) => (d.accounts[0].from = "nowhere"), /no step "nowhere"/],
	["/accounts/0/name", (d) => (d.accounts[0].name = "{name|map:none}"), /no map "none"/],
	["/accounts/0/name", (d) => (d.accounts[0].name = "{name|shout}"), /no filter "shout"/],
	["/counts/0/agg", (d) => (d.counts[0].agg = "average"), /one of: count, sum, distinct, max/],
	["/counts/0", (d) => delete d.counts[0].field, /needs a "field"/],
	["/counts/0/field", (d) => (d.counts[0].agg = "count"), /has no field/],
	["/settings", (d) => d.settings.forEach((s) => delete s.secret), /must be secret/],
	["/settings/0", (d) => (d.settings[0].type = "choice"), /choices/],
	["/settings/2", (d) => Object.assign(d.settings[2], { name: "credentials_expire", type: "text" }), /a date, and no secret/],
	["/settings/1/name", (d) => (d.settings[1].name = "key"), /taken/],
];

test("what is wrong in a declaration is said with its place", async () => {
	const dir = tempDir();
	for (const [pointer, change, words] of wrongs) {
		const d = read("vendors/huntress.json");
		change(d);
		const file = join(dir, "d.json");
		writeFileSync(file, JSON.stringify(d));
		const got = await trueup(["vendor", "check", file, "--json"]);
		assert.equal(got.status, 1, `${pointer}: ${got.stdout}`);
		assert.ok(got.json.detail.includes(`at ${pointer}: `), `${pointer}: ${got.json.detail}`);
		assert.match(got.json.detail, words);
	}
	writeFileSync(join(dir, "d.json"), "{ not json");
	assert.equal((await trueup(["vendor", "check", join(dir, "d.json")])).status, 1);
	assert.equal((await trueup(["vendor", "check", join(dir, "none.json")])).status, 1);
});

// The engine behind declared vendors, away from any vendor: pages that lead nowhere, what a failure takes with it, sums.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { startSim, tempDir, trueup } from "../lib/server.mjs";

const dir = tempDir();
const auth = { headers: { Authorization: "Bearer t" } };

function declaration(steps, { counts, accounts, ...more } = {}) {
	return {
		trueup_vendor: 1,
		id: "testing",
		name: "Testing",
		description: "For a test.",
		how: "Not at all.",
		verified: "documentation",
		settings: [
			{ name: "url", label: "Address", type: "url", required: true },
			{ name: "token", label: "Token", type: "password", secret: true, required: true },
		],
		auth: { kind: "bearer", token: "{token}" },
		steps,
		accounts: accounts ?? [{ from: steps[0].id, id: "{id}", name: "{name}" }],
		counts: counts ?? [{ from: steps[0].id, account: "{id}", service: "Things", agg: "sum", field: "n" }],
		...more,
	};
}

async function attempt(t, routes, made, env = { TRUEUP_ALLOW_PRIVATE_REMOTES: "1" }) {
	const sim = await startSim("rest", { rest: { auth, routes: typeof routes === "function" ? routes() : routes } });
	t.after(() => sim.kill());
	const file = join(dir, "testing.json");
	writeFileSync(file, JSON.stringify(made));
	const done = await trueup(["vendor", "try", file, "--set", `url=${sim.url}`, "--set", "token=t", "--json"], { env });
	return { ...done, sim };
}

const fields = { id: "id", name: "name", n: "n" };
const items = (n) => [{ repeat: n, item: { id: "{i}", name: "C {i}", n: 1 } }];
const list = (paging, more = {}) => [{ id: "row", url: "{url}/rows", rows: "rows", fields, paging, ...more }];

const paged = {
	page: { kind: "page", param: "p", start: 1, size_param: "s", size: 10 },
	"page with total": { kind: "page", param: "p", start: 0, size_param: "s", size: 10, total: "meta/total" },
	offset: { kind: "offset", param: "o", size_param: "s", size: 10 },
	cursor: { kind: "cursor", param: "c", next: "meta/next", size_param: "s", size: 10 },
	next_url: { kind: "next_url", next: "meta/next", size_param: "s", size: 10 },
	link_header: { kind: "link_header", size_param: "s", size: 10 },
	after_last: { kind: "after_last", param: "a", field: "id", size_param: "s", size: 10 },
};

test("every way of paging reads a list of 25 and one of 30 to its end", async (t) => {
	for (const [name, paging] of Object.entries(paged))
		for (const n of [25, 30]) {
			const served = { ...paging, kind: paging.kind === "after_last" ? "after" : paging.kind, param: paging.param ?? "at" };
			const route = { path: "/rows", at: "rows", paging: served, items: items(n) };
			const { json, stderr } = await attempt(t, [route], declaration(list(paging)));
			assert.equal(json.accounts?.length, n, `${name}, ${n}: ${stderr}`);
		}
});

const refused = [
	["a server that ignores the page", { kind: "page", param: "q", size_param: "s", size: 10 }, { paging: paged.page, items: items(25) }, /same page/],
	["fewer rows than the total", paged["page with total"], { paging: { kind: "page", param: "p", size_param: "s", size: 10, start: 0 }, extra: { meta: { total: 9 } }, items: items(4) }, /told of 9 rows.*showed 4/],
	["a cursor that stays", paged.cursor, { body: { rows: [{ id: 1, name: "a", n: 1 }], meta: { next: "x" } } }, /same page/],
	["another host", paged.next_url, { body: { rows: [], meta: { next: "http://127.0.0.1:9/rows" } } }, /another host/],
	["no list any more", paged.page, { body: { data: [] } }, /no list at rows/],
	["a row without id", paged.page, { items: [{ name: "x", n: 1 }] }, /without an id/],
];

test("lists that are not whole are not taken", async (t) => {
	for (const [name, paging, route, words] of refused) {
		const { status, json } = await attempt(t, [{ path: "/rows", at: "rows", ...route }], declaration(list(paging)));
		assert.equal(status, 1, name);
		assert.match(json.detail, words, name);
	}
});

test("too many rows and pages end the reading", async (t) => {
	const route = { path: "/rows", at: "rows", paging: paged.page, items: items(60) };
	const rows = await attempt(t, [route], declaration(list(paged.page), { limits: { items: 50 } }));
	assert.match(rows.json.detail, /more than 50 rows/);
	const pages = await attempt(t, [route], declaration(list(paged.page), { limits: { pages: 3 } }));
	assert.match(pages.json.detail, /does not end after 3 pages/);
});

const each = (more = {}) => [
	{ id: "row", url: "{url}/rows", rows: "rows", fields: { id: "id", name: "name" } },
	{ id: "part", for_each: "accounts", url: "{url}/parts/{account.id}", fields: { kind: "kind", user: "user", n: "n", bytes: "bytes" }, ...more },
];

test("sum, count, distinct, max, bytes, conditions; rows inside of rows", async (t) => {
	const counts = [
		{ from: "part", account: "{account.id}", service: "Sum", key: "sum", agg: "sum", field: "n" },
		{ from: "part", account: "{account.id}", service: "Rows", key: "rows", agg: "count" },
		{ from: "part", account: "{account.id}", service: "Users", key: "users", agg: "distinct", field: "user" },
		{ from: "part", account: "{account.id}", service: "Most", key: "most", agg: "max", field: "n" },
		{ from: "part", account: "{account.id}", service: "GB", key: "gb", agg: "sum", field: "bytes", absent: "zero", divide: "1073741824", round_up: "0.01" },
		{ from: "part", account: "{account.id}", service: "Kind {kind|upper}", key: "k:{kind}", agg: "count", where: { not: { in: ["kind", ["x", "y"]] } } },
	];
	const parts = [
		{ kind: "a", user: "u1", n: "12.5", bytes: "9007199254740993" },
		{ kind: "a", user: "u2", n: 1, bytes: 1 },
		{ kind: "x", user: "u1", n: 0 },
	];
	const routes = [
		{ path: "/rows", at: "rows", items: [{ id: 1, name: "One" }, { id: 2, name: "Two" }] },
		{ path: "/parts/1", items: parts },
		{ path: "/parts/2", items: [] },
	];
	const { json, stderr } = await attempt(t, routes, declaration(each(), { counts }));
	assert.equal(stderr, "");
	// 9007199254740994 / 2^30 is 8388608.00000000186..., and a part of a hundredth makes the next one.
	const wanted = { sum: "13.5", rows: "3", users: "2", most: "12.5", gb: "8388608.01", "k:a": "2" };
	assert.deepEqual(json.accounts[0].counts, wanted);
	assert.deepEqual(json.accounts[1].counts, { sum: "0", rows: "0", users: "0", most: "0", gb: "0", "k:a": "0" });
	const members = [{ id: "row", url: "{url}/rows", rows: "$", shape: "members", fields: { id: "$key", name: "name" }, each: { path: "use", fields: { what: "$key", n: "$" } } }];
	const inner = await attempt(t, [{ path: "/rows", body: { a: { name: "A", use: { edr: 3, sat: 4 } }, b: { name: "B", use: null } } }], declaration(members, { counts: [{ from: "row", account: "{id}", service: "{what}", agg: "sum", field: "n" }] }));
	assert.deepEqual(inner.json.accounts.map((x) => [x.id, x.counts]), [["a", { edr: "3", sat: "4" }], ["b", { edr: "0", sat: "0" }]]);
});

test("one customer that fails is missing; three in a row are the vendor's failure; an empty status is a zero", async (t) => {
	const rows = (n) => ({ path: "/rows", at: "rows", items: items(n) });
	const counts = [{ from: "part", account: "{account.id}", service: "Rows", agg: "count" }];
	const bad = { status: 400, body: { error: { message: "not this one" } } };
	const one = await attempt(t, [rows(3), { path: "/parts/2", ...bad }, { path: "/parts/*", items: [{}] }], declaration(each(), { counts }));
	assert.deepEqual(one.json.accounts.map((a) => a.counts.Rows ?? null), ["1", null, "1"]);
	assert.match(one.json.accounts[1].missing, /400.*not this one/);
	const all = await attempt(t, [rows(5), { path: "/parts/*", ...bad }], declaration(each(), { counts }));
	assert.equal(all.status, 1);
	const none = await attempt(t, [rows(2), { path: "/parts/1", items: [{}] }], declaration(each({ empty_on: [404] }), { counts }));
	assert.deepEqual(none.json.accounts.map((a) => a.counts.Rows), ["1", "0"]);
});

test("plain http is for this machine only, and this machine only where it is allowed", async (t) => {
	const route = { path: "/rows", at: "rows", items: items(1) };
	const made = declaration(list(undefined));
	const denied = await attempt(t, [route], made, {});
	assert.equal(denied.status, 1);
	writeFileSync(join(dir, "testing.json"), JSON.stringify(made));
	const plain = await trueup(["vendor", "try", join(dir, "testing.json"), "--set", "url=http://vendor.example", "--set", "token=t"]);
	assert.equal(plain.status, 2);
	assert.match(plain.stderr, /must begin with https/);
	const unknown = await trueup(["vendor", "try", join(dir, "testing.json"), "--set", "colour=red"]);
	assert.match(unknown.stderr, /no setting colour/);
});

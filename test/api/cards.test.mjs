// Cards through the API: a month worked out by hand, lists, sums, rules, tags, and what happens when the PSA changes.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { as, request, TOP } from "../lib/server.mjs";
import { card, cards, count, mapService, product, readPsa, SMALL, startFeed, startMsp, sync } from "../lib/msp.mjs";
import { list } from "../lib/vendor.mjs";

let server, sim, coro, backup, psa;

before(async () => {
	({ server, sim } = await startMsp());
	psa = Object.fromEntries((await list(server, "/psa/accounts")).map((a) => [a.name, a.id]));
	const accounts = Object.keys(psa).map((name) => ({ id: name, name }));
	coro = await startFeed(server, "Nimbus", accounts, ["EDR", "Email"]);
	backup = await startFeed(server, "Cirrus", accounts.slice(0, 3), ["Storage"]);
	await mapService(server, coro, "EDR", "CORO-EDR", { unit_basis: "devices" });
	await mapService(server, coro, "Email", "CORO-EMAIL");
	await count(server, coro, {
		"Northwind Dental": { EDR: 27, Email: 30 },
		"Kestrel Foods": { EDR: 0, Email: 9 },
	});
	await sync(server, coro);
});
after(async () => {
	await server?.stop();
	await sim?.stop();
});

const short = (c) =>
	[c.account.name, c.product.code, c.kind, c.state, c.psa_units, c.vendor_units, c.reconciled_units, c.change_units,
		c.change_money, c.value_state].map((x) => x ?? "-").join(" ");

test("the month, worked out by hand", async () => {
	assert.deepEqual((await cards(server, "&sort=account")).map(short), [
		// Nothing is used where ten are billed: a counted zero.
		"Kestrel Foods CORO-EDR reconcile open 10 0 0 -10 -60 zero",
		"Kestrel Foods CORO-EMAIL new_revenue open - 9 9 9 36 known",
		"Northwind Dental CORO-EDR reconcile open 24 27 27 3 18 known",
		"Northwind Dental CORO-EMAIL no_change open 30 30 30 0 0 known",
		// Nobody reports backup yet.
		"Tarn & Co BACKUP-TB no_vendor open 2.5 - - 0 - missing",
	]);
	await mapService(server, backup, "Storage", "BACKUP-TB");
	await sync(server, backup);
	assert.equal(short(await card(server, "Tarn & Co", "BACKUP-TB")), "Tarn & Co BACKUP-TB no_usage open 2.5 - - 0 - missing");
	await count(server, backup, { "Tarn & Co": { Storage: "2.75" } });
	await sync(server, backup);
	assert.equal(
		short(await card(server, "Tarn & Co", "BACKUP-TB")),
		"Tarn & Co BACKUP-TB reconcile open 2.5 2.75 2.75 0.25 12.5 known",
	);
});

test("a card has all that the contract says, with sources and why", async () => {
	const c = await card(server, "Northwind Dental", "CORO-EDR");
	for (const key of ["id", "kind", "state", "account", "contract", "product", "line_id", "psa_units", "vendor_units",
		"reconciled_units", "value_state", "effective_date", "sources", "updated_at", "why", "tags", "notes", "decisions"])
		assert.ok(key in c, key);
	assert.equal(c.contract.name, "Managed Services - Gold");
	assert.equal(c.product.name, "Coro EDR");
	assert.deepEqual(c.vendors, ["custom"]);
	assert.equal(c.unit_basis, "devices");
	assert.equal(c.sources.length, 1);
	assert.equal(c.sources[0].integration, coro.id);
	assert.equal(c.sources[0].units, "27");
	assert.match(c.sources[0].observed_at, /^20.*Z$/);
	assert.equal(c.why[0].step, "sources");
	assert.equal(c.why[0].out, "27");
	assert.match(c.why[0].text, /27 protected devices from Nimbus, EDR \(Northwind Dental\)/);
	assert.equal((await server.api("GET", "/cards/nope")).status, 404);
});

test("filters, search, order, groups and pages", async () => {
	const codes = async (query) => (await cards(server, query)).map((c) => `${c.account.name[0]} ${c.product.code}`);
	const edr = (await product(server, "CORO-EDR")).id;
	assert.deepEqual(await codes("&kind=new_revenue"), ["K CORO-EMAIL"]);
	assert.deepEqual(await codes("&kind=new_revenue,no_change"), ["K CORO-EMAIL", "N CORO-EMAIL"]);
	assert.deepEqual(await codes("&state=approved"), []);
	assert.deepEqual(await codes(`&product=${edr}&sort=-account`), ["N CORO-EDR", "K CORO-EDR"]);
	assert.deepEqual(await codes(`&account=${psa["Tarn & Co"]}`), ["T BACKUP-TB"]);
	assert.deepEqual(await codes("&vendor=coro"), []);
	assert.equal((await codes("&vendor=custom")).length, 5);
	assert.deepEqual(await codes(`&integration=${backup.id}`), ["T BACKUP-TB"]);
	assert.deepEqual(await codes("&q=dental"), ["N CORO-EDR", "N CORO-EMAIL"]);
	assert.deepEqual(await codes("&q=backup-tb"), ["T BACKUP-TB"]);
	const gold = (await list(server, "/psa/contracts?q=gold"))[0].id;
	assert.deepEqual(await codes(`&contract=${gold}`), ["N CORO-EDR", "N CORO-EMAIL"]);
	const changes = (query) => cards(server, query).then((l) => l.map((c) => Number(c.change_units)));
	assert.deepEqual(await changes("&sort=change"), [-10, 0, 0.25, 3, 9]);
	assert.deepEqual(await changes("&sort=-change"), [9, 3, 0.25, 0, -10]);
	const groups = await cards(server, "&group_by=product&sort=-change");
	assert.deepEqual(groups.map((c) => c.group.name),
		["Cloud backup, per TB", "Coro EDR", "Coro EDR", "Coro Email Security", "Coro Email Security"]);
	for (const order of ["sort=-change&group_by=account", "sort=updated_at", "sort=-product", "sort=vendor&group_by=contract"]) {
		const whole = (await cards(server, `&${order}`)).map((c) => c.id);
		const paged = [];
		for (let cursor = ""; cursor !== null; ) {
			const { body } = await server.api("GET", `/cards?limit=2&${order}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
			assert.ok(body.items.length <= 2);
			paged.push(...body.items.map((c) => c.id));
			cursor = body.next_cursor;
		}
		assert.deepEqual(paged, whole, order);
	}
	const { body } = await server.api("GET", "/cards?limit=1&sort=change");
	assert.equal((await server.api("GET", `/cards?sort=-change&cursor=${encodeURIComponent(body.next_cursor)}`)).status, 400);
	for (const bad of ["kind=odd", "state=open,odd", "sort=colour", "group_by=colour", "cursor=odd", "limit=0"])
		assert.equal((await server.api("GET", `/cards?${bad}`)).status, 400, bad);
});

test("sums by kind, state, currency and group", async () => {
	const { body } = await server.api("GET", "/cards/summary");
	assert.equal(body.total, 5);
	assert.deepEqual(body.kinds, { reconcile: 3, new_revenue: 1, no_change: 1, no_usage: 0, no_vendor: 0 });
	assert.deepEqual(body.states, { open: 5, approved: 0, dismissed: 0, confirmed: 0, stale: 0 });
	const sum = (key) => body.money.reduce((n, m) => n + Number(m[key]), 0);
	assert.equal(sum("up"), 36 + 18 + 12.5);
	assert.equal(sum("down"), -60);
	const by = (await server.api("GET", "/cards/summary?group_by=account")).body.groups;
	assert.deepEqual(by.map((g) => [g.name, g.total]), [["Kestrel Foods", 2], ["Northwind Dental", 2], ["Tarn & Co", 1]]);
	assert.equal((await server.api("GET", "/cards/summary?kind=reconcile")).body.total, 3);
	// A count that is missing adds nothing: 24 + 10 + 30 + 2.5 in the PSA, 27 + 0 + 9 + 30 + 2.75 counted.
	const units = { psa: "66.5", vendor: "68.75", reconciled: "68.75" };
	assert.deepEqual(body.units, units);
	assert.deepEqual((await server.api("GET", "/cards/summary?group_by=product")).body.units, units);
	assert.deepEqual(by.map((g) => g.units.psa), ["10", "54", "2.5"]);
});

test("what is on no contract is a filter of its own", async () => {
	const free = (await cards(server, "&contract=none")).map((c) => [c.product.code, c.contract]);
	assert.deepEqual(free, [["CORO-EMAIL", null]]);
	const { total, groups } = (await server.api("GET", "/cards/summary?contract=none&group_by=contract")).body;
	assert.equal(total, 1);
	assert.deepEqual(groups.map((g) => [g.id, g.total]), [["", 1]]);
	const all = (await server.api("GET", "/cards/summary?group_by=contract")).body.groups;
	assert.deepEqual(all.map((g) => g.name), ["", "Managed Services", "Managed Services", "Managed Services - Gold"]);
	const whose = ["Kestrel Foods", "Northwind Dental", "Tarn & Co", null];
	assert.deepEqual(all.map((g) => g.account ?? null).sort(), whose.sort());
});

test("groups come in pages, the sums are always of all", async () => {
	for (const group of ["account", "product", "contract"]) {
		const whole = (await server.api("GET", `/cards/summary?group_by=${group}`)).body;
		assert.equal(whole.next_cursor, null);
		const paged = [];
		for (let cursor = ""; cursor !== null; ) {
			const path = `/cards/summary?limit=1&group_by=${group}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`;
			const { status, body } = await server.api("GET", path);
			assert.equal(status, 200);
			assert.ok(body.groups.length <= 1);
			assert.equal(body.total, 5);
			paged.push(...body.groups);
			cursor = body.next_cursor;
		}
		assert.deepEqual(paged, whole.groups, group);
	}
	const { next_cursor } = (await server.api("GET", "/cards?limit=1")).body;
	const other = `/cards/summary?group_by=account&cursor=${encodeURIComponent(next_cursor)}`;
	assert.equal((await server.api("GET", other)).status, 400);
});

test("what is billed by the quarter or the year counts by the month in the sums", async () => {
	const book = JSON.parse(readFileSync(join(TOP, SMALL), "utf8"));
	const { agreements, billingCycles } = book.connectwise;
	billingCycles.push({ id: 3, name: "Quarterly" }, { id: 4, name: "Annually" });
	agreements.find((a) => a.id === 77).billingCycle = { id: 3 };
	agreements.find((a) => a.id === 78).billingCycle = { id: 4 };
	const other = await startMsp({ fixture: book });
	const accounts = ["Northwind Dental", "Kestrel Foods"].map((name) => ({ id: name, name }));
	const feed = await startFeed(other.server, "Nimbus", accounts, ["EDR"]);
	await mapService(other.server, feed, "EDR", "CORO-EDR");
	await count(other.server, feed, { "Northwind Dental": { EDR: 27 }, "Kestrel Foods": { EDR: 0 } });
	await sync(other.server, feed);
	for (const path of ["/cards/summary", "/cards/summary?group_by=product"]) {
		const { money } = (await other.server.api("GET", path)).body;
		// 18 a quarter more, 60 a year less.
		assert.deepEqual(money.filter((m) => m.up !== "0" || m.down !== "0").map((m) => [m.up, m.down]), [["6", "-5"]], path);
	}
	assert.equal((await card(other.server, "Kestrel Foods", "CORO-EDR")).billed, "Annually");
	await other.server.stop();
	await other.sim.stop();
});

async function rule(body) {
	const made = await server.api("POST", "/rules", body);
	assert.equal(made.status, 201, made.text);
	await sync(server, coro);
	return made.body;
}

test("rules change the units and say so; a changed rule has a new version; without it all is as before", async () => {
	const edr = (await product(server, "CORO-EDR")).id;
	const made = await rule({ name: "Base bundle", product_id: edr, included: "2", round: "up", round_step: "5" });
	let c = await card(server, "Northwind Dental", "CORO-EDR");
	assert.equal(short(c), "Northwind Dental CORO-EDR reconcile open 24 27 25 1 6 known");
	assert.deepEqual(c.why.map((w) => [w.step, w.in, w.out]), [["sources", null, "27"], ["included", "27", "25"], ["round", "25", "25"]]);
	assert.equal(c.why[1].rule, made.id);
	assert.match(c.why[1].text, /rule "Base bundle", version 1/);
	const put = await server.api("PUT", `/rules/${made.id}`, { name: "Base bundle", product_id: edr, minimum: "40" });
	assert.equal(put.body.version, 2);
	assert.equal(put.body.included, null);
	await sync(server, coro);
	c = await card(server, "Northwind Dental", "CORO-EDR");
	assert.equal(c.reconciled_units, "40");
	assert.match(c.why[1].text, /version 2/);
	assert.equal((await server.api("DELETE", `/rules/${made.id}`)).status, 204);
	assert.equal((await server.api("GET", `/rules/${made.id}`)).status, 404);
	await sync(server, coro);
	assert.equal((await card(server, "Northwind Dental", "CORO-EDR")).reconciled_units, "27");
});

test("an override holds with its reason until it expires", async () => {
	const override = {
		account_id: psa["Northwind Dental"],
		product_id: (await product(server, "CORO-EDR")).id,
		quantity: "20",
		reason: "price freeze until renewal",
	};
	const made = await server.api("POST", "/overrides", override);
	assert.equal(made.status, 201);
	await sync(server, coro);
	const c = await card(server, "Northwind Dental", "CORO-EDR");
	assert.equal(c.reconciled_units, "20");
	assert.match(c.why.at(-1).text, /price freeze until renewal/);
	const past = await server.api("PUT", `/overrides/${made.body.id}`, { ...override, expires: "2020-01-01" });
	assert.equal(past.body.expires, "2020-01-01");
	await sync(server, coro);
	assert.equal((await card(server, "Northwind Dental", "CORO-EDR")).reconciled_units, "27");
	assert.equal((await server.api("DELETE", `/overrides/${made.body.id}`)).status, 204);
});

test("rules and overrides that make no sense are refused with the place", async () => {
	const product_id = (await product(server, "CORO-EDR")).id;
	const account_id = psa["Tarn & Co"];
	for (const [path, body, pointer] of [
		["/rules", { minimum: "1" }, "/name"],
		["/rules", { name: "x" }, undefined],
		["/rules", { name: "x", minimum: "5", maximum: "4" }, "/maximum"],
		["/rules", { name: "x", divide: "0" }, "/divide"],
		["/rules", { name: "x", minimum: "-1" }, "/minimum"],
		["/rules", { name: "x", minimum: "1", product_id: "nope" }, "/product_id"],
		["/rules", { name: "x", round: "sideways", round_step: "1" }, "/round"],
		["/overrides", { account_id, product_id, quantity: "1", reason: " " }, "/reason"],
		["/overrides", { account_id, product_id, reason: "r" }, "/quantity"],
		["/overrides", { account_id: "nope", product_id, quantity: "1", reason: "r" }, "/account_id"],
		["/overrides", { account_id, product_id, quantity: "1", reason: "r", expires: "soon" }, "/expires"],
	]) {
		const { status, body: problem } = await server.api("POST", path, body);
		assert.equal(status, 400, `${path} ${JSON.stringify(body)}`);
		if (pointer) assert.equal(problem.errors[0].pointer, pointer);
	}
	assert.deepEqual(await list(server, "/rules"), []);
	assert.deepEqual(await list(server, "/overrides"), []);
});

test("tags filter, notes stay with the card", async () => {
	const c = await card(server, "Northwind Dental", "CORO-EDR");
	const tag = await server.api("POST", "/tags", { name: "VIP", color: "#aa0000" });
	assert.equal(tag.status, 201);
	assert.equal((await server.api("POST", "/tags", { name: "vip" })).status, 409);
	assert.equal((await server.api("POST", "/tags", { name: "x", color: "red" })).status, 400);
	const subject = `/subjects/account/${psa["Northwind Dental"]}`;
	assert.equal((await server.api("PUT", `${subject}/tags`, { tags: [tag.body.id] })).body.tags[0].name, "VIP");
	assert.deepEqual((await cards(server, "&tag=vip")).map((x) => x.product.code), ["CORO-EDR", "CORO-EMAIL"]);
	assert.deepEqual((await cards(server, `&tag=${tag.body.id}&kind=reconcile`)).map((x) => x.id), [c.id]);
	assert.equal((await server.api("GET", "/cards/summary?tag=vip")).body.total, 2);
	await server.api("PUT", `/subjects/card/${c.id}/tags`, { tags: [tag.body.id] });
	const shown = (await cards(server)).map((x) => [x.id === c.id, x.tags.map((g) => g.name), x.note_count]);
	assert.deepEqual(shown.filter(([is]) => is), [[true, ["VIP"], 0]]);
	assert.ok(shown.filter(([is]) => !is).every(([, tags, notes]) => tags.length === 0 && notes === 0));
	await server.api("PUT", `/subjects/card/${c.id}/tags`, { tags: [] });
	const note = await server.api("POST", `/subjects/card/${c.id}/notes`, { note: "asked the customer" });
	assert.equal(note.status, 201);
	assert.equal((await server.api("GET", `/cards/${c.id}`)).body.notes[0].note, "asked the customer");
	assert.equal((await server.api("DELETE", `/notes/${note.body.id}`)).status, 204);
	assert.equal((await server.api("PUT", `${subject}/tags`, { tags: ["nope"] })).body.errors[0].pointer, "/tags/0");
	assert.equal((await server.api("GET", "/subjects/planet/x")).status, 400);
	assert.equal((await server.api("DELETE", `/tags/${tag.body.id}`)).status, 204);
	assert.deepEqual(await cards(server, "&tag=vip"), []);
});

test("a viewer sees cards and changes nothing", async () => {
	const viewer = await as(server, "viewer");
	assert.equal((await viewer("GET", "/cards")).status, 200);
	for (const path of ["/rules", "/overrides", "/tags"]) assert.equal((await viewer("POST", path, { name: "x" })).status, 403, path);
});

test("a line that goes from the PSA leaves a stale card that says so, and its usage is new revenue", async () => {
	const was = await card(server, "Northwind Dental", "CORO-EDR");
	const keys = `Basic ${Buffer.from("alderridge+pubSmall00000001:prvSmall00000001").toString("base64")}`;
	const gone = await request(`${sim.url}/v2025_1/apis/3.0/finance/agreements/77/additions/4410`, "DELETE", {
		headers: { authorization: keys, clientid: "11111111-2222-3333-4444-555555555555" },
	});
	assert.equal(gone.status, 204);
	await readPsa(server, "full");
	const stale = (await server.api("GET", `/cards/${was.id}`)).body;
	assert.equal(stale.state, "stale");
	assert.match(stale.state_why, /gone from the PSA since 20/);
	const fresh = await card(server, "Northwind Dental", "CORO-EDR", "open");
	assert.equal(fresh.kind, "new_revenue");
	assert.equal(fresh.psa_units, null);
	assert.equal((await server.api("POST", "/cards/dismiss", { ids: [was.id] })).status, 409);
});

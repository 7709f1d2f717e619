// A PSA over files: its line report in, approved changes out as the CSV that its import wants; and a report that is wrong changes
// nothing.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { jobDone, request, startServer, startSim } from "../lib/server.mjs";

let server, coro;
before(async () => {
	[server, coro] = await Promise.all([startServer(), startSim("coro", "sim/fixtures/small.json")]);
});
after(() => Promise.all([server?.stop(), coro?.stop()]));

const REPORT = `Report of 1 November;;;;;
Kunde;Kundennummer;Vertrag;Artikel;Artikelnummer;Menge;Einzelpreis;Währung
Northwind Dental;K-1;Managed;Coro EDR;CORO-EDR;24;6,00;EUR
Northwind Dental;K-1;Managed;Coro Email Security;CORO-EMAIL;1.030,50;4,00;EUR
Northwind Dental;K-1;Managed;Coro EDR;CORO-EDR;2;5,00;EUR
Northwind Dental;K-1;Managed;Coro EDR;CORO-EDR;1;7,00;USD
Kestrel Foods;K-2;;"Coro EDR";CORO-EDR;10;6,00;EUR
;;;Nobody's;X;1;1,00;EUR
Kestrel Foods;K-2;;Empty;EMPTY;;1,00;EUR
Summe;;;;;1.067,50;;
`;

const ok = async (method, path, body) => {
	const answer = await server.api(method, path, body);
	if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
	return answer.body;
};
const all = async (path) => (await ok("GET", `${path}${path.includes("?") ? "&" : "?"}limit=200`)).items;
const bring = (text, name = "lines.csv") =>
	request(`${server.url}/api/v1/psa/file?filename=${name}`, "POST", {
		raw: Buffer.from(text),
		headers: { authorization: `Bearer ${server.token}`, "content-type": "text/csv" },
	});
const sync = async () => jobDone(server, (await ok("POST", "/psa/sync", { mode: "full" })).job);

test("no file yet: the doctor says what to do; columns of the export are checked", async () => {
	const wrong = await server.api("PUT", "/psa", { kind: "files", settings: { export_columns: "Kunde=nobody" } });
	assert.equal(wrong.status, 400);
	assert.equal(wrong.body.errors?.[0]?.pointer ?? wrong.body.pointer, "/settings/export_columns");
	await ok("PUT", "/psa", {
		kind: "files",
		settings: { export_columns: "Kundennummer=account_code,Artikelnummer=product_code,Menge=to" },
	});
	const { checks } = await ok("POST", "/psa/test");
	assert.match(checks[0].detail, /No line report was brought yet/);
});

test("a report with a title, points of thousands, a total and rows that cannot count", async () => {
	const answer = await bring(REPORT);
	assert.equal(answer.status, 200, answer.text);
	const { accounts, products, contracts, lines, skipped } = answer.body;
	assert.deepEqual([accounts, products, contracts, lines], [2, 2, 3, 5]);
	assert.deepEqual(
		skipped.map((s) => [s.what, s.reason]),
		[
			["row 8", "names no customer"],
			["row 9", "has no quantity"],
		],
	);
	await sync();
	const book = await all("/psa/lines");
	assert.deepEqual(
		book
			.map((l) => [l.account.name, l.contract.name, l.product.code, l.quantity, l.unit_price, l.currency])
			.sort((a, b) => a.join().localeCompare(b.join())),
		[
			["Kestrel Foods", "All lines", "CORO-EDR", "10", "6", "EUR"],
			["Northwind Dental", "Managed", "CORO-EDR", "1", "7", "USD"],
			["Northwind Dental", "Managed", "CORO-EDR", "2", "5", "EUR"],
			["Northwind Dental", "Managed", "CORO-EDR", "24", "6", "EUR"],
			["Northwind Dental", "Managed", "CORO-EMAIL", "1030.5", "4", "EUR"],
		],
	);
});

test("a wrong report is refused with its row, and the book stays", async () => {
	const before = JSON.stringify(await all("/psa/lines"));
	const bad = await bring(REPORT.replace("EDR;10;", "EDR;ten;"));
	assert.equal(bad.status, 400);
	assert.match(bad.body.detail, /Row 7: "ten" in the column quantity is no number/);
	assert.equal((await bring("Kunde;Menge\nA;1\n")).status, 400);
	assert.equal((await bring("")).status, 400);
	await sync();
	assert.deepEqual(
		JSON.parse(JSON.stringify(await all("/psa/lines"))).map((l) => l.quantity),
		JSON.parse(before).map((l) => l.quantity),
	);
});

test("a month: the counts come, the change is approved, the CSV goes to the PSA, and its next report closes it", async () => {
	const integration = await ok("POST", "/integrations", { vendor: "coro", modules: ["billing"] });
	const { token } = await ok("POST", `/integrations/${integration.id}/token`);
	await request(`${coro.url}/_connect`, "POST", { body: { token, target: server.url } });
	const products = await all("/psa/products");
	for (const service of await all(`/integrations/${integration.id}/services`)) {
		const code = { EDR: "CORO-EDR" }[service.name];
		const product = products.find((p) => p.code === code);
		await ok(
			"PUT",
			`/integrations/${integration.id}/services/${service.id}/mapping`,
			product ? { status: "mapped", product_ids: [product.id], mode: "copy" } : { status: "excluded" },
		);
	}
	await jobDone(server, (await ok("POST", `/integrations/${integration.id}/finish`, {})).job);
	await request(`${coro.url}/_usage`, "POST", { body: { workspace: "kestrelfoods_92NB_b", service: "EDR", count: 13 } });
	await request(`${coro.url}/_push`, "POST", { body: {} });
	await jobDone(server, (await ok("POST", `/integrations/${integration.id}/sync`, {})).job);
	const find = async (account) => (await all("/cards")).find((c) => c.account.name === account && c.product.code === "CORO-EDR");
	// Euro and dollars on one card: no sum is made of them.
	const mixed = await find("Northwind Dental");
	assert.deepEqual([mixed.psa_units, mixed.change_money, mixed.currency, mixed.choices.length], ["27", null, null, 3]);
	const { money } = await ok("GET", "/cards/summary");
	assert.deepEqual(money.map((m) => [m.currency, m.up]), [[null, "0"], ["EUR", "18"]]);
	const card = await find("Kestrel Foods");
	assert.deepEqual([card.psa_units, card.vendor_units, card.change_money], ["10", "13", "18"]);
	await ok("POST", "/cards/approve", { ids: [card.id], effective_date: "2031-02-01" });
	const csv = await server.api("GET", "/worklist.csv");
	assert.equal(csv.text.replace(/^\uFEFF/, "").trim(), "Kundennummer,Artikelnummer,Menge\r\nK-2,CORO-EDR,13");
	const [item] = await all("/worklist");
	assert.equal(item.steps, 'Contracts > All lines: Set the quantity of "Coro EDR" to 13 (now 10), effective 2031-02-01.');
	assert.equal((await bring(REPORT.replace("CORO-EDR;10;", "CORO-EDR;13;"))).status, 200);
	await sync();
	assert.deepEqual(await all("/worklist"), []);
	assert.equal((await find("Kestrel Foods")).state, "approved");
	const [write] = await all("/writes");
	assert.deepEqual([write.state, write.detail], ["applied", "The PSA shows it now."]);
});

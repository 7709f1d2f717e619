// Files as customers bring them: each with the rows it must give and the rows it must refuse, and all or nothing.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { jobDone, request, startServer } from "../lib/server.mjs";
import { xlsx, zip } from "../lib/xlsx.mjs";

let server;
before(async () => {
	server = await startServer();
});
after(() => server.stop());

async function bring(content, filename = "usage.csv") {
	const url = `${server.url}/api/v1/imports?filename=${encodeURIComponent(filename)}`;
	return request(url, "POST", {
		raw: Buffer.isBuffer(content) ? content : Buffer.from(content),
		headers: { authorization: `Bearer ${server.token}`, "content-type": "application/octet-stream" },
	});
}

let number = 0;
async function integration() {
	const made = await server.api("POST", "/integrations", { vendor: "custom", name: `File ${++number}`, modules: ["billing"] });
	assert.equal(made.status, 201, made.text);
	return made.body.id;
}

/** Counts of an integration as {"account/service": units}. */
async function counts(id) {
	const accounts = (await server.api("GET", `/integrations/${id}/accounts?limit=1000`)).body.items;
	const services = (await server.api("GET", `/integrations/${id}/services?limit=1000`)).body.items;
	const out = {};
	for (const a of accounts) {
		for (const s of services) {
			const list = (await server.api("GET", `/integrations/${id}/observations?account=${a.id}&service=${s.id}`)).body.items;
			if (list.length) out[`${a.name}/${s.name}`] = list.at(-1).units;
		}
	}
	return out;
}

/** Brings, sets and runs. `settings` is laid over what was detected. */
async function whole(content, { filename, settings = {}, options = {} } = {}) {
	const brought = await bring(content, filename);
	assert.equal(brought.status, 201, brought.text);
	const { body } = brought;
	const id = await integration();
	const set = await server.api("PUT", `/imports/${body.id}`, {
		integration: id,
		header_row: body.settings.header_row,
		columns: body.settings.columns,
		...settings,
		options: { ...body.settings.options, ...options },
	});
	assert.equal(set.status, 200, set.text);
	const run = await server.api("POST", `/imports/${body.id}/run`);
	assert.equal(run.status, 202, run.text);
	const job = await jobDone(server, run.body.job, { fail: true });
	const done = (await server.api("GET", `/imports/${body.id}`)).body;
	return { brought: body, set: set.body, job, done, integration: id, counts: await counts(id) };
}

const utf16 = (s, mark = true) => Buffer.concat([mark ? Buffer.from([0xff, 0xfe]) : Buffer.alloc(0), Buffer.from(s, "utf16le")]);
const utf16be = (s) => Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from(s, "utf16le").swap16()]);
const latin = (s) => Buffer.from(s, "latin1");
const H = "Customer,Product,Qty\n";
const TWO = { "Acme/AV": "3", "Zeta/AV": "4" };

// name, content, expected counts, and what else: settings, options, filename, rejected lines.
const good = [
	["plain", `${H}Acme,AV,3\nZeta,AV,4\n`, TWO],
	["no line end at the end", `${H}Acme,AV,3\nZeta,AV,4`, TWO],
	["CRLF", `${H}Acme,AV,3\nZeta,AV,4\n`.replaceAll("\n", "\r\n"), TWO],
	["old Mac line ends", `${H}Acme,AV,3\nZeta,AV,4\n`.replaceAll("\n", "\r"), TWO],
	["mixed line ends", "Customer,Product,Qty\r\nAcme,AV,3\nZeta,AV,4\r", TWO],
	["UTF-8 with mark", `\ufeff${H}Acme,AV,3\nZeta,AV,4\n`, TWO],
	["UTF-16 LE with mark", utf16(`${H}Acme,AV,3\nZeta,AV,4\n`), TWO],
	["UTF-16 LE without mark", utf16(`${H}Acme,AV,3\nZeta,AV,4\n`, false), TWO],
	["UTF-16 BE", utf16be(`${H}Acme,AV,3\nZeta,AV,4\n`), TWO],
	["windows-1252", latin(`Kunde;Artikel;Menge\nM\xfcller & S\xf6hne;AV;3\n`), { "Müller & Söhne/AV": "3" }],
	["windows-1252 Euro and dashes", Buffer.from([...latin("Kunde;Artikel;Menge\nA"), 0x96, ...latin("B;"), 0x80, ...latin(";3\n")]), { "A–B/€": "3" }],
	["accents in UTF-8", `${H}Café Réunion,AV,3\n`, { "Café Réunion/AV": "3" }],
	["emoji", `${H}Rocket 🚀,AV,3\n`, { "Rocket 🚀/AV": "3" }],
	["semicolons", "Customer;Product;Qty\nAcme;AV;3\nZeta;AV;4\n", TWO],
	["tabs", "Customer\tProduct\tQty\nAcme\tAV\t3\nZeta\tAV\t4\n", TWO, { filename: "usage.tsv" }],
	["pipes", "Customer|Product|Qty\nAcme|AV|3\nZeta|AV|4\n", TWO],
	["sep= line", "sep=;\nCustomer;Product;Qty\nAcme;AV;3\nZeta;AV;4\n", TWO],
	["commas inside quotes", `${H}"Acme, Inc.",AV,3\n`, { "Acme, Inc./AV": "3" }],
	["quotes inside quotes", `${H}"Acme ""West""",AV,3\n`, { 'Acme "West"/AV': "3" }],
	["a line end inside quotes", `${H}"Acme\nWest",AV,3\nZeta,AV,4\n`, { "Acme\nWest/AV": "3", "Zeta/AV": "4" }],
	["a stray quote", `${H}Acme 19" racks,AV,3\n`, { 'Acme 19" racks/AV': "3" }],
	["blank rows", `\n\n${H}\nAcme,AV,3\n,,\n  \nZeta,AV,4\n\n`, TWO],
	["a title above", `Usage report,,\nMay 2026,,\n\n${H}Acme,AV,3\nZeta,AV,4\n`, TWO],
	["totals", `${H}Acme,AV,3\nZeta,AV,4\nTotal,,7\n,Grand Total:,7\n`, TWO],
	["German totals", "Kunde;Artikel;Menge\nAcme;AV;3\nZeta;AV;4\nGesamt;;7\n", TWO],
	["the heading again", `${H}Acme,AV,3\n${H}Zeta,AV,4\n`, TWO],
	["sums", `${H}Acme,AV,3\nAcme,AV,4\nAcme,EDR,1\n`, { "Acme/AV": "7", "Acme/EDR": "1" }],
	["sums of fractions", `${H}Acme,AV,0.1\nAcme,AV,0.2\n`, { "Acme/AV": "0.3" }],
	["decimal commas", "Kunde;Artikel;Menge\nAcme;AV;1.234,5\nZeta;AV;0,25\n", { "Acme/AV": "1234.5", "Zeta/AV": "0.25" }],
	["thousands", `${H}Acme,AV,"1,234"\nZeta,AV,"12,345,678.5"\n`, { "Acme/AV": "1234", "Zeta/AV": "12345678.5" }],
	["blank as thousands mark", "Klant;Produkt;Aantal\nAcme;AV;1 234,5\n", { "Acme/AV": "1234.5" }, { options: { decimal: ",", thousands: " " } }],
	["zero is a count", `${H}Acme,AV,0\nZeta,AV,4\n`, { "Acme/AV": "0", "Zeta/AV": "4" }],
	["zeros in front", `${H}Acme,AV,003\nZeta,AV,4.00\n`, TWO],
	["other order of columns", "Seats,SKU Name,Account name\n3,AV,Acme\n4,AV,Zeta\n", TWO],
	["many columns", "Id,Account,Region,Service,Plan,Quantity,Unit cost,Currency\n1,Acme,EU,AV,x,3,1.50,USD\n2,Zeta,EU,AV,y,4,1.50,USD\n", TWO],
	["no heading", "Acme,AV,3\nZeta,AV,4\n", TWO],
	["headings nobody knows", "Wer,Was,Wie oft\nAcme,AV,3\nZeta,AV,4\n", TWO],
	["one service for the whole file", "Customer,Qty\nAcme,3\nZeta,4\n", TWO, { options: { service: "AV" } }],
	["columns by name", `${H}Acme,AV,3\nZeta,AV,4\n`, TWO, { settings: { columns: { account: "customer", service: "Product", quantity: "Qty" } } }],
	["columns by number", `${H}Acme,AV,3\nZeta,AV,4\n`, TWO, { settings: { columns: { account: 0, service: 1, quantity: 2 } } }],
	["another heading row", "Report,Report,Report\nCustomer,Product,Qty\nAcme,AV,3\nZeta,AV,4\n", TWO, { settings: { header_row: 2 } }],
	["ragged rows", `${H}Acme,AV,3,extra\nZeta,AV,4\n`, TWO],
	["names that look like formulas", `${H}'=Acme,AV,3\n@Zeta,AV,4\n`, { "=Acme/AV": "3", "@Zeta/AV": "4" }],
	["blanks around", `${H}  Acme , AV ,  3 \nZeta,AV,4\n`, TWO],
	["currency signs", `Customer,Product,Qty,Unit price\nAcme,AV,3,"$1,200.00"\nZeta,AV,4,€ 3.10\n`, TWO],
	["rejected rows left out", `${H}Acme,AV,3\nBeta,AV,many\nZeta,AV,4\n`, TWO, { options: { skip_rejected: true }, rejected: [3] }],
	["a pair with a rejected row waits as a whole", `${H}Acme,AV,3\nBeta,AV,1\nBeta,AV,\nZeta,AV,4\n`, TWO, { options: { skip_rejected: true }, rejected: [4] }],
	["XLSX", xlsx([["Customer", "Product", "Qty"], ["Acme", "AV", 3], ["Zeta", "AV", 4]]), TWO, { filename: "usage.xlsx" }],
	["XLSX with gaps", xlsx({ 3: ["Customer", null, "Product", "Qty"], 7: ["Acme", null, "AV", 3], 9: ["Zeta", "x", "AV", 4] }), TWO],
	["XLSX with inline texts", xlsx([[{ inline: "Customer" }, { inline: "Product" }, { inline: "Qty" }], [{ inline: "Acme" }, { inline: "AV" }, 3], [{ inline: "Zeta" }, { inline: "AV" }, 4]]), TWO],
	["XLSX with formulas", xlsx([["Customer", "Product", "Qty"], [{ formula: "Acme" }, "AV", 3], ["Zeta", "AV", { formula: "4" }]]), TWO],
	["XLSX binary fractions", xlsx([["Customer", "Product", "Qty"], ["Acme", "AV", { raw: "12.100000000000001" }], ["Zeta", "AV", { raw: "1.5E1" }]]), { "Acme/AV": "12.1", "Zeta/AV": "15" }],
	["XLSX dates", xlsx([["Customer", "Product", "Qty", "Month"], ["Acme", "AV", 3, { date: 46143 }], ["Zeta", "AV", 4, { date: 46143 }]]), TWO],
	["XLSX markup in names", xlsx([["Customer", "Product", "Qty"], ["<b>A&B</b>", "AV", 3]]), { "<b>A&B</b>/AV": "3" }],
	["XLSX second sheet hidden first", xlsx([["Customer", "Product", "Qty"], ["Acme", "AV", 3], ["Zeta", "AV", 4]], { sheets: '<sheet name="Hidden" sheetId="1" state="hidden" r:id="rId9"/><sheet name="Usage" sheetId="2" r:id="rId1"/>' }), TWO],
];

for (const [name, content, expected, more = {}] of good) {
	test(`reads: ${name}`, async () => {
		const result = await whole(content, more);
		assert.equal(result.done.state, "done", JSON.stringify(result.done));
		assert.deepEqual(result.counts, expected);
		assert.deepEqual(result.done.rejected.map((r) => r.line), more.rejected ?? []);
	});
}

// name, content, lines that must be refused, a word of the first reason.
const bad = [
	["no quantity", `${H}Acme,AV,3\nBeta,AV,\n`, [3], "zero"],
	["words for a quantity", `${H}Acme,AV,5 users\nBeta,AV,n/a\nZeta,AV,4\n`, [2, 3], "number"],
	["negative", `${H}Acme,AV,-3\nZeta,AV,(4)\n`, [2, 3], "negative"],
	["no account", `${H},AV,3\nZeta,AV,4\n`, [2], "account"],
	["no service", `${H}Acme,,3\nZeta,AV,4\n`, [2], "service"],
	["marks in wrong places", `${H}Acme,AV,"1,2,3"\nZeta,AV,1.2.3\n`, [2, 3], "number"],
	["far too many", `${H}Acme,AV,99999999999\nZeta,AV,4\n`, [2], "large"],
	["a name that is too long", `${H}${"A".repeat(300)},AV,3\nZeta,AV,4\n`, [2], "longer"],
	["twice, not added up", `${H}Acme,AV,3\nAcme,AV,4\n`, [3], "line 2", { options: { aggregate: false } }],
	["XLSX error cell", xlsx([["Customer", "Product", "Qty"], ["Acme", "AV", { inline: "#REF!" }], ["Zeta", "AV", 4]]), [2], "number"],
];

for (const [name, content, lines, word, more = {}] of bad) {
	test(`refuses the rows and imports nothing: ${name}`, async () => {
		const result = await whole(content, more);
		assert.equal(result.done.state, "failed");
		assert.deepEqual(result.done.rejected.map((r) => r.line), lines);
		assert.match(result.done.rejected[0].reason, new RegExp(word));
		assert.match(result.done.error, /nothing was imported/);
		assert.deepEqual(result.counts, {});
		assert.equal(result.done.accepted, 0);
	});
}

// name, content, a word of the refusal.
const none = [
	["empty", "", /empty/],
	["NULs", "a\0b,c\n1,2\n", /NUL/],
	["a PDF", "%PDF-1.7\nrubbish", /PDF/],
	["an old Excel file", Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, 0, 0]), /old Excel/],
	["a broken zip", "PK\x03\x04 rubbish", /damaged/],
	["a zip of something else", zip({ "readme.txt": "hello" }), /not an XLSX/],
	["10,000 columns", `${"x,".repeat(10000)}\n`, /2,000 columns/],
	["a doctype", xlsx([["a"]], { extra: { "xl/workbook.xml": '<!DOCTYPE x [<!ENTITY a "b">]><workbook/>' } }), /damaged/],
	["a zip bomb", xlsx([["a"]], { extra: { "xl/worksheets/sheet1.xml": Buffer.alloc(60 << 20, 32) } }), /unpack/],
	["a sheet that is not there", xlsx([["a"]], { extra: { "xl/_rels/workbook.xml.rels": '<Relationships><Relationship Id="rId1" Target="worksheets/none.xml"/></Relationships>' } }), /missing/],
	["cut XML", xlsx([["a"]], { extra: { "xl/worksheets/sheet1.xml": "<worksheet><sheetData><row r='1'><c" } }), /cannot be read/],
];

for (const [name, content, words] of none) {
	test(`is no table: ${name}`, async () => {
		const answer = await bring(content);
		assert.equal(answer.status, 400, answer.text);
		assert.match(answer.body.detail, words);
		assert.equal(answer.headers.get("content-type"), "application/problem+json");
	});
}

test("a file is known again, the same one twice is noticed, and all that is absent can be zero", async () => {
	const first = `${H}Acme,AV,3\nZeta,AV,4\n`;
	const brought = await bring(`${first}\n`, "may.csv");
	assert.equal(brought.body.profile, null);
	assert.deepEqual(brought.body.detected.columns, ["Customer", "Product", "Qty"]);
	assert.equal(brought.body.detected.header_row, 1);
	const id = await integration();
	const set = await server.api("PUT", `/imports/${brought.body.id}`, {
		integration: id,
		header_row: 1,
		columns: { account: "Customer", service: "Product", quantity: "Qty" },
		options: { complete: true },
		save_profile: "Monthly list",
	});
	assert.equal(set.status, 200, set.text);
	await jobDone(server, (await server.api("POST", `/imports/${brought.body.id}/run`)).body.job);
	assert.deepEqual(await counts(id), TWO);
	const again = await bring(`${first}\n`, "may again.csv");
	assert.equal(again.body.duplicate_of, brought.body.id);
	assert.ok(again.body.profile);
	assert.equal(again.body.integration, id);
	// June: Zeta is absent, and the profile says that these are all. It needs no PUT.
	const june = await bring(`Something above\n\n${H}Acme,AV,5\n`, "june.csv");
	assert.equal(june.body.profile, again.body.profile);
	assert.equal((await server.api("POST", `/imports/${june.body.id}/preview`, {})).body.profile, june.body.profile);
	await jobDone(server, (await server.api("POST", `/imports/${june.body.id}/run`)).body.job);
	assert.deepEqual(await counts(id), { "Acme/AV": "5", "Zeta/AV": "0" });
	const profiles = (await server.api("GET", "/import-profiles")).body.items;
	assert.equal(profiles[0].name, "Monthly list");
	assert.equal((await server.api("DELETE", `/import-profiles/${profiles[0].id}`)).status, 204);
});

test("order of things: not set, run twice, set after the end", async () => {
	const brought = (await bring(`${H}Once,AV,3\n`)).body;
	assert.equal((await server.api("POST", `/imports/${brought.id}/run`)).status, 409);
	const body = { integration: "000000000000000000000000", header_row: 1, columns: { account: 0, service: 1, quantity: 2 } };
	const unknown = await server.api("PUT", `/imports/${brought.id}`, body);
	assert.equal(unknown.status, 400);
	assert.equal(unknown.body.errors[0].pointer, "/integration");
	body.integration = await integration();
	const wrong = await server.api("PUT", `/imports/${brought.id}`, { ...body, columns: { account: 0, service: "Nope", quantity: 2 } });
	assert.equal(wrong.body.errors[0].pointer, "/columns/service");
	assert.equal((await server.api("PUT", `/imports/${brought.id}`, body)).status, 200);
	await jobDone(server, (await server.api("POST", `/imports/${brought.id}/run`)).body.job);
	assert.equal((await server.api("POST", `/imports/${brought.id}/run`)).status, 409);
	assert.equal((await server.api("PUT", `/imports/${brought.id}`, body)).status, 409);
	assert.equal((await server.api("DELETE", `/imports/${brought.id}`)).status, 409);
	const list = (await server.api("GET", "/imports?limit=1")).body;
	assert.equal(list.items.length, 1);
	assert.ok(list.next_cursor);
	const dropped = (await bring(`${H}Dropped,AV,3\n`)).body;
	assert.equal((await server.api("DELETE", `/imports/${dropped.id}`)).status, 204);
	assert.equal((await server.api("GET", `/imports/${dropped.id}`)).status, 404);
});

test("a file can be looked at in other ways, and nothing of that is kept", async () => {
	const { id, settings } = (await bring("Kunde;Produkt;Menge\nAcme;AV;1.234\nZeta;AV;2\n")).body;
	const look = async (body) => (await server.api("POST", `/imports/${id}/preview`, body)).body;
	const stored = await look({});
	assert.deepEqual(stored.settings, settings);
	assert.deepEqual(stored.rows, { accepted: 2, rejected: 0, ignored: 1, all_read: true });
	const unknown = await look({ header_row: 1, columns: {}, options: {} });
	assert.equal(unknown.rows.rejected, 2);
	assert.equal(unknown.preview[1].reason, "there is no account");
	const columns = { account: 0, service: 1, quantity: 2 };
	const dot = await look({ header_row: 1, columns, options: { decimal: "." } });
	const comma = await look({ header_row: 1, columns, options: { decimal: "," } });
	assert.deepEqual([dot.preview[1].quantity, comma.preview[1].quantity], ["1.234", "1234"]);
	const fixed = await look({ header_row: 1, columns: { account: 0, quantity: 2 }, options: { service: "All of it" } });
	assert.equal(fixed.preview[1].service, "All of it");
	const wrong = await server.api("POST", `/imports/${id}/preview`, { header_row: 99, columns });
	assert.equal(wrong.status, 400);
	assert.equal(wrong.body.errors[0].pointer, "/header_row");
	assert.deepEqual((await look({})).settings, settings);
	assert.equal((await server.api("GET", `/imports/${id}`)).body.state, "uploaded");
	assert.equal((await server.api("POST", "/imports/none/preview", {})).status, 404);
});

test("a failed import can be set again and run", async () => {
	const brought = (await bring(`${H}Mended,AV,"1.234"\nOther,AV,x\n`)).body;
	const body = { integration: await integration(), header_row: 1, columns: { account: 0, service: 1, quantity: 2 } };
	await server.api("PUT", `/imports/${brought.id}`, body);
	await jobDone(server, (await server.api("POST", `/imports/${brought.id}/run`)).body.job, { fail: true });
	assert.equal((await server.api("GET", `/imports/${brought.id}`)).body.state, "failed");
	body.options = { skip_rejected: true, decimal: ",", thousands: "." };
	assert.equal((await server.api("PUT", `/imports/${brought.id}`, body)).status, 200);
	await jobDone(server, (await server.api("POST", `/imports/${brought.id}/run`)).body.job);
	assert.deepEqual(await counts(body.integration), { "Mended/AV": "1234" });
});

test("a large file streams through", async () => {
	const rows = [H];
	for (let i = 0; i < 30000; i++) rows.push(`Customer ${i % 500},Service ${i % 7},${i % 11}\n`);
	const result = await whole(rows.join(""));
	assert.equal(result.done.state, "done");
	assert.equal(result.done.accepted, 30000);
});

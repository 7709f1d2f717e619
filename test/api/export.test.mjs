// Tables as files: every row that the filters let through, no formulas, and what comes out can go in again.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { as, jobDone, request, run, tempDir } from "../lib/server.mjs";
import { startWorld } from "../lib/world.mjs";

let world, integration;
before(async () => {
	world = await startWorld();
	integration = `/integrations/${world.integration.id}`;
});
after(() => world.stop());

/** A CSV text as rows of cells. */
function cells(text) {
	const rows = [[""]];
	let quoted = false;
	for (let i = 0; i < text.length; i++) {
		const row = rows.at(-1);
		if (quoted) {
			if (text[i] === '"' && text[i + 1] === '"') row[row.length - 1] += text[i++];
			else if (text[i] === '"') quoted = false;
			else row[row.length - 1] += text[i];
		} else if (text[i] === '"') quoted = true;
		else if (text[i] === ",") row.push("");
		else if (text[i] === "\n") rows.push([""]);
		else if (text[i] !== "\r") row[row.length - 1] += text[i];
	}
	return rows.filter((r) => r.length > 1 || r[0] !== "");
}

async function table(path) {
	const answer = await world.server.api("GET", path);
	assert.equal(answer.status, 200, answer.text);
	assert.equal(answer.headers.get("content-type"), "text/csv; charset=utf-8");
	assert.match(answer.headers.get("content-disposition"), /^attachment; filename="[a-z]+\.csv"$/);
	const [head, ...rows] = cells(answer.text.replace(/^\ufeff/, ""));
	return rows.map((r) => Object.fromEntries(head.map((h, i) => [h, r[i] ?? ""])));
}

test("cards: the same rows as the list, in its order, with its filters", async () => {
	const cards = await world.all("/cards");
	const rows = await table("/cards.csv");
	assert.deepEqual(rows.map((r) => r.Card), cards.map((c) => c.id));
	for (const [i, card] of cards.entries()) {
		assert.equal(rows[i].Account, card.account.name);
		assert.equal(rows[i]["Vendor units"], card.vendor_units ?? "", "missing is an empty cell, never a zero");
		assert.equal(rows[i].Vendors, card.vendors.join("; "));
	}
	const some = await table("/cards.csv?kind=reconcile&q=dental");
	assert.deepEqual(some.map((r) => r.Card), cards.filter((c) => c.kind === "reconcile" && /dental/i.test(c.account.name)).map((c) => c.id));
	assert.equal((await world.server.api("GET", "/cards.csv?kind=nonsense")).status, 400);
});

test("counts of more than a page go out whole, and come back in as they were", async () => {
	const { id } = await world.ok("POST", "/integrations", { vendor: "custom", name: "Many", modules: ["billing"] });
	const lines = Array.from({ length: 2500 }, (_, i) => `Customer ${i},Backup,${i % 7}.5`);
	const bring = async (integrationId, content) => {
		const headers = { authorization: `Bearer ${world.server.token}` };
		const sent = await request(`${world.server.url}/api/v1/imports?filename=t.csv`, "POST", { raw: content, headers });
		assert.equal(sent.status, 201, sent.text);
		const { header_row, columns, options } = sent.body.settings;
		await world.ok("PUT", `/imports/${sent.body.id}`, { integration: integrationId, header_row, columns, options });
		await jobDone(world.server, (await world.ok("POST", `/imports/${sent.body.id}/run`)).job);
	};
	const pick = (rows) => rows.map((r) => `${r.Account}|${r.Service}|${r.Quantity}`).sort();
	const today = new Date().toISOString().slice(0, 10);

	await bring(id, `Account,Service,Quantity\n=1+2,Backup,4\n${lines.join("\n")}\n`);
	const out = await world.server.api("GET", `/integrations/${id}/observations.csv?as_of=${today}`);
	const first = await table(`/integrations/${id}/observations.csv?as_of=${today}`);
	assert.equal(first.length, 2501);
	assert.match(out.text, /'=1\+2/, "no cell is a formula");

	const other = await world.ok("POST", "/integrations", { vendor: "custom", name: "Again", modules: ["billing"] });
	await bring(other.id, out.text);
	const second = await table(`/integrations/${other.id}/observations.csv?as_of=${today}`);
	assert.deepEqual(pick(second), pick(first));
	const names = (await world.server.api("GET", `/integrations/${other.id}/accounts?q=${encodeURIComponent("=1+2")}`)).body.items;
	assert.deepEqual(names.map((n) => n.name), ["=1+2"]);
});

test("XLSX is a workbook that a reader of files understands", async () => {
	const answer = await fetch(`${world.server.url}/api/v1/cards.xlsx`, { headers: { authorization: `Bearer ${world.server.token}` } });
	assert.equal(answer.status, 200);
	assert.match(answer.headers.get("content-type"), /spreadsheetml/);
	assert.match(answer.headers.get("content-disposition"), /cards\.xlsx/);
	const file = join(tempDir(), "cards.xlsx");
	writeFileSync(file, Buffer.from(await answer.arrayBuffer()));
	const script = "import sys,zipfile;z=zipfile.ZipFile(sys.argv[1]);print(z.testzip(),z.read('xl/worksheets/sheet1.xml').decode().count('<row '))";
	const read = await run("python3", ["-c", script, file]);
	assert.equal(read.stdout.trim(), `None ${(await world.all("/cards")).length + 1}`);
});

test("mapping, writes and the log", async () => {
	const accounts = await table(`${integration}/accounts.csv`);
	assert.deepEqual(accounts.map((r) => r.Account), (await world.all(`${integration}/accounts`)).map((a) => a.name));
	const services = await table(`${integration}/services.csv?status=mapped`);
	assert.ok(services.length && services.every((r) => r.Mapping === "mapped" && r["Product IDs"]));

	const card = (await world.all("/cards")).find((c) => c.kind === "reconcile" && c.state === "open" && !c.choices.length);
	const [write] = await world.approve({ ids: [card.id] });
	const writes = await table(`/writes.csv?batch=${write.batch}`);
	assert.deepEqual(writes.map((w) => [w.Write, w.State, w.Before, w.After]), [[write.id, "applied", write.expect, write.want]]);
	const log = await table("/audit.csv?event=write.");
	assert.ok(log.length > 0 && log.every((r) => r.What.startsWith("write.")));
	assert.ok(log.some((r) => JSON.parse(r.After).quantity === Number(write.want)));
	assert.equal((await world.server.api("GET", "/integrations/none/accounts.csv")).status, 404);
});

test("a viewer may take files along, nobody else", async () => {
	const viewer = await as(world.server, "viewer");
	for (const name of ["cards", "writes", "audit"])
		for (const kind of ["csv", "xlsx"]) {
			assert.equal((await viewer("GET", `/${name}.${kind}`)).status, 200);
			assert.equal((await request(`${world.server.url}/api/v1/${name}.${kind}`, "GET")).status, 401);
		}
});

// A folder that is watched: known files are counted, unknown ones wait, what is no table or came before is refused.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { jobDone, request, startServer, tempDir, until } from "../lib/server.mjs";

const dir = tempDir();
let server;
before(async () => {
	server = await startServer({ env: { TRUEUP_DROP_DIR: dir } });
});
after(() => server?.stop());

/** Puts a file there as if it had rested for a minute. */
function drop(name, content) {
	const file = join(dir, name);
	writeFileSync(file, content);
	const then = Date.now() / 1000 - 60;
	utimesSync(file, then, then);
}

const arrives = (where, name) => until(() => existsSync(join(dir, where, name)), { what: `${where}/${name}` });
const HEAD = "Customer,Product,Qty\n";

test("known, unknown, twice, no table", async () => {
	const id = (await server.api("POST", "/integrations", { vendor: "custom", name: "Dropped" })).body.id;
	const brought = await request(`${server.url}/api/v1/imports?filename=may.csv`, "POST", {
		raw: `${HEAD}Acme,AV,3\n`,
		headers: { authorization: `Bearer ${server.token}` },
	});
	await server.api("PUT", `/imports/${brought.body.id}`, {
		integration: id,
		header_row: 1,
		columns: { account: 0, service: 1, quantity: 2 },
		save_profile: "Dropped",
	});
	drop("june.csv", `${HEAD}Acme,AV,4\n`);
	await arrives("done", "june.csv");
	const june = await until(async () =>
		(await server.api("GET", "/imports")).body.items.find((i) => i.filename === "june.csv" && i.job), { what: "the import" });
	await jobDone(server, june.job);
	const [count] = (await server.api("GET", `/integrations/${id}/observations`)).body.items;
	assert.equal(count.units, "4");
	assert.equal(june.created_by, "drop folder");

	drop("other.csv", "Wer;Was;Wie viel\nAcme;AV;3\n");
	drop("june again.csv", `${HEAD}Acme,AV,4\n`);
	drop("letter.pdf", "%PDF-1.7");
	drop(".hidden.csv", `${HEAD}Acme,AV,9\n`);
	await arrives("done", "other.csv");
	await arrives("refused", "june again.csv");
	await arrives("refused", "letter.pdf");
	const waits = (await server.api("GET", "/imports")).body.items.find((i) => i.filename === "other.csv");
	assert.equal(waits.state, "uploaded");
	assert.match(readFileSync(join(dir, "refused", "june again.csv.why.txt"), "utf8"), new RegExp(`imported before \\(import ${june.id}\\)`));
	assert.match(readFileSync(join(dir, "refused", "letter.pdf.why.txt"), "utf8"), /PDF/);
	assert.ok(existsSync(join(dir, ".hidden.csv")));
	assert.equal((await server.api("GET", `/integrations/${id}/observations`)).body.items.length, 1);
	mkdirSync(join(dir, "a folder"));
});

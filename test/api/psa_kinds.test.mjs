// Every PSA that can be connected: its own words, and a page in docs/connect/ that names each of its settings and says which rights it needs.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { startServer, TOP } from "../lib/server.mjs";

const PAGES = { pulseway: "kaseya-bms" };
const WORDS = {
	alga: "Client, Contract, Service, Service or product",
	autotask: "Company, Contract, Contract service, Service",
	connectwise: "Company, Agreement, Addition, Product",
	files: "Customer, Contract, Line, Product",
	halopsa: "Customer, Recurring invoice, Line, Item",
	itflow: "Client, Recurring invoice, Item, Product",
	"kaseya-bms": "Account, Recurring service contract, Service line, Service",
	pulseway: "Account, Recurring service contract, Service line, Service",
	superops: "Client, Contracts of the client, Contract, Service item",
	syncro: "Customer, Recurring invoice, Line item, Product",
};

let server, kinds;
before(async () => {
	server = await startServer();
	kinds = (await server.api("GET", "/psa/kinds")).body.items;
});
after(() => server?.stop());

test("each speaks its own words", () => {
	const words = kinds.map(({ kind, words: w }) => [kind, [w.account, w.contract, w.line, w.product].join(", ")]);
	assert.deepEqual(Object.fromEntries(words), WORDS);
});

test("each has a page with its settings, its rights and the steps", () => {
	for (const { kind, name, settings } of kinds) {
		const page = readFileSync(join(TOP, "docs/connect", `${PAGES[kind] ?? kind}.md`), "utf8");
		assert.ok(page.includes(name.replace(/ \(.*/, "")), `${kind}: its page does not name it`);
		const missing = settings.map((s) => s.name).filter((s) => !page.includes(`\`${s}\``));
		assert.deepEqual(missing, [], `${kind}: settings that its page does not name`);
		assert.match(page, /^## Connect|^1\. /m, `${kind}: no steps`);
		if (kind !== "files") assert.match(page, /\b(right|role|permission|security level)/i, `${kind}: no rights`);
	}
});

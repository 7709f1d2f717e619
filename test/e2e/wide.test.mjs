// 5,000 accounts of the PSA and 5,000 of a vendor on one page: as many rows are drawn as are seen, both sides are searched and scrolled to
// their ends, and one is dropped on the other.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startBrowser } from "../lib/browser.mjs";
import { jobDone, request, startServer, until } from "../lib/server.mjs";
import { settled, signIn, visit } from "../lib/ui.mjs";
import { connect, list } from "../lib/vendor.mjs";

const N = 5000;
const MOST = 80;
const number = (i) => String(i).padStart(4, "0");

let server, b, page, vendor;
before(async () => {
	server = await startServer({ env: { TRUEUP_PUSH_RATE: "0", TRUEUP_APP_RATE: "0" } });
	const lines = Array.from({ length: N }, (_, i) => `Customer ${number(i)},Backup,${i % 40},2.50`);
	await server.api("PUT", "/psa", { kind: "files", settings: {} });
	const report = await request(`${server.url}/api/v1/psa/file?filename=lines.csv`, "POST", {
		raw: `Customer,Product,Quantity,Price\n${lines.join("\n")}\n`,
		headers: { authorization: `Bearer ${server.token}`, "content-type": "application/octet-stream" },
	});
	assert.equal(report.status, 200, report.text);
	await jobDone(server, (await server.api("POST", "/psa/sync", { mode: "full" })).body.job);
	vendor = await connect(server, { name: "Wide vendor", modules: ["billing"] });
	// Half of them are known by name.
	const accounts = Array.from({ length: N }, (_, i) => ({ id: `v${i}`, name: i % 2 ? `Customer ${number(i)}` : `Firma ${number(i)}` }));
	for (let at = 0; at < N; at += 1000) {
		const sent = await vendor.call("POST", "/organization/accounts", accounts.slice(at, at + 1000));
		assert.ok(sent.status < 300, sent.text);
	}
	b = await startBrowser();
	page = b.page;
	await signIn(page, server.url);
});
after(async () => {
	await b?.close();
	await server?.stop();
});

const psa = () => page.getByRole("region", { name: "PSA accounts" });
const theirs = () => page.getByRole("region", { name: "Wide vendor accounts" });
const drawn = (side) => side.getByRole("row").count();
const nodes = () => page.evaluate(() => document.getElementsByTagName("*").length);

/** Scrolls a side to its end in steps, and says how many rows there were at most. */
async function toTheEnd(side) {
	const box = side.locator(".map-list");
	let most = 0;
	for (let step = 1; step <= 12; step++) {
		await box.evaluate((e, part) => e.scrollTo(0, e.scrollHeight * part), step / 12);
		await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
		most = Math.max(most, await drawn(side));
	}
	return most;
}

test("all of them are there, and only what is seen is drawn", async () => {
	await visit(page, server.url, `/integrations/${vendor.id}/setup?step=accounts`);
	await settled(page);
	await theirs().getByRole("row").first().waitFor({ timeout: 60000 });
	await theirs().getByText(/unmapped/).first().waitFor();
	for (const side of [psa(), theirs()]) assert.equal(await side.getByRole("grid").getAttribute("aria-rowcount"), String(N));
	for (const side of [psa(), theirs()]) assert.ok((await drawn(side)) < MOST, `${await drawn(side)} rows`);
	assert.ok((await nodes()) < 3000, `${await nodes()} elements`);
});

test("scrolled to the end, there are no more rows than at the beginning, and the last one is there", async () => {
	for (const [side, name] of [[psa(), `Customer ${number(N - 1)}`], [theirs(), `Firma ${number(N - 2)}`]]) {
		const most = await toTheEnd(side);
		assert.ok(most < MOST, `${most} rows at once`);
		await side.getByRole("row", { name }).waitFor();
	}
	assert.ok((await nodes()) < 3000, `${await nodes()} elements`);
});

test("both sides are searched, and a drop maps", async () => {
	await psa().getByRole("searchbox").fill("customer 4242");
	await until(async () => (await psa().getByRole("grid").getAttribute("aria-rowcount")) === "1");
	await theirs().getByRole("searchbox").fill("firma 4242");
	await until(async () => (await theirs().getByRole("grid").getAttribute("aria-rowcount")) === "1");
	await psa().getByRole("row", { name: "Customer 4242" }).dragTo(theirs().getByRole("row", { name: "Firma 4242" }));
	await theirs().getByRole("button", { name: "Unmap Firma 4242" }).waitFor({ timeout: 60000 });
	const mapped = (await list(server, `/integrations/${vendor.id}/accounts?q=${encodeURIComponent("Firma 4242")}&limit=100`)).find((a) => a.name === "Firma 4242");
	assert.equal(mapped.mapping.psa_account.name, "Customer 4242");
	// The searches end, and the lists are whole again.
	for (const side of [psa(), theirs()]) {
		await side.getByRole("searchbox").fill("");
		await until(async () => (await side.getByRole("grid").getAttribute("aria-rowcount")) === String(N));
		assert.ok((await drawn(side)) < MOST);
	}
});

test("no page complained", () => {
	assert.deepEqual(b.problems, []);
});

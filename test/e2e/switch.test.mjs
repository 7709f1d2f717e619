// From ConnectWise to HaloPSA at the screen: connected, read, what is proposed is reviewed, moved, and history stays.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { jobDone, request, startServer, startSim, until } from "../lib/server.mjs";
import { axe, signIn, startUi, visit } from "../lib/ui.mjs";
import { connect } from "../lib/vendor.mjs";

const HALO = JSON.parse(readFileSync(new URL("../../sim/fixtures/halopsa.json", import.meta.url)));
// One that is called otherwise there: a person must say.
const MOVED = "TCO Holding";
HALO.halopsa.clients.find((c) => c.name === "Tarn & Co").name = MOVED;

// A contract that a rule names; in HaloPSA it is called by its reference.
const GOLD = "Managed Services - Gold";
const GOLD_THERE = /^NWD-MSA/;

let ui, page, world, halo, batch, bound;
before(async () => {
	ui = await startUi({ accounts: { "Tarn & Company": "Tarn & Co" } });
	({ page, world } = ui);
	halo = await startSim("halopsa", HALO);
});
after(() => Promise.all([ui?.stop(), halo?.stop()]));

const button = (name, options) => page.getByRole("button", { name, ...options });
const plan = () => world.ok("GET", "/psa/switch");
const row = (name) => page.locator(".switch-row", { hasText: name });

async function fill(values) {
	for (const [label, value] of Object.entries(values)) await page.getByLabel(label, { exact: true }).fill(value);
}

test("with ConnectWise: a change is made, a rule is set", async () => {
	const card = await world.card("Northwind Dental", "CORO-EDR");
	const writes = await world.approve({ ids: [card.id] });
	assert.equal(writes[0].state, "applied", writes[0].detail);
	batch = writes[0].batch;
	const of = { account_id: card.account.id, product_id: card.product.id };
	await world.ok("POST", "/rules", { name: "At least five", ...of, minimum: "5" });
	const contract = (await world.all("/psa/contracts")).find((c) => c.name === GOLD);
	bound = await world.ok("POST", "/rules", { name: "At most a hundred on Gold", ...of, contract_id: contract.id, maximum: "100" });
});

test("another PSA is chosen: what that means is said before, then it is connected and read once", async () => {
	await ui.go("/settings/psa");
	await page.getByRole("radiogroup").getByText("HaloPSA", { exact: true }).click();
	await page.getByText("From ConnectWise PSA to HaloPSA").waitFor();
	assert.deepEqual(await axe(page), []);
	await fill({ Site: halo.url, "Client ID": "7f7f1c1e-halo", "Client secret": "s3cret&Small=" });
	await button("Save and Test").click();
	await page.getByText("Everything works", { exact: true }).waitFor({ timeout: 60000 });
	await button("Read it now").click();
	await page.getByRole("link", { name: "Review the matches" }).waitFor({ timeout: 120000 });
	assert.deepEqual(await axe(page), []);
	await page.getByRole("link", { name: "Review the matches" }).click();
	await page.getByRole("heading", { name: "What it is in HaloPSA" }).waitFor();
});

test("what is sure is ticked, what is likely waits for a person; one is left out, one is chosen", async () => {
	const proposed = await plan();
	const everything = [...proposed.accounts, ...proposed.products, ...proposed.contracts];
	await page.locator(".switch-row").first().waitFor();
	assert.equal(await page.locator(".switch-row").count(), everything.length);
	assert.deepEqual(await axe(page), []);
	for (const p of everything.filter((p) => p.sure))
		assert.equal(await page.getByRole("checkbox", { name: `Move ${p.from.name}`, exact: true }).first().isChecked(), true, p.from.name);
	for (const p of proposed.accounts.filter((p) => !p.sure))
		assert.equal(await page.getByRole("checkbox", { name: `Move ${p.from.name}`, exact: true }).isChecked(), false, p.from.name);

	// One that is sure is left out; another gets a customer of the person's own choice.
	const left = proposed.accounts.find((p) => p.from.name === "Kestrel Foods");
	await row(left.from.name).locator("label.checkbox").first().click();
	assert.equal(await page.getByRole("checkbox", { name: `Move ${left.from.name}`, exact: true }).isChecked(), false);
	const fresh = await world.all("/psa/accounts");
	const open = proposed.accounts.find((p) => p.from.name === "Tarn & Co");
	assert.equal(open.sure, false);
	const other = fresh.find((a) => a.name === MOVED);
	await button(new RegExp(`^(Change|Choose): ${open.from.name}$`)).click();
	const dialog = page.getByRole("dialog");
	await dialog.getByRole("searchbox").fill(other.name);
	await dialog.getByRole("option", { name: other.name }).first().click();
	await dialog.waitFor({ state: "detached" });
	await row(open.from.name).getByText("chosen by you").waitFor();

	// The contract is shown, with its use; nothing is proposed, and of the new ones only those of its customer are offered.
	const contracts = page.getByRole("region", { name: "Contracts" });
	await contracts.getByText(GOLD).waitFor();
	await contracts.getByText("1 rule").waitFor();
	assert.equal(await contracts.locator(".switch-row").count(), 1);
	await button(`Choose: ${GOLD}`, { exact: true }).click();
	await dialog.getByRole("option", { name: GOLD_THERE }).waitFor();
	assert.deepEqual(
		(await dialog.getByRole("option").allTextContents()).length,
		fresh.find((a) => a.name === "Northwind Dental").contracts,
	);
	await dialog.getByRole("option", { name: GOLD_THERE }).click();
	await dialog.waitFor({ state: "detached" });
	await row(GOLD).getByText("chosen by you").waitFor();

	const ticked = await page.locator(".switch-row input[type=checkbox]:checked").count();
	await button(`Move ${ticked}`, { exact: true }).click();
	await page.getByText(new RegExp(`^${ticked} (was|were) moved$`)).first().waitFor({ timeout: 60000 });
	const rest = await until(async () => {
		const p = await plan();
		return p.accounts.length < proposed.accounts.length ? p : null;
	});
	assert.ok(rest.accounts.some((p) => p.from.id === left.from.id), "what was left out waits");
	assert.ok(!rest.accounts.some((p) => p.from.id === open.from.id));
	const mapped = (await world.all(`/integrations/${world.integration.id}/accounts`)).map((a) => a.mapping.psa_account_id);
	assert.ok(mapped.includes(other.id), "the vendor's account follows");
	const contract = (await world.all("/psa/contracts")).find((c) => GOLD_THERE.test(c.name));
	assert.equal((await world.ok("GET", `/rules/${bound.id}`)).contract_id, contract.id, "the rule's contract follows");
});

test("what waits is still there after a reload, and can be moved later", async () => {
	await ui.go("/settings/psa");
	await page.getByRole("link", { name: "Review the matches" }).click();
	await page.locator(".switch-row").first().waitFor();
	const sure = (await plan()).accounts.filter((p) => p.sure).length;
	assert.ok(sure > 0);
	await page.locator(".switch-end button").click();
	await until(async () => (await plan()).accounts.filter((p) => p.sure).length === 0);
});

test("history stays: the old change is in the log, its card's number goes on, and it cannot be put back in the wrong PSA", async () => {
	const [write] = await world.all(`/writes?batch=${batch}`);
	assert.equal(write.state, "applied");
	assert.equal((await world.server.api("POST", `/writes/batches/${batch}/rollback`, {})).status, 409);
	// The cards are made anew: the vendor's count has come to the new customer, with its rule.
	const rebuilt = async () => {
		const cards = (await world.all("/cards")).filter((c) => c.state !== "stale" && c.account.name === "Northwind Dental");
		return cards.find((c) => c.product.code === "CORO-EDR" && c.vendor_units === "27");
	};
	assert.equal((await until(rebuilt, { ms: 60000 })).psa_units, "24");
	await ui.go("/activity");
	await page.getByText("PSA switched").first().waitFor();
	await ui.go("/");
	await page.getByText("Northwind Dental").first().waitFor();
});

/** A book over files with so many customers, all called so. */
async function book(server, called, n) {
	const lines = Array.from({ length: n }, (_, i) => `${called} ${i},Backup,${i % 40},2.50`);
	const report = await request(`${server.url}/api/v1/psa/file?filename=lines.csv`, "POST", {
		raw: `Customer,Product,Quantity,Price\n${lines.join("\n")}\n`,
		headers: { authorization: `Bearer ${server.token}`, "content-type": "application/octet-stream" },
	});
	assert.equal(report.status, 200, report.text);
	await jobDone(server, (await server.api("POST", "/psa/sync", { mode: "full" })).body.job);
}

test("many at once: only what is seen is drawn, and the row with the focus stays while the rest scrolls by", async (t) => {
	const N = 400;
	const server = await startServer({ env: { TRUEUP_PUSH_RATE: "0" } });
	const context = await ui.context.browser().newContext({ locale: "en-US" });
	t.after(async () => {
		await context.close();
		await server.stop();
	});
	await server.api("PUT", "/psa", { kind: "files", settings: {} });
	await book(server, "Customer", N);
	const vendor = await connect(server, { name: "Many", modules: ["billing"] });
	const sent = await vendor.call("POST", "/organization/accounts", Array.from({ length: N }, (_, i) => ({ id: `v${i}`, name: `Customer ${i}` })));
	assert.ok(sent.status < 300, sent.text);
	await until(async () => (await server.api("GET", `/integrations/${vendor.id}`)).body.accounts.mapped === N, { ms: 60000, what: "all of them mapped" });
	await book(server, "Kunde", N);
	const p = await context.newPage();
	await signIn(p, server.url);
	await visit(p, server.url, "/settings/psa/switch");
	const box = p.getByRole("region", { name: "Customers" }).locator(".switch-long").first();
	const rows = box.getByRole("listitem");
	await rows.first().waitFor({ timeout: 60000 });
	const of = await rows.first().getAttribute("aria-setsize");
	assert.ok(Number(of) > 100, of);
	assert.ok((await rows.count()) < 60, `${await rows.count()} rows`);
	const held = box.locator('[aria-posinset="3"]').getByRole("button");
	await held.focus();
	await box.evaluate((e) => e.scrollTo(0, e.scrollHeight));
	await box.locator(`[aria-posinset="${of}"]`).waitFor({ timeout: 60000 });
	await box.locator('[aria-posinset="30"]').waitFor({ state: "detached", timeout: 60000 });
	assert.ok((await rows.count()) < 60);
	assert.equal(await held.evaluate((e) => e === document.activeElement), true);
	assert.deepEqual(await axe(p), []);
});

test("no page complained", () => {
	assert.deepEqual(ui.problems.filter((p) => !/status of 409/.test(p)), []);
});

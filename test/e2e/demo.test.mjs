// Somebody without a PSA: the set-up link, Explore with demo data, a look around, an approval, and then the start for real.
import assert from "node:assert/strict";
import { after, before, test as nodeTest } from "node:test";
import { axe, settled, visit } from "../lib/ui.mjs";
import { setUp, startStack } from "../lib/stack.mjs";

// Each step stands on the one before it: after a failure the rest says so instead of waiting.
let broken = null;
const test = (name, work) =>
	nodeTest(name, async () => {
		if (broken) assert.fail(`not reached: "${broken}" failed`);
		broken = name;
		await work();
		broken = null;
	});

let s, page;
const MS = 60000;
before(async () => {
	s = await startStack();
	page = s.page;
	page.setDefaultTimeout(MS);
});
after(() => s?.stop());

const banner = () => page.getByRole("complementary", { name: "Demo data." });

test("the set-up offers a demo, makes it, and shows cards", async () => {
	await setUp(s);
	assert.equal(await banner().count(), 0);
	await page.getByRole("button", { name: "Explore with demo data" }).click();
	await page.getByRole("heading", { name: "Your demo is ready" }).waitFor();
	assert.deepEqual(await axe(page), []);
	// Loaded again in between, it is still there.
	await page.reload();
	await page.getByRole("heading", { name: "Your demo is ready" }).waitFor();
	await page.getByRole("button", { name: "Look around" }).click();
	await page.getByText("Alder Ridge Dental").first().waitFor();
	await banner().getByText("nothing leaves this server").waitFor();
	assert.deepEqual(await axe(page), []);
});

test("every page says that it is a demo", async () => {
	for (const path of ["/integrations", "/mapping", "/sync", "/activity", "/settings/psa", "/worklist"]) {
		await visit(page, s.server.url, path);
		assert.ok(await banner().isVisible(), path);
	}
	await visit(page, s.server.url, "/mapping?q=oakhurst");
	await page.getByText("Oakhurst Realty LLC").first().waitFor();
});

test("approving works; what was approved is on the work list", async () => {
	await visit(page, s.server.url, "/?q=harbor&group=account");
	await page.getByRole("button", { name: /^Approve: Harbor Point Legal, Endpoint/ }).click();
	const dialog = page.getByRole("dialog");
	await dialog.getByText("Harbor Point Legal").first().waitFor();
	await dialog.getByRole("button", { name: /^Approve/ }).click();
	await dialog.getByRole("button", { name: "Close" }).last().click();
	await visit(page, s.server.url, "/worklist");
	await page.getByText("Harbor Point Legal").first().waitFor();
	await page.getByText("Endpoint Detection and Response").first().waitFor();
	// The log calls it by its name, and leads to it.
	await visit(page, s.server.url, "/activity");
	await page.getByRole("link", { name: "Harbor Point Legal, Endpoint Detection and Response" }).first().click();
	await page.waitForURL(/state=approved/);
	await page.getByText("Harbor Point Legal").first().waitFor();
	await visit(page, s.server.url, "/activity");
	assert.doesNotMatch(await page.locator("main").innerText(), /\b[0-9a-f]{24}\b/);
});

test("start for real: asked once, all of it goes, and the PSA is next", async () => {
	await visit(page, s.server.url, "/");
	await banner().getByRole("button", { name: "Start with your own PSA" }).click();
	const dialog = page.getByRole("alertdialog");
	assert.deepEqual(await axe(page), []);
	await dialog.getByRole("button", { name: "Cancel" }).click();
	await banner().getByRole("button", { name: "Start with your own PSA" }).click();
	await dialog.getByRole("button", { name: "Clear and start" }).click();
	await page.getByRole("heading", { name: "Connect your PSA" }).waitFor();
	await page.getByRole("radio", { name: "ConnectWise PSA" }).waitFor({ state: "attached" });
	await visit(page, s.server.url, "/");
	await page.getByRole("navigation", { name: "Main" }).waitFor();
	assert.equal(await banner().count(), 0);
	assert.equal(await page.getByText("Alder Ridge Dental").count(), 0);
	await visit(page, s.server.url, "/activity");
	await page.getByText("Demo data cleared").first().waitFor();
	assert.deepEqual(s.problems.filter((p) => !/status of 401/.test(p)), []);
});

// Everyday work on the dashboard: the keyboard, two tabs, a session that ends, a server that restarts, and axe.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { playGuide, startStack } from "../lib/stack.mjs";
import { ADMIN, TOP, until } from "../lib/server.mjs";

const AXE = readFileSync(join(TOP, "web/node_modules/axe-core/axe.min.js"), "utf8");

let s;
let page;
before(async () => {
	s = await startStack();
	page = s.page;
	await playGuide(s);
});
after(() => s?.stop());

/** What axe finds; by the debugger, because the page's policy lets no script in. */
async function violations() {
	const cdp = await page.context().newCDPSession(page);
	await cdp.send("Runtime.evaluate", { expression: AXE });
	const run = `axe.run(document, { resultTypes: ["violations"] }).then((r) => JSON.stringify(r.violations.map((v) => v.id + " " + v.nodes[0].target.join(" "))))`;
	const got = await cdp.send("Runtime.evaluate", { expression: run, awaitPromise: true, returnByValue: true });
	await cdp.detach();
	return JSON.parse(got.result.value);
}

const open = async (path) => {
	await page.goto(s.server.url + path);
	await page.getByRole("heading", { level: 1 }).first().waitFor({ state: "attached" });
	await page.waitForLoadState("networkidle").catch(() => {});
};

async function firstIntegration() {
	return page.evaluate(async () => (await (await fetch("api/v1/integrations")).json()).items[0].id);
}

test("the keyboard: j, x, a, ?, and none of it while typing", async () => {
	await open("/?kind=reconcile");
	await page.getByRole("button", { name: "List", exact: true }).click();
	await page.locator("[data-card]").first().waitFor();
	await page.keyboard.press("j");
	await page.keyboard.press("x");
	await page.keyboard.press("j");
	await page.keyboard.press("x");
	await page.getByText("2 selected").first().waitFor();
	await page.keyboard.press("a");
	await page.getByRole("dialog").getByRole("heading", { name: "Approve 2 cards" }).waitFor();
	await page.keyboard.press("Escape");
	await page.keyboard.press("?");
	await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
	await page.keyboard.press("Escape");
	await page.keyboard.press("/");
	await page.keyboard.type("jax");
	assert.equal(await page.getByRole("searchbox").inputValue(), "jax");
	assert.equal(await page.getByRole("dialog").count(), 0);
	await page.getByRole("searchbox").fill("");
	await page.getByRole("button", { name: "Clear selection" }).click();
});

test("filters, sorting and grouping are in the address, and the back button brings them back", async () => {
	await open("/");
	await page.getByRole("button", { name: /^Kind|Kind$/ }).click();
	await page.getByRole("option", { name: "Only changes" }).click();
	assert.match(page.url(), /kind=changes/);
	await page.reload();
	await page.getByRole("button", { name: /Only changes/ }).waitFor();
});

test("details: sources, why, a note and a tag", async () => {
	await open("/?kind=reconcile");
	await page.getByRole("button", { name: "Details of Granite Mutual, Coro EDR" }).click();
	const drawer = page.getByRole("dialog");
	await drawer.getByRole("heading", { name: "Why this number" }).waitFor();
	assert.match(await drawer.innerText(), /214 from Coro, EDR/);
	await drawer.getByLabel("Add a note").fill("<b>asked</b> the customer");
	await drawer.getByRole("button", { name: "Save note" }).click();
	await drawer.getByText("<b>asked</b> the customer").waitFor();
	await page.keyboard.press("Escape");
});

test("two tabs: a decision in one lights up Refresh in the other", async () => {
	const other = await page.context().newPage();
	await other.goto(`${s.server.url}/?kind=no_change`);
	await other.getByRole("button", { name: /^Confirm: / }).first().waitFor();
	await open("/?kind=no_change");
	await page.getByRole("button", { name: /^Confirm: / }).first().click();
	await page.getByText("One confirmed").waitFor();
	await other.getByRole("button", { name: /New data is in/ }).waitFor();
	await other.close();
});

test("a session that ends in the middle of work is picked up where it was", async () => {
	await open("/?kind=reconcile&q=Heron");
	await page.locator("[data-card]").first().waitFor();
	await page.context().clearCookies();
	await page.getByRole("button", { name: /Refresh/ }).click();
	const dialog = page.getByRole("dialog", { name: "Your session has ended" });
	await dialog.waitFor();
	await dialog.getByLabel("E-mail address").fill(ADMIN.email);
	await dialog.getByLabel("Password").fill(ADMIN.password);
	await dialog.getByRole("button", { name: "Sign in" }).click();
	await dialog.waitFor({ state: "detached" });
	assert.equal(await page.getByRole("searchbox").inputValue(), "Heron");
	await page.getByText("Heron Valley School").first().waitFor();
});

test("axe finds nothing on any page", async () => {
	const id = await firstIntegration();
	const card = await page.evaluate(async () => (await (await fetch("api/v1/cards?kind=reconcile")).json()).items[0].id);
	const steps = ["connect", "accounts", "services", "review"].map((x) => `/integrations/${id}/setup?step=${x}`);
	const tabs = ["psa", "sync", "organization", "people", "tokens", "appearance", "you"].map((x) => `/settings/${x}`);
	const pages = ["/", "/?group=account", `/?card=${card}`, "/integrations", ...steps, `/integrations/${id}`, "/mapping", "/mapping?tab=services", "/sync", "/activity", ...tabs, "/nowhere"];
	const found = {};
	for (const path of pages) {
		await open(path);
		await page.waitForTimeout(400);
		const list = await violations();
		if (list.length) found[path] = list;
	}
	assert.deepEqual(found, {});
});

test("a phone sees every page without scrolling sideways", async () => {
	await page.setViewportSize({ width: 390, height: 844 });
	for (const path of ["/", "/integrations", "/mapping", "/sync", "/activity", "/settings/people"]) {
		await open(path);
		await page.waitForTimeout(200);
		const wide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
		assert.equal(wide, false, `${path} is wider than the screen`);
	}
	await page.setViewportSize({ width: 1440, height: 900 });
});

test("German: the same pages, no key and no English left in the frame", async () => {
	await page.evaluate(() => localStorage.setItem("trueup.prefs", '{"language":"de"}'));
	await open("/");
	await page.getByRole("link", { name: /Übersicht/ }).waitFor();
	assert.equal(await page.locator("html").getAttribute("lang"), "de");
	await page.evaluate(() => localStorage.removeItem("trueup.prefs"));
});

test("a server that restarts in the middle: the page goes on by itself", async () => {
	await open("/?kind=reconcile");
	await page.locator("[data-card]").first().waitFor();
	const port = new URL(s.server.url).port;
	s.server = await s.server.restart({ args: ["--listen", `127.0.0.1:${port}`] });
	await page.getByRole("button", { name: /Refresh/ }).click();
	await until(async () => (await page.locator("[data-card]").count()) > 0, { what: "the cards after the restart" });
	await page.getByRole("button", { name: "Details of Granite Mutual, Coro EDR" }).click();
	await page.getByRole("dialog").getByRole("heading", { name: "Why this number" }).waitFor();
});

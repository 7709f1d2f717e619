// Work on the dashboard that something interrupts: a session that ends, a server that restarts.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ADMIN } from "../lib/server.mjs";
import { endSession, startUi } from "../lib/ui.mjs";

let ui;
before(async () => {
	ui = await startUi({ fixture: "sim/fixtures/demo.json" });
	ui.page.setDefaultTimeout(15000);
	await ui.page.evaluate(() => localStorage.setItem("trueup.prefs", '{"view":"list"}'));
});
after(() => ui?.stop());

test("a session that ends is picked up where it was: filter, selection and the open page stay", async () => {
	const { page } = ui;
	await ui.go("/?q=Heron");
	await page.locator("[data-card]").first().waitFor();
	await page.keyboard.press("j");
	await page.keyboard.press("x");
	await page.getByText("One selected").first().waitFor();
	await endSession(page, page.getByRole("button", { name: /Refresh/ }));
	const dialog = page.getByRole("dialog", { name: "Your session has ended" });
	await dialog.waitFor();
	await dialog.getByLabel("E-mail address").fill(ADMIN.email);
	await dialog.getByRole("textbox", { name: "Password" }).fill(ADMIN.password);
	await dialog.getByRole("button", { name: "Sign in" }).click();
	await dialog.waitFor({ state: "detached" });
	assert.equal(await page.getByRole("searchbox").inputValue(), "Heron");
	await page.getByText("One selected").first().waitFor();
	await page.locator("[data-card]").filter({ hasText: "Heron Valley School" }).first().waitFor();
});

test("a server that restarts: the page goes on by itself, and a decision made meanwhile is made once", async () => {
	const { page, world } = ui;
	await ui.go("/?kind=no_change");
	const confirm = page.getByRole("button", { name: /^Confirm: / }).first();
	await confirm.waitFor();
	const name = (await confirm.getAttribute("aria-label")).replace(/^Confirm: /, "");
	await world.restart({ here: true, meanwhile: () => confirm.click() });
	await page.getByText("One confirmed").waitFor();
	const { body } = await world.server.api("GET", "/audit?event=cards.confirm");
	assert.equal(body.items.length, 1, "sent again under the same key, done once");
	await page.getByRole("button", { name: `Confirm: ${name}`, exact: true }).waitFor({ state: "detached" });
});

test("a page whose script does not come says so inside the frame, and is there after Reload", async () => {
	const { page } = ui;
	await page.route("**/Settings-*.js", (r) => r.abort());
	await ui.go("/");
	await page.getByRole("link", { name: "Settings" }).first().click();
	await page.getByRole("heading", { name: "This page could not be shown" }).waitFor();
	await page.getByRole("link", { name: "Activity" }).first().click();
	await page.getByRole("heading", { name: "Activity" }).waitFor();
	await page.getByRole("link", { name: "Settings" }).first().click();
	await page.unroute("**/Settings-*.js");
	await page.getByRole("button", { name: "Reload" }).click();
	await page.getByText("Which PSA do you use?").waitFor();
});

test("German: the frame, the language of the page, and no key shown as a word", async () => {
	const { page } = ui;
	await page.evaluate(() => localStorage.setItem("trueup.prefs", '{"language":"de","view":"list"}'));
	await ui.go("/");
	await page.getByRole("link", { name: /Übersicht/ }).waitFor();
	assert.equal(await page.locator("html").getAttribute("lang"), "de");
	assert.doesNotMatch(await page.locator("body").innerText(), /\b(cards|card|nav|sync|action)\.[a-z_]+\b/);
});

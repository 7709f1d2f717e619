// Settings at the screen: PSA with its checks, schedule and mail, organization, people, tokens, appearance, language.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startBrowser } from "../lib/browser.mjs";
import { jobDone, request, startServer, until } from "../lib/server.mjs";
import { axe, endSession, settled, signIn, startUi, visit } from "../lib/ui.mjs";

let ui, page;
before(async () => {
	ui = await startUi();
	page = ui.page;
});
after(() => ui?.stop());

const button = (name, options) => page.getByRole("button", { name, ...options });
const dialog = () => page.getByRole("dialog");
const setting = async (name) => (await ui.world.ok("GET", "/settings")).items.find((s) => s.name === name).value;

async function choose(label, option) {
	await button(label).click();
	await page.getByRole("option", { name: option }).click();
}

/** Another person in a browser of their own, brought in by a link. */
async function other(t, link, password) {
	const b = await startBrowser();
	t.after(() => b.close());
	await b.page.goto(link);
	await b.page.getByLabel("New password").fill(password);
	await b.page.keyboard.press("Enter");
	await b.page.getByRole("navigation", { name: "Main" }).waitFor();
	return b;
}

test("PSA: the checklist, secrets that stay, Save and Test says what is wrong and what is right", async () => {
	await ui.go("/settings/psa");
	await page.getByRole("heading", { name: /Before you start/ }).waitFor();
	const key = page.getByLabel("Private key");
	assert.equal(await key.inputValue(), "", "a stored secret is never sent to the screen");
	await page.getByText("Stored", { exact: false }).first().waitFor();
	await button("Save and Test").click();
	await page.getByRole("list", { name: "Checks" }).or(page.locator(".checks")).first().waitFor();
	assert.equal(await page.locator(".check-bad").count(), 0);
	assert.ok((await page.locator(".check-ok").count()) >= 3);
	assert.deepEqual(await axe(page), []);
	await key.fill("a wrong one");
	await button("Save and Test").click();
	await page.locator(".check-bad").first().waitFor();
	assert.match(await page.locator(".check-bad").first().innerText(), /\w{4,}/);
	await ui.world.ok("PUT", "/psa", { kind: "connectwise", settings: await (await import("../lib/world.mjs")).psaSettings(ui.world.psa) });
});

test("schedule and mail: what fits the choice is asked, a bad number is refused at its field", async () => {
	await ui.go("/settings/sync");
	await choose(/Read by itself/, "Every week");
	await choose(/Day of the week/, "Wednesday");
	await choose(/Hour \(UTC\)/, "05:00");
	await page.locator("label", { hasText: "Mail administrators when a sync has ended well" }).click();
	await button("Save").click();
	await page.getByText("Saved").first().waitFor();
	assert.deepEqual([await setting("schedule"), await setting("sync_weekday"), await setting("sync_hour"), await setting("mail_sync_done")], ["weekly", 3, 5, true]);
	const stale = page.getByLabel("Hours until a count is stale");
	await stale.fill("soon");
	await button("Save").click();
	await page.locator(".field-error:not(:empty)").waitFor();
	assert.equal(await stale.getAttribute("aria-invalid"), "true");
	assert.equal(await setting("stale_after_hours"), 48);
	await stale.fill("72");
	await button("Save").click();
	await until(async () => (await setting("stale_after_hours")) === 72);
});

test("alarms: their limits are set, and what needs a person is on the page of syncs", async () => {
	await ui.go("/settings/sync");
	await page.getByLabel("Hours until an unread PSA is an alarm").fill("7");
	await page.getByLabel("Megabytes of free disk below which there is an alarm").fill("1000000001");
	await button("Save").click();
	await page.locator(".field-error:not(:empty)").waitFor();
	await page.getByLabel("Megabytes of free disk below which there is an alarm").fill("1000000000");
	await button("Save").click();
	await until(async () => (await setting("alarm_disk_mb")) === 1000000000);
	assert.equal(await setting("alarm_sync_hours"), 7);
	// Trueup looks when it starts.
	await ui.world.restart({ here: true });
	await until(async () => (await ui.world.ok("GET", "/alarms")).items.length === 1, { ms: 60000 });
	await ui.go("/sync");
	await page.locator(".sync-alarms").getByText("The disk is nearly full").waitFor();
	assert.deepEqual(await axe(page), []);
	// Every page says so in its header, read out and by keyboard, on a phone too.
	for (const width of [1440, 390]) {
		await page.setViewportSize({ width, height: 844 });
		await ui.go("/activity");
		await page.getByRole("status").filter({ hasText: "There is an alarm: The disk is nearly full" }).waitFor({ timeout: 60000 });
		const bell = button("1 alarm", { exact: true });
		await bell.focus();
		await page.keyboard.press("Enter");
		await dialog().getByText("The disk is nearly full").waitFor({ timeout: 60000 });
		assert.deepEqual(await axe(page), []);
		assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "nothing is cut off");
		await page.keyboard.press("Escape");
		await dialog().waitFor({ state: "detached", timeout: 60000 });
		await until(() => bell.evaluate((e) => e === document.activeElement), { ms: 60000, what: "the focus on the bell" });
	}
	await page.keyboard.press("Enter");
	await dialog().getByRole("link", { name: "To Sync status" }).click();
	await page.getByRole("heading", { name: "Sync status" }).first().waitFor({ timeout: 60000 });
	await dialog().waitFor({ state: "detached", timeout: 60000 });
	await page.setViewportSize({ width: 1280, height: 800 });
	await ui.world.ok("PATCH", "/settings", { alarm_disk_mb: 0, alarm_sync_hours: 50 });
});

test("organization and currency show at once", async () => {
	await ui.go("/settings/organization");
	await page.getByLabel("Name of your company").fill("Südwind & Söhne");
	await page.getByLabel("Currency").fill("eur");
	await button("Save").click();
	await page.getByText("Saved").first().waitFor();
	await page.waitForFunction(() => document.title.includes("Südwind & Söhne"));
	await ui.go("/");
	await page.getByText(/€/).first().waitFor();
	await ui.go("/settings/organization");
	await page.getByLabel("Currency").fill("??");
	await button("Save").click();
	await page.locator(".field-error:not(:empty)").waitFor();
});

test("people: invited by link with a role; the role changes; disabled means out at once", async (t) => {
	await ui.go("/settings/people");
	await button("Invite somebody").click();
	await dialog().getByLabel(/E-mail/).fill("carl@northwind.example");
	await dialog().getByLabel(/Your name|Name/).fill("Carl");
	await dialog().getByText("Viewer", { exact: true }).click();
	await dialog().getByRole("button", { name: "Make the invitation" }).click();
	const link = await page.getByRole("dialog").getByLabel("Link", { exact: true }).inputValue();
	assert.deepEqual(await axe(page), []);
	await dialog().getByRole("button", { name: "Close" }).last().click();
	await page.getByText("Invited", { exact: true }).waitFor();

	const carl = await other(t, link, "a password for carl");
	await visit(carl.page, ui.url, "/settings/people");
	await carl.page.getByText("Only administrators can change this.").waitFor();

	await page.reload();
	await settled(page);
	await choose("Role of Carl", "Approver");
	await page.getByText("Saved").first().waitFor();
	// Another role is another session: what was signed in as a viewer is so no more.
	await signIn(carl.page, ui.url, { email: "carl@northwind.example", password: "a password for carl" });
	await visit(carl.page, ui.url, "/settings/you");
	await carl.page.getByText(/Approver/).first().waitFor();

	await button("Actions for Carl").click();
	await page.getByRole("menuitem", { name: "Disable" }).click();
	await page.getByRole("alertdialog").getByRole("button", { name: "Disable" }).click();
	await page.getByText("Disabled", { exact: true }).waitFor();
	await carl.page.goto(`${ui.url}/`);
	await carl.page.getByRole("heading", { name: "Sign in" }).waitFor();
});

test("tokens: shown once, work with their role, end when revoked", async () => {
	await ui.go("/settings/tokens");
	await button("New token").click();
	await dialog().getByLabel("What it is for").fill("Nightly script");
	await dialog().getByRole("button", { name: "New token" }).click();
	const token = await page.getByRole("dialog").getByLabel("Token", { exact: true }).inputValue();
	assert.match(token, /^tu_/);
	const ask = (method, path, body) => request(`${ui.url}/api/v1${path}`, method, { body, headers: { authorization: `Bearer ${token}` } });
	assert.equal((await ask("GET", "/cards")).status, 200);
	assert.equal((await ask("POST", "/psa/sync", { mode: "quick" })).status, 403, "a viewer's token starts nothing");
	await dialog().getByRole("button", { name: "Close" }).last().click();
	await page.reload();
	await page.getByText("Nightly script").waitFor();
	assert.ok(!(await page.content()).includes(token));
	await button("Revoke: Nightly script").click();
	await page.getByRole("alertdialog").getByRole("button", { name: "Revoke" }).click();
	await page.getByText(/Revoked/).waitFor();
	assert.equal((await ask("GET", "/cards")).status, 401);
});

test("appearance: light, dark, system; kept through a reload and in another tab", async () => {
	await ui.go("/settings/appearance");
	const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
	await page.emulateMedia({ colorScheme: "light" });
	await page.getByText("Dark", { exact: true }).click();
	const dark = await ground();
	await page.getByText("Light", { exact: true }).click();
	assert.notEqual(await ground(), dark);
	await page.getByText("Same as system", { exact: true }).click();
	await page.emulateMedia({ colorScheme: "dark" });
	assert.equal(await ground(), dark);
	await page.emulateMedia({ colorScheme: "light" });
	await page.getByText("Dark", { exact: true }).click();
	await page.reload();
	await settled(page);
	assert.equal(await ground(), dark);
	const tab = await ui.context.newPage();
	await visit(tab, ui.url, "/settings/appearance");
	await tab.getByText("Light", { exact: true }).click();
	await until(async () => (await ground()) !== dark);
	await tab.close();
});

test("language: all of it changes at once, dates too", async () => {
	await ui.go("/settings/appearance");
	await choose(/Language/, "Deutsch");
	await page.getByRole("link", { name: "Übersicht" }).waitFor();
	assert.equal(await page.evaluate(() => document.documentElement.lang), "de");
	for (const path of ["/", "/integrations", "/mapping", "/sync", "/activity", "/imports", "/settings/people"]) {
		await ui.go(path);
		assert.doesNotMatch(await page.locator("body").innerText(), /\b[a-z]+\.[a-z_]+\.[a-z_]+\b(?!\.example)/, `${path} shows a key of the catalogue`);
	}
	await ui.go("/settings/appearance");
	await choose(/Sprache/, "English");
	await page.getByRole("link", { name: "Dashboard" }).waitFor();
});

test("a session that ends while a form is being filled in: sign in over it, and nothing typed is lost", async () => {
	await ui.go("/settings/organization");
	await page.getByLabel("Name of your company").fill("Typed before the end");
	await endSession(page, button("Save"));
	await dialog().locator("input[name=email]").fill("anna@northwind.example");
	await dialog().locator("input[name=password]").fill("correct horse battery");
	await page.keyboard.press("Enter");
	await dialog().waitFor({ state: "detached" });
	assert.equal(await page.getByLabel("Name of your company").inputValue(), "Typed before the end");
	await button("Save").click();
	await page.waitForFunction(() => document.title.includes("Typed before the end"));
});

test("one's own password: the present one is asked for; other sessions end, this one stays", async (t) => {
	const b = await startBrowser();
	t.after(() => b.close());
	await signIn(b.page, ui.url);
	await ui.go("/settings/you");
	await page.getByLabel("Present password").fill("not this");
	await page.getByLabel("New password").fill("another horse battery");
	await button("Change password").click();
	await page.locator(".field-error:not(:empty), .notice-bad").first().waitFor();
	await page.getByLabel("Present password").fill("correct horse battery");
	await button("Change password").click();
	await page.getByText(/Password changed/).waitFor();
	await b.page.goto(`${ui.url}/`);
	await b.page.getByRole("heading", { name: "Sign in" }).waitFor();
	await ui.go("/settings/you");
	await page.getByLabel("Present password").waitFor();
});

test("a PSA over files: saved, its report brought, what cannot count is named; a broken one changes nothing", async (t) => {
	const server = await startServer();
	const b = await startBrowser();
	t.after(async () => {
		await b.close();
		await server.stop();
	});
	await signIn(b.page, server.url);
	await visit(b.page, server.url, "/settings/psa");
	await b.page.getByText("Any PSA, over files").click();
	await b.page.getByRole("heading", { name: /Before you start/ }).waitFor();
	assert.deepEqual(await axe(b.page), []);
	await b.page.getByRole("button", { name: "Save and Test" }).click();
	await b.page.getByText(/No line report was brought yet/).waitFor();
	const bring = (text, name) =>
		b.page.locator("input[type=file]").setInputFiles({ name, mimeType: "text/csv", buffer: Buffer.from(text) });
	await bring("Customer,Product,Quantity,Price\nAcme,AV,5,2.50\nZeta,AV,7,2.50\n,AV,1,2.50\n", "lines.csv");
	await b.page.getByText("Customers: 2, contracts: 2, products: 1, lines: 2").waitFor();
	await b.page.getByText("1 row was left out").first().waitFor();
	await b.page.getByRole("cell", { name: "names no customer" }).waitFor();
	assert.deepEqual(await axe(b.page), []);
	const jobs = (await server.api("GET", "/jobs")).body.items;
	await jobDone(server, jobs.find((j) => j.kind === "psa_sync").id);
	const names = async () => (await server.api("GET", "/psa/accounts")).body.items.map((a) => a.name).sort();
	assert.deepEqual(await names(), ["Acme", "Zeta"]);
	await bring("Customer,Product,Quantity\nAcme,AV,many\n", "broken.csv");
	await b.page.getByText("This report was not taken; the last one stays").waitFor();
	assert.deepEqual(await names(), ["Acme", "Zeta"]);
});

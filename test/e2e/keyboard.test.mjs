// Without a mouse: from sign-in through every page, what has the focus is always seen, nothing is a trap; a file is
// imported, a token made, somebody invited. And work on files goes on over an ended session, a restart, a second tab.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ADMIN, until } from "../lib/server.mjs";
import { endSession, PAGES, settled, startUi, visit } from "../lib/ui.mjs";

let ui, page;
before(async () => {
	ui = await startUi();
	page = ui.page;
});
after(() => ui?.stop());

const press = (...keys) => keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve());
const focused = () =>
	page.evaluate(() => {
		const e = document.activeElement;
		if (!e || e === document.body) return null;
		const box = e.getBoundingClientRect();
		const style = getComputedStyle(e);
		// A control that is drawn by what is around it shows its focus there.
		const around = e.closest("[data-focus-visible], [data-focus-within]");
		const ring = (s) => s && (s.outlineStyle !== "none" || s.boxShadow !== "none");
		return {
			name: (e.getAttribute("aria-label") ?? (e.labels?.[0]?.innerText || e.innerText || e.value || "")).trim().split("\n")[0],
			tag: e.tagName.toLowerCase(),
			drawn: box.width > 0 && box.height > 0,
			ring: ring(style) || ring(around && getComputedStyle(around)),
		};
	});

/** Presses Tab until something with this name has the focus. */
async function reach(name, key = "Tab", most = 80) {
	const seen = [];
	for (let i = 0; i < most; i++) {
		await page.keyboard.press(key);
		const f = await focused();
		if (f && name.test(f.name)) return f;
		seen.push(f?.name);
	}
	return assert.fail(`${name} was not reached among ${JSON.stringify(seen)}`);
}

for (const [name, path] of Object.entries(PAGES)) {
	test(`Tab goes all the way through: ${name}`, async () => {
		await ui.go(path);
		await page.evaluate(() => document.body.focus());
		const stops = [];
		for (let i = 0; i < 120; i++) {
			await page.keyboard.press("Tab");
			const f = await focused();
			if (!f) break;
			stops.push(f);
			if (i > 3 && f.name === stops[0].name && f.tag === stops[0].tag) break;
		}
		assert.match(stops[0].name, /Skip to content/);
		assert.ok(stops.length >= 9, `only ${stops.length} stops`);
		const nameless = stops.filter((s) => !s.name && s.tag !== "main");
		assert.deepEqual(nameless.map((s) => s.tag), [], "everything that takes the focus has a name");
		assert.deepEqual(stops.filter((s) => !s.ring || !s.drawn).map((s) => s.name), [], "the focus is always seen");
	});
}

test("the skip link goes past the tabs", async () => {
	await ui.go("/settings/tokens");
	await press("Tab", "Enter", "Tab");
	assert.doesNotMatch((await focused()).name, /Dashboard|Integrations|Trueup/);
});

test("a token is made, copied from its field, and its dialog gives the focus back", async () => {
	await ui.go("/settings/tokens");
	await reach(/^New token$/);
	await press("Enter");
	await page.getByRole("dialog").waitFor();
	await page.keyboard.type("By keyboard");
	await reach(/^New token$/);
	await press("Enter");
	await page.getByRole("dialog").getByLabel("Token", { exact: true }).waitFor();
	await reach(/^Token$/);
	assert.match(await page.evaluate(() => getSelection().toString() || document.activeElement.value), /^tu_/);
	await press("Escape");
	await page.getByRole("dialog").waitFor({ state: "detached" });
	await until(async () => /^New token/.test((await focused())?.name ?? ""), { ms: 3000, what: "the focus on what opened the dialog" });
});

test("a file is brought, set up and imported", async () => {
	await ui.go("/imports");
	await reach(/Choose a file/);
	const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.keyboard.press("Enter")]);
	await chooser.setFiles({ name: "keys.csv", mimeType: "text/csv", buffer: Buffer.from("Who,What,Many\nAcme,Backup,3\n") });
	await page.getByRole("heading", { name: "What the columns hold" }).waitFor();
	await settled(page);
	await reach(/New integration/);
	await press("Enter");
	await page.getByRole("dialog").waitFor();
	await page.keyboard.type("Keyed in");
	await reach(/^Create$/);
	await press("Enter");
	await page.getByRole("dialog").waitFor({ state: "detached" });
	for (const [field, column] of [["Account", "Who"], ["Service", "What"], ["Quantity", "Many"]]) {
		const select = page.getByRole("button", { name: new RegExp(`${field}$`) }).first();
		await select.focus();
		await press("Enter");
		await page.getByRole("option", { name: column, exact: true }).waitFor();
		// Typing goes to the option that begins so.
		await page.keyboard.type(column);
		await press("Enter");
		await page.getByRole("listbox").waitFor({ state: "detached" });
	}
	await page.getByRole("button", { name: "Import 1 row" }).and(page.locator(":not([data-disabled])")).waitFor();
	await page.getByRole("button", { name: "Import 1 row" }).focus();
	await press("Enter");
	await page.getByText("1 row imported").waitFor();
});

test("a session that ends while a file is being set up: sign in over it, and the choices are kept", async () => {
	await ui.go("/imports");
	await page.locator("input[type=file]").setInputFiles({ name: "later.csv", mimeType: "text/csv", buffer: Buffer.from("Who,What,Many\nAcme,Backup,4\n") });
	await page.getByRole("heading", { name: "What the columns hold" }).waitFor();
	await settled(page);
	await page.getByLabel(/Remember as/).fill("Kept name");
	await endSession(page, page.getByRole("switch", { name: "These are all" }));
	const dialog = page.getByRole("dialog");
	await dialog.locator("input[name=email]").fill(ADMIN.email);
	await dialog.locator("input[name=password]").fill(ADMIN.password);
	await press("Enter");
	await dialog.waitFor({ state: "detached" });
	assert.equal(await page.getByLabel(/Remember as/).inputValue(), "Kept name");
	assert.equal(await page.getByRole("switch", { name: "These are all" }).isChecked(), true);
	await page.getByText(/1 row accepted|0 rejected/).first().waitFor();
});

test("a server that restarts while a file runs: the page follows it to its end", async () => {
	const rows = Array.from({ length: 20000 }, (_, i) => `Customer ${i % 2000},Service ${i % 10},1`).join("\n");
	await ui.go("/imports");
	await page.locator("input[type=file]").setInputFiles({ name: "long.csv", mimeType: "text/csv", buffer: Buffer.from(`Account,Service,Quantity\n${rows}\n`) });
	await page.getByRole("heading", { name: "What the columns hold" }).waitFor();
	await settled(page);
	await page.getByRole("button", { name: /Integration/ }).first().click();
	await page.getByRole("option", { name: /Keyed in/ }).click();
	await page.getByRole("button", { name: /^Import 20,000/ }).or(page.getByRole("button", { name: /^Import 19,999/ })).click();
	await page.getByText(/Reading the rows|imported/).first().waitFor();
	await ui.world.restart({ here: true });
	await page.getByText(/20,000 rows imported/).waitFor({ timeout: 60000 });
	await ui.world.ok("GET", "/imports");
});

test("two tabs with one file: the second to run it is told, and neither shows what is not so", async () => {
	await ui.go("/imports");
	await page.locator("input[type=file]").setInputFiles({ name: "twice.csv", mimeType: "text/csv", buffer: Buffer.from("Who,What,Many\nAcme,Backup,9\n") });
	await page.getByRole("heading", { name: "What the columns hold" }).waitFor();
	const tab = await ui.context.newPage();
	await visit(tab, ui.url, new URL(page.url()).pathname);
	for (const p of [page, tab]) {
		await p.getByRole("button", { name: /Integration/ }).first().click();
		await p.getByRole("option", { name: /Keyed in/ }).click();
		for (const [field, column] of [["Account", "Who"], ["Service", "What"], ["Quantity", "Many"]]) {
			await p.getByRole("button", { name: new RegExp(`${field}$`) }).first().click();
			await p.getByRole("option", { name: column, exact: true }).click();
		}
		await p.getByRole("button", { name: "Import 1 row" }).and(p.locator(":not([data-disabled])")).waitFor();
	}
	await page.getByRole("button", { name: "Import 1 row" }).click();
	await page.getByText("1 row imported").waitFor();
	await tab.getByRole("button", { name: "Import 1 row" }).click();
	await tab.getByText(/This did not work|1 row imported/).first().waitFor();
	await tab.reload();
	await tab.getByText("1 row imported").waitFor();
	const runs = (await ui.world.all("/imports")).filter((i) => i.filename === "twice.csv");
	assert.deepEqual(runs.map((r) => r.state), ["done"]);
	await tab.close();
	await until(async () => (await ui.world.all("/jobs")).every((j) => !["queued", "running"].includes(j.state)));
});

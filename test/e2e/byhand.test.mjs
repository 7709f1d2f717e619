// Changes that a person makes in the PSA, and changes that need two persons: what the screens say and do about them.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startBrowser } from "../lib/browser.mjs";
import { until } from "../lib/server.mjs";
import { axe, startUi } from "../lib/ui.mjs";

const system = {
	kind: "kaseya-bms",
	sim: "kaseya",
	fixture: "sim/fixtures/psa_kaseya.json",
	settings: (psa) => ({
		site: psa.url,
		tenant: "alderridge",
		user: "trueup-api",
		password: 'pw, "quoted" & more',
		requests_per_hour: "100000",
	}),
	codes: { EDR: "Coro EDR", "Email Security": "Coro Email Security" },
};

let ui, page, world;
before(async () => {
	ui = await startUi({ system, accounts: { "Tarn & Company": "Tarn & Co" } });
	({ page, world } = ui);
	page.setDefaultTimeout(15000);
});
after(() => ui?.stop());

const dialog = (p = page) => p.getByRole("dialog").last();
const list = async (p = page) => {
	await p.evaluate(() => localStorage.setItem("trueup.prefs", '{"view":"list"}'));
	await ui.go("/?kind=reconcile");
};
const approve = async () => {
	await list();
	await page.getByRole("button", { name: "Approve: Northwind Dental, Coro EDR" }).click();
	await dialog().getByText("Made in the PSA by hand", { exact: false }).click();
	await dialog().getByText(/^Finance > Contracts > Managed Workplace: Set the units/).waitFor();
	await dialog().getByRole("button", { name: "Approve", exact: true }).click();
	await dialog().getByText("One is on the work list", { exact: false }).waitFor();
};

test("approving puts it on the work list, which the dashboard speaks of; not done opens the card again", async () => {
	await approve();
	await dialog().getByRole("link", { name: "Open the work list" }).click();
	await page.getByRole("heading", { name: "Work list" }).waitFor();
	const item = page.locator(".work-item");
	assert.match(await item.innerText(), /Northwind Dental\s+Coro EDR · Managed Workplace\s+24\s*27[\s\S]*Finance > Contracts > Managed Workplace: Set the units/);
	assert.deepEqual(await axe(page), []);
	const file = page.waitForEvent("download");
	await page.getByRole("link", { name: "Download as CSV" }).click();
	assert.equal((await file).suggestedFilename(), "work-list.csv");
	await ui.go("/");
	await page.getByText("One approved change is to be made in the PSA by hand.").waitFor();

	await ui.go("/worklist");
	await page.getByRole("button", { name: /^Not done/ }).click();
	await page.getByRole("alertdialog").getByLabel("Why").fill("the contract is being rewritten");
	await page.getByRole("alertdialog").getByRole("button", { name: "Not done" }).click();
	await page.getByText("Nothing to do by hand").waitFor();
	await until(async () => (await world.card("Northwind Dental", "Coro EDR")).state === "open");
	await list();
	await page.locator("[data-card] .remark-warn", { hasText: "the contract is being rewritten" }).waitFor();
});

test("done: ticked off, and the card stays approved", async () => {
	await approve();
	await ui.go("/worklist");
	await page.getByText("Select all").click();
	await page.getByRole("button", { name: "Done: one" }).click();
	await page.getByText("One ticked off").waitFor();
	await page.getByText("Nothing to do by hand").waitFor();
	assert.equal((await world.card("Northwind Dental", "Coro EDR")).state, "approved");
	assert.deepEqual(await world.all("/worklist"), []);
});

test("two persons: the first approval waits and says so, the second makes it so, and the first cannot be both", async (t) => {
	await ui.go("/settings/approvals");
	await page.getByText("One person is enough").waitFor();
	await page.getByRole("button", { name: "Add a rule" }).click();
	await dialog().getByLabel("Name").fill("New business needs two");
	await dialog().getByText("New lines").click();
	await dialog().getByLabel("From so much money").fill("10,5");
	await dialog().getByRole("button", { name: "Account: any" }).click();
	await page.getByRole("option", { name: "Kestrel Foods" }).click();
	await dialog().getByRole("button", { name: "Add a rule" }).click();
	await page.getByText("New lines · Kestrel Foods · from $10.50").waitFor();
	assert.deepEqual(await axe(page), []);
	const { link } = await world.ok("POST", "/users", { email: "bo@northwind.example", role: "approver" });
	const b = await startBrowser();
	t.after(() => b.close());
	const other = b.page;
	other.setDefaultTimeout(15000);
	await other.goto(link.replace(/^https?:\/\/[^/]+/, world.server.url));
	await other.locator("input[type=password]").first().fill("a long enough secret");
	await other.keyboard.press("Enter");
	await other.getByRole("navigation", { name: "Main" }).waitFor();

	const open = async (p) => {
		await p.goto(`${world.server.url}/?kind=new_revenue&q=kestrel`);
		await p.getByRole("button", { name: /^Review: Kestrel Foods, Coro Email/ }).click();
		await dialog(p).getByText("Another person must approve this too: New business needs two").waitFor();
		await dialog(p).getByRole("button", { name: "Approve", exact: true }).click();
	};
	await open(page);
	await page.getByText("One waits for a second person").waitFor();
	assert.equal(await page.getByRole("dialog").count(), 0);
	await page.getByText(/^Waits for a second person, after/).first().waitFor();
	// The same person once more: no, in words.
	await open(page);
	await dialog().locator(".notice-bad", { hasText: "Another person" }).waitFor();
	await page.keyboard.press("Escape");
	assert.equal((await world.all("/approvals")).length, 1);

	await open(other);
	await dialog(other).getByText("One written and read back").waitFor();
	assert.equal((await world.all("/approvals")).length, 0);

	await ui.go("/settings/approvals");
	await page.getByRole("button", { name: "Remove: New business needs two" }).click();
	await page.getByRole("alertdialog").getByRole("button", { name: "Remove" }).click();
	await page.getByRole("heading", { name: "One person is enough" }).waitFor();
	assert.deepEqual(await world.all("/approval-rules"), []);
});

test("no page complained", () => {
	assert.deepEqual(ui.problems.filter((p) => !/status of (401|403)/.test(p)), []);
});

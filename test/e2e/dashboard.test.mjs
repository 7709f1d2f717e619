// The dashboard as a person uses it: what cards say, finding them, deciding with a preview, results, undo, the keyboard.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { TOP, until } from "../lib/server.mjs";
import { axe, startUi } from "../lib/ui.mjs";

// What the counts of the demo book are mapped to where names differ.
const ACCOUNTS = {
	"Kestrel Foods": "Kestrel Foods Ltd",
	"Harow Logistics": "Harrow Logistics Inc.",
	"BRIGHTWATER MARINE": "Brightwater Marine",
};

let ui, page, world;
before(async () => {
	ui = await startUi({ fixture: "sim/fixtures/demo.json", accounts: ACCOUNTS });
	({ page, world } = ui);
	page.setDefaultTimeout(15000);
});
after(() => ui?.stop());

/** What truly happened in the PSA since the last look. */
let seen = 0;
const ledger = async () => {
	const items = (await world.psa.ledger()).items.filter((i) => i.n > seen);
	seen = items.at(-1)?.n ?? seen;
	return items;
};
const prefer = (prefs) => page.evaluate((p) => localStorage.setItem("trueup.prefs", JSON.stringify(p)), prefs);
/** Goes there with a view chosen; waits for cards, or for words that there are none. */
const open = async (path, view = "list") => {
	await prefer({ view });
	await ui.go(path);
	await page.locator("[data-card], .empty").first().waitFor();
};
/** Another count at the vendor, pushed and taken in. */
const counts = async (workspace, service, units) => {
	await world.use(workspace, service, units);
	await world.push();
	await world.job(`/integrations/${world.integration.id}/sync`);
};
const row = (account, product) => page.locator("[data-card]").filter({ hasText: account }).filter({ hasText: product });
const dialog = () => page.getByRole("dialog").last();
const press = (name) => page.getByRole("button", { name, exact: true });
const rows = () => page.locator("[data-card]").count();
const fresh = () => page.getByRole("button", { name: /^New data is in/ });
const closeDialog = async () => {
	await page.keyboard.press("Escape");
	await page.locator("[role=dialog]").waitFor({ state: "detached" });
};

beforeEach(async () => {
	await ledger();
});

test("counters and rows say what the API says; both views, each grouping", async () => {
	await open("/");
	const sums = await world.ok("GET", "/cards/summary");
	const number = (text) => Number(text).toLocaleString("en-US");
	const counters = await page.locator(".counter").allInnerTexts();
	assert.match(counters[0], new RegExp(`^To reconcile\\s+${sums.open.reconcile + sums.open.new_revenue}\\s+of ${sums.total} cards`));
	assert.ok(counters[1].includes(number(sums.units.psa)), counters[1]);
	assert.ok(counters[2].includes(number(sums.units.vendor)), counters[2]);
	assert.ok(counters[3].includes(number(sums.units.reconciled)), counters[3]);
	const up = sums.money.reduce((n, m) => n + Number(m.up), 0);
	assert.ok(counters[4].includes(`+$${up.toFixed(2)}`), counters[4]);

	const first = await row("Alder & Finch LLP", "Coro EDR").innerText();
	assert.deepEqual(first.match(/\b(26|29)\b|\+3|\+\$18\.00|Reconcile/g), ["26", "29", "29", "+3", "+$18.00", "Reconcile"]);
	for (const [group, head] of [["account", "Alder & Finch LLP"], ["product", "Coro EDR"], ["contract", "Managed Services"]]) {
		await open(`/?group=${group}`, "cards");
		await page.locator(".fold-button", { hasText: head }).first().waitFor();
		await open(`/?group=${group}`);
		await page.locator(".list-group", { hasText: head }).first().waitFor();
	}
});

test("a dash and a crossed-out plug are said in words, and so are missing and zero", async () => {
	// Coro sends no zeros; other vendors do.
	const of = async (what, name) => (await world.all(`/integrations/${world.integration.id}/${what}`)).find((x) => x.name === name);
	const zero = { account: (await of("accounts", "Kestrel Foods")).vendor_id, service: (await of("services", "EDR")).vendor_id, units: "0" };
	await world.ok("POST", `/integrations/${world.integration.id}/observations`, { items: [zero] });
	await world.job(`/integrations/${world.integration.id}/sync`);
	await open("/?kind=no_vendor");
	const plug = await row("Ironwood Data", "Cloud backup").innerText();
	assert.match(plug, /2\.5/);
	assert.match(plug, /Not connected/);
	await open("/?kind=no_usage");
	assert.match(await row("Driftwood Law", "Coro EDR").innerText(), /No count[\s\S]*Missing/);
	await open("/?q=kestrel");
	assert.match(await row("Kestrel Foods Ltd", "Coro EDR").innerText(), /35[\s\S]*\b0\b[\s\S]*Zero[\s\S]*-35/);
	await counts("Kestrel Foods", "EDR", 38);
});

test("filters, sorting and search live in the address and survive a reload", async () => {
	await open("/");
	const total = await rows();
	await press("Only changes").click();
	await page.waitForURL(/kind=changes/);
	await until(async () => (await page.locator(".chip", { hasText: "No change" }).count()) === 0);
	await page.getByRole("searchbox").fill("coro-edr");
	await page.waitForURL(/q=coro-edr/);
	await press("Change").click();
	await page.waitForURL(/sort=-change/);
	const changes = async () =>
		(await page.locator("[data-card] .cell-number:nth-child(8) .units").allInnerTexts()).map((x) => Number(x.replace("−", "-")));
	await until(async () => (await changes())[0] === Math.max(...(await changes())) && (await changes()).length > 3);
	const before = await changes();
	assert.deepEqual(before, [...before].sort((a, b) => b - a));
	assert.ok(before.length < total);
	await page.reload();
	await page.locator("[data-card]").first().waitFor();
	assert.deepEqual(await changes(), before);
	assert.equal(await page.getByRole("searchbox").inputValue(), "coro-edr");
	await press("Clear filters").click();
	await until(() => !new URL(page.url()).searchParams.has("q"));
	await page.getByRole("searchbox").fill("there is no such thing");
	await page.getByText("No card fits the filters").waitFor();
});

test("one account is found among many and filtered by; the kinds say how many there are", async () => {
	await open("/");
	await press("Filters").click();
	await page.getByRole("button", { name: "Account: any" }).click();
	await page.getByRole("searchbox", { name: "Search accounts" }).fill("bramble");
	await page.getByRole("option", { name: "Bramble Housing" }).click();
	await page.waitForURL(/account=/);
	await until(async () => (await rows()) === 2);
	await page.getByRole("button", { name: "Account: Bramble Housing" }).waitFor();
	await page.getByRole("button", { name: /Kind/ }).click();
	await page.getByRole("option", { name: /Reconcile/ }).filter({ hasText: "One card" }).click();
	await until(async () => (await rows()) === 1);
});

test("approving shows the exact call and the money first, sends it once, and undo puts it back", async () => {
	await open("/?kind=reconcile");
	await press("Approve: Alder & Finch LLP, Coro EDR").click();
	await dialog().getByText("+$18.00").waitFor();
	assert.match(await dialog().innerText(), /26\s*29/);
	await dialog().getByText("The call that is sent").click();
	assert.match(await dialog().locator("pre").innerText(), /^PATCH \S*\/finance\/agreements\/\d+\/additions\/\d+[\s\S]*29/);
	assert.deepEqual(await ledger(), []);
	await dialog().getByLabel("Note").fill("agreed by phone");
	await dialog().getByRole("button", { name: "Approve" }).click();
	await dialog().getByText("One written and read back").waitFor();
	assert.deepEqual((await ledger()).map((i) => [i.before.quantity, i.after.quantity]), [[26, 29]]);

	await dialog().getByRole("button", { name: "Undo" }).click();
	await page.getByRole("alertdialog").getByRole("button", { name: "Undo" }).click();
	await dialog().getByText("Put back", { exact: true }).first().waitFor();
	assert.deepEqual((await ledger()).map((i) => [i.before.quantity, i.after.quantity]), [[29, 26]]);
	await dialog().getByRole("button", { name: "Close", exact: true }).last().click();
	await row("Alder & Finch LLP", "Coro EDR").getByText("Reconcile").waitFor();
});

test("many at once: what cannot be approved is left out and says why, the rest goes through", async () => {
	await open("/?q=coro-email&kind=changes");
	await page.keyboard.press("j");
	await page.keyboard.press("x");
	await press("Select all that fit").click();
	const all = (await world.all("/cards?kind=reconcile,new_revenue&q=coro-email")).length;
	await page.getByText(`${all} selected`).first().waitFor();
	await press("Approve").click();
	await dialog().getByText(/cannot be approved and/).waitFor();
	await dialog().getByText(/cannot be approved and/).click();
	// Two lines carry the product, so somebody has to say which; new revenue needs a contract.
	assert.match(await dialog().innerText(), /Avocet Insurance[\s\S]*[Ss]everal lines/);
	const submit = dialog().getByRole("button", { name: /^Approve \d+$/ });
	const count = Number((await submit.innerText()).match(/\d+/)[0]);
	assert.ok(count >= 2 && count < all);
	await submit.click();
	await dialog().getByText(`${count} written and read back`).waitFor({ timeout: 60000 });
	assert.equal((await ledger()).length, count);
	await closeDialog();
	await page.getByText(`${all - count} selected`).first().waitFor();
	await until(async () => (await rows()) === all - count);
});

test("from a day: nothing goes out before one is given", async () => {
	await open("/?q=Granite");
	await page.keyboard.press("j");
	await page.keyboard.press("x");
	await press("Set effective date").click();
	const submit = dialog().getByRole("button", { name: "Approve", exact: true });
	await dialog().getByText("+$24.00").first().waitFor();
	assert.equal(await submit.isDisabled(), true);
	const later = new Date(Date.now() + 40 * 86400000);
	const first = new Date(Date.UTC(later.getUTCFullYear(), later.getUTCMonth(), 1)).toISOString().slice(0, 10);
	await dialog().getByLabel("Effective date").fill(first);
	const words = new Intl.DateTimeFormat("en-US", { dateStyle: "medium", timeZone: "UTC" }).format(new Date(first));
	await dialog().getByText(`from ${words}`).first().waitFor();
	await submit.click();
	await dialog().getByText("One written and read back").waitFor();
	const told = await ledger();
	assert.ok(told.some((i) => JSON.stringify(i.after).includes(first)), JSON.stringify(told));
	await closeDialog();
	await open("/?q=Granite&state=approved");
	await page.getByText(`from ${words}`).first().waitFor();
});

test("new revenue: the contract is chosen and the line is added", async () => {
	await open("/?kind=new_revenue");
	await press("Review: Cobalt Accounting, Coro EDR").click();
	await dialog().getByText("+$72.00").first().waitFor();
	assert.match(await dialog().innerText(), /new line\s*12/);
	await dialog().getByRole("button", { name: "Approve", exact: true }).click();
	await dialog().getByText("One written and read back").waitFor();
	const [added] = await ledger();
	assert.equal(added.after.quantity, 12);
	await closeDialog();
	// This one has no contract: it says so and offers nothing to press.
	await press("Review: Dunlin Freight, Coro EDR").click();
	await dialog().getByText("This account has no contract that a line could be added to.", { exact: false }).waitFor();
	assert.equal(await dialog().getByRole("button", { name: "Approve", exact: true }).isDisabled(), true);
	await closeDialog();
});

test("several lines: the one that is to change is chosen", async () => {
	await open("/?q=curlew&kind=reconcile");
	await press("Approve: Curlew Engineering, Coro EDR").click();
	await dialog().getByText("Choose which line is to change.").waitFor();
	await dialog().getByRole("button", { name: /Which line/ }).click();
	await page.getByRole("option", { name: /now 30/ }).click();
	await until(async () => /30\s*36/.test(await dialog().innerText()), { what: "30 to 36" });
	await dialog().getByRole("button", { name: "Approve", exact: true }).click();
	await dialog().getByText("One written and read back").waitFor();
	assert.deepEqual((await ledger()).map((i) => [i.before.quantity, i.after.quantity]), [[30, 36]]);
	await closeDialog();
});

test("a conflict is told, and the card is open again with the reason", async () => {
	const card = await world.card("Lapwing Software", "CORO-EDR");
	const line = (await world.ok("GET", `/psa/lines?account=${card.account.id}&limit=50`)).items.find((l) => l.id === card.line_id);
	await open("/?q=lapwing");
	await press("Approve: Lapwing Software, Coro EDR").click();
	await dialog().getByText("+$36.00").waitFor();
	await world.edit({ kind: "additions", id: Number(line.remote_id), set: { quantity: 71 } });
	await dialog().getByRole("button", { name: "Approve", exact: true }).click();
	await dialog().getByText("One was not written").waitFor();
	await dialog().getByText("changed meanwhile").waitFor();
	assert.deepEqual((await ledger()).filter((i) => i.by !== "edit" && i.after?.quantity === 76), []);
	await closeDialog();
	await row("Lapwing Software", "Coro EDR").locator(".remark-warn").waitFor();
});

test("dismissed by a slip, taken back at once; many are asked about", async () => {
	await open("/?q=bramble");
	await press("Dismiss: Bramble Housing, Coro EDR").click();
	await page.getByText("One dismissed").waitFor();
	await until(async () => (await rows()) === 1);
	await page.locator(".toast").getByRole("button", { name: "Undo" }).click();
	await until(async () => (await rows()) === 2);
	assert.equal((await world.card("Bramble Housing", "CORO-EDR")).state, "open");

	await page.keyboard.press("j");
	await page.keyboard.press("x");
	await press("Select all that fit").click();
	await page.getByText("2 selected").first().waitFor();
	await page.locator(".selection-bar").getByRole("button", { name: "Dismiss" }).click();
	await page.getByRole("alertdialog").getByText("Nothing changes in the PSA", { exact: false }).waitFor();
	await page.getByRole("alertdialog").getByRole("button", { name: "Dismiss" }).click();
	await page.getByText("2 dismissed").waitFor();
	await open("/?q=bramble&state=dismissed");
	await press("Reopen: Bramble Housing, Coro EDR").click();
	await until(async () => (await world.card("Bramble Housing", "CORO-EDR")).state === "open");
	assert.deepEqual(await ledger(), []);
});

test("details: sources, every step of why, both sides over time, notes, tags, and what was sent and read back", async () => {
	const card = await world.card("Alder & Finch LLP", "CORO-EDR");
	await open(`/?card=${card.id}`);
	const body = await dialog().innerText();
	assert.match(body, /Sources[\s\S]*Coro[\s\S]*EDR of Alder & Finch LLP[\s\S]*29/);
	assert.ok(body.includes(card.why[0].text), body);
	await dialog().locator(".chart canvas").waitFor();
	await dialog().getByText("As a table").click();
	await dialog().locator("details[open] table").waitFor();
	assert.match(await dialog().locator("table").innerText(), /PSA\s+26[\s\S]*|Vendor\s+29/);
	// Approved and put back further up: both are in the log.
	assert.match(body, /Approved by .*[\s\S]*agreed by phone/);
	await dialog().getByText("What was read back").first().click();
	assert.match(await dialog().locator("details[open] pre").last().innerText(), /quantity/);

	await dialog().getByLabel("Add a note").fill("<b>ask</b> Tom & Co");
	await dialog().getByRole("button", { name: "Save note" }).click();
	await dialog().getByText("<b>ask</b> Tom & Co").first().waitFor();
	await dialog().getByRole("button", { name: "Add tag" }).click();
	await page.getByRole("menuitem", { name: "New tag" }).click();
	await dialog().getByLabel("New tag").fill("Check <i>");
	await dialog().getByRole("button", { name: "Save", exact: true }).click();
	await dialog().locator(".tag", { hasText: "Check <i>" }).waitFor();
	await closeDialog();
	const shown = row("Alder & Finch LLP", "Coro EDR");
	await shown.getByText("Check <i>").waitFor();
	await shown.getByText("One note").waitFor();
	assert.equal(new URL(page.url()).searchParams.has("card"), false);
	await press("Filters").click();
	await page.getByRole("button", { name: /^any Tag|Tag/ }).last().click();
	await page.getByRole("option", { name: "Check <i>" }).click();
	await until(async () => (await rows()) === 1);
});

test("new data waits for Refresh, which keeps filter, selection and scroll", async () => {
	await open("/?group=account");
	await page.evaluate(() => document.querySelector(".dashboard").scrollTo(0, 900));
	await page.waitForTimeout(200);
	const inSight = page.locator("[data-card]").filter({ hasText: "No change" }).nth(6);
	const held = page.locator(`[data-card="${await inSight.getAttribute("data-card")}"]`);
	await held.locator("label.checkbox").click();
	await page.getByText("One selected").first().waitFor();
	const top = await page.evaluate(() => document.querySelector(".dashboard").scrollTop);
	assert.ok(top > 300);
	const text = await held.innerText();
	const name = await held.locator(".cell-account .name").first().innerText();

	await counts("Kingfisher Homes", "EDR", 15);
	await fresh().waitFor();
	assert.equal(await held.innerText(), text);
	assert.equal(await page.evaluate(() => document.querySelector(".dashboard").scrollTop), top, "nothing moved by itself");
	await fresh().click();
	await fresh().waitFor({ state: "detached" });
	await until(async () => (await row("Kingfisher Homes", "Coro EDR").count()) === 0 || /15/.test(await row("Kingfisher Homes", "Coro EDR").innerText()));
	assert.equal(await page.evaluate(() => document.querySelector(".dashboard").scrollTop), top);
	await page.getByText("One selected").first().waitFor();
	assert.equal(await page.locator("[data-card][aria-selected=true] .cell-account .name").first().innerText(), name);
	assert.match(page.url(), /group=account/);
	await open("/?q=kingfisher");
	assert.match(await row("Kingfisher Homes", "Coro EDR").innerText(), /14[\s\S]*15/);
});

test("two people at once: a decision of one is news to the other, and a late second one is refused in words", async (t) => {
	const other = await ui.context.newPage();
	t.after(() => other.close());
	await open("/?q=whimbrel&kind=reconcile");
	await other.goto(page.url());
	const approve = (p) => p.getByRole("button", { name: /^Approve: Whimbrel Group/ }).first();
	await approve(other).click();
	await other.getByRole("dialog").getByText("The call that is sent").first().waitFor();
	await approve(page).click();
	await dialog().getByRole("button", { name: "Approve", exact: true }).click();
	await dialog().getByText("One written and read back").waitFor();
	await other.getByRole("dialog").getByRole("button", { name: "Approve", exact: true }).click();
	await other.getByRole("dialog").getByText(/approved already|on its way|nothing to write/i).first().waitFor();
	assert.equal((await ledger()).length, 1);
	await closeDialog();
});

test("by keyboard alone, and not at all when shortcuts are off", async () => {
	await open("/?kind=reconcile");
	const focused = () => page.evaluate(() => document.activeElement?.getAttribute("data-card"));
	await page.keyboard.press("j");
	await until(focused);
	const first = await focused();
	await page.keyboard.press("j");
	await until(async () => (await focused()) !== first);
	await page.keyboard.press("k");
	await until(async () => (await focused()) === first);
	await page.keyboard.press("e");
	await dialog().getByRole("heading", { name: "Why this number" }).waitFor();
	await closeDialog();
	await until(async () => (await focused()) === first, { what: "the focus back on its row" });
	await page.keyboard.press("x");
	await page.getByText("One selected").first().waitFor();
	await page.keyboard.press("a");
	await dialog().getByText("This is exactly what will happen", { exact: false }).waitFor();
	await closeDialog();
	await page.keyboard.press("/");
	await page.keyboard.type("jade");
	assert.equal(await page.getByRole("searchbox").inputValue(), "jade");
	assert.equal(await page.getByRole("dialog").count(), 0);
	await open("/?kind=reconcile");
	await page.keyboard.press("?");
	await dialog().getByText("Keyboard shortcuts").first().waitFor();
	await closeDialog();

	// Down a fold to its end, and into the next one, which opens for it.
	await prefer({ view: "cards" });
	await ui.go("/?group=account&kind=reconcile&open=-");
	await until(async () => (await page.locator(".fold").count()) > 2);
	await page.locator(".fold-button").first().focus();
	await page.keyboard.press("Enter");
	await page.locator(".tile").first().waitFor();
	const inFirst = await rows();
	for (let i = 0; i <= inFirst; i++) await page.keyboard.press("j");
	await until(async () => (await rows()) > inFirst && (await page.locator(".fold").nth(1).locator(":focus").count()) === 1);

	await prefer({ view: "list", shortcuts: false });
	await ui.go("/?kind=reconcile");
	await page.locator("[data-card]").first().waitFor();
	await page.keyboard.press("j");
	await page.keyboard.press("?");
	await page.waitForTimeout(300);
	assert.equal(await page.getByRole("dialog").count(), 0);
	assert.equal(await page.locator(".list-row-focused").count(), 0);
});

test("the row after the one that left has the keyboard", async () => {
	await open("/?kind=no_change");
	await page.keyboard.press("j");
	await page.keyboard.press("j");
	const ids = await page.locator("[data-card]").evaluateAll((list) => list.slice(0, 3).map((n) => n.dataset.card));
	await page.keyboard.press("a");
	await page.getByText("One confirmed").waitFor();
	await until(() => page.evaluate((id) => document.activeElement?.getAttribute("data-card") === id, ids[2]));
});

test("at a phone's width and in German all of it fits; axe finds nothing in the drawer and the dialogs", async () => {
	await page.setViewportSize({ width: 390, height: 844 });
	const fits = async (what) => {
		const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
		assert.ok(over <= 0, `${what}: ${over} px too wide`);
		assert.deepEqual(await axe(page), [], what);
	};
	const id = (await world.card("Northwind Dental Group", "CORO-EDR")).id;
	for (const view of ["cards", "list"]) {
		await prefer({ view, language: "de" });
		await ui.go("/?kind=changes");
		await page.locator("[data-card]").first().waitFor();
		await fits(view);
	}
	await ui.go(`/?card=${id}`);
	await dialog().getByText("Warum diese Zahl").waitFor();
	await fits("details");
	await dialog().getByRole("button", { name: "Freigeben", exact: true }).click();
	await dialog().getByText("Genau das geschieht", { exact: false }).waitFor();
	await page.locator(".effects").waitFor();
	await fits("decide");
	await page.setViewportSize({ width: 1440, height: 900 });
	await page.emulateMedia({ colorScheme: "dark" });
	await fits("decide in the dark");
	await page.emulateMedia({ colorScheme: "light" });
	await prefer({ view: "list" });
});

test("hostile names from the PSA and the vendor are text, wherever they stand", async (t) => {
	const evil = {
		account: `"><img src=x onerror="document.title='owned'">`,
		product: "<script>document.title='owned'</script>{{7*7}}",
		contract: "</bdi><style>*{display:none}</style>\u202Egnp.exe",
	};
	const book = JSON.parse(readFileSync(join(TOP, "sim/fixtures/small.json"), "utf8"));
	book.connectwise.companies.find((c) => c.id === 250).name = evil.account;
	book.connectwise.catalog.find((p) => p.id === 901).description = evil.product;
	book.connectwise.agreements.find((a) => a.id === 77).name = evil.contract;
	book.coro.workspaces.find((w) => w.name === "Northwind Dental").name = evil.account;
	const other = await startUi({ fixture: book });
	t.after(() => other.stop());
	const { page: p } = other;
	const holds = async (where, ...names) => {
		const text = await where.evaluate((n) => n.textContent);
		for (const name of names) assert.ok(text.includes(name), `${name} in ${text}`);
		assert.equal(await where.locator("img, script, style").count(), 0);
	};
	const { id } = await other.world.card(evil.account, "CORO-EDR");
	await other.world.ok("POST", `/subjects/card/${id}/notes`, { note: evil.account });
	for (const view of ["cards", "list"]) {
		await p.evaluate((v) => localStorage.setItem("trueup.prefs", JSON.stringify({ view: v })), view);
		await other.go("/?kind=reconcile&group=contract");
		await p.locator(`[data-card="${id}"]`).waitFor();
		await holds(p.locator(".dashboard"), evil.account, evil.product, evil.contract);
	}
	await other.go(`/?card=${id}`);
	await p.getByRole("dialog").getByText("Why this number").waitFor();
	await holds(p.getByRole("dialog"), evil.account, evil.product, evil.contract);
	await p.getByRole("dialog").getByRole("button", { name: "Approve", exact: true }).click();
	await p.locator(".effects").waitFor();
	await holds(p.getByRole("dialog"), evil.account, evil.product, evil.contract);
	await p.getByRole("dialog").getByRole("button", { name: "Approve", exact: true }).click();
	await p.getByText("One written and read back").waitFor();
	await holds(p.getByRole("dialog"), evil.account, evil.product);
	assert.doesNotMatch(await p.title(), /owned/);
	assert.deepEqual(other.problems.filter((x) => !/status of 401/.test(x)), []);
});

test("no page complained", () => {
	// A conflict and a refusal are answers, which the browser writes down by itself.
	assert.deepEqual(ui.problems.filter((p) => !/status of (401|409)/.test(p)), []);
});

// More cards than fit any screen: only those in sight are drawn, pages come as one scrolls, and bulk work stays whole.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, test } from "node:test";
import { join } from "node:path";
import { TOP, until } from "../lib/server.mjs";
import { startUi } from "../lib/ui.mjs";

const COMPANIES = 300;
const CARDS = COMPANIES * 4;

let ui, page, world;
before(async () => {
	const fixture = JSON.parse(execFileSync("python3", [join(TOP, "tools/fixture"), "size", String(COMPANIES)], { maxBuffer: 1e8 }));
	ui = await startUi({ fixture, env: { TRUEUP_PUSH_RATE: "0", TRUEUP_APP_RATE: "0" } });
	({ page, world } = ui);
	page.setDefaultTimeout(20000);
});
after(() => ui?.stop());

const prefer = (prefs) => page.evaluate((p) => localStorage.setItem("trueup.prefs", JSON.stringify(p)), prefs);
const drawn = () => page.locator("[data-card]").count();
const scroll = (by) =>
	page.evaluate((y) => {
		const s = document.querySelector(".dashboard");
		s.scrollBy(0, y);
		return s.scrollTop + s.clientHeight >= s.scrollHeight - 2;
	}, by);

/** To the end of the page, looking at what is in the middle of the screen all the way. */
async function toTheEnd(inside) {
	let blank = 0;
	let most = 0;
	for (let n = 0, still = 0; n < 2000 && still < 8; n++) {
		const end = await scroll(600);
		await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
		blank += await page.evaluate((s) => (document.elementFromPoint(500, 560)?.closest(s) ? 0 : 1), inside);
		most = Math.max(most, await drawn());
		still = end ? still + 1 : 0;
		if (end) await page.waitForTimeout(60);
	}
	return { blank, most };
}

test("the list comes page by page while it is scrolled, and draws only what is in sight", async () => {
	await prefer({ view: "list" });
	await ui.go("/");
	await page.locator("[data-card]").first().waitFor();
	assert.equal(await page.getByRole("grid").getAttribute("aria-rowcount"), String(CARDS + 1));
	const { blank, most } = await toTheEnd(".list-row, .list-more");
	assert.equal(blank, 0, "a place without a row was seen");
	assert.ok(most < 60, `${most} rows at once`);
	const last = (await world.all("/cards?state=open&sort=-account"))[0];
	const shown = page.locator(`[data-card="${last.id}"]`);
	await shown.waitFor();
	assert.equal(await shown.getAttribute("aria-rowindex"), String(CARDS + 1));
});

test("a fold with hundreds of cards opens at once and is scrolled like the list", async () => {
	await prefer({ view: "cards" });
	await ui.go("/");
	await page.locator(".tile").first().waitFor();
	await page.locator(".fold", { hasText: `${COMPANIES} cards` }).first().waitFor();
	const { blank, most } = await toTheEnd(".fold, .fold-place");
	assert.equal(blank, 0, "a place without a card was seen");
	assert.ok(most < 90, `${most} cards at once`);
	// A group is selected whole, with those that were never loaded.
	await ui.go("/?open=-");
	await page.locator(".fold").first().locator("label.checkbox").first().click();
	await page.getByText(`${COMPANIES} selected`).first().waitFor();
	await page.locator(".fold").first().locator("label.checkbox").first().click();
	await page.getByText(`${COMPANIES} selected`).first().waitFor({ state: "detached" });
});

test("all that fit are selected, previewed with their sum, approved, and put back", async () => {
	await prefer({ view: "list" });
	await ui.go("/?kind=reconcile");
	await page.locator("[data-card]").first().waitFor();
	await page.keyboard.press("j");
	await page.keyboard.press("x");
	await page.getByRole("button", { name: "Select all that fit" }).click();
	const changes = (await world.ok("GET", "/cards/summary?kind=reconcile&state=open")).total;
	assert.ok(changes > 150);
	await page.getByText(`${changes} selected`).first().waitFor();
	await page.getByRole("button", { name: "Approve", exact: true }).click();
	const dialog = page.getByRole("dialog").last();
	await dialog.getByText("Per period in all").waitFor();
	const cards = await world.all("/cards?kind=reconcile&state=open");
	const money = cards.reduce((n, c) => n + Number(c.change_money), 0);
	assert.ok((await dialog.innerText()).includes(`+$${money.toLocaleString("en-US", { minimumFractionDigits: 2 })}`));
	assert.deepEqual((await world.psa.ledger()).items, []);
	await dialog.getByRole("button", { name: /^Approve \d+$/ }).click();
	await dialog.getByText(`${changes} written and read back`).waitFor({ timeout: 120000 });
	assert.equal((await world.psa.ledger()).items.length, changes);
	await dialog.getByRole("button", { name: "Undo" }).click();
	await page.getByRole("alertdialog").getByRole("button", { name: "Undo" }).click();
	await dialog.getByText("Put back", { exact: true }).waitFor({ timeout: 120000 });
	const told = (await world.psa.ledger()).items;
	assert.equal(told.length, 2 * changes);
	const net = new Map();
	for (const i of told) net.set(i.after.id, (net.get(i.after.id) ?? 0) + i.after.quantity - i.before.quantity);
	assert.equal(net.size, changes);
	assert.ok([...net.values()].every((n) => n === 0));
	await page.keyboard.press("Escape");
	await until(async () => (await world.ok("GET", "/cards/summary?kind=reconcile&state=open")).total === changes);
});

test("no page complained", () => {
	assert.deepEqual(ui.problems.filter((p) => !/status of 401/.test(p)), []);
});

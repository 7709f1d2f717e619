// The page of costs: entering what a vendor takes, approving with every write shown, undo, the keyboard, a phone's width.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { until } from "../lib/server.mjs";
import { startUi } from "../lib/ui.mjs";

let ui, page, world;
before(async () => {
	ui = await startUi();
	({ page, world } = ui);
	page.setDefaultTimeout(60000);
});
after(() => ui?.stop());

const row = (name) => page.locator(".costs tbody tr").filter({ hasText: name });
const cost = async (code) => (await world.ok("GET", `/costs?q=${code}`)).items[0];
const dialog = () => page.getByRole("dialog").last();
const field = (name) => page.getByLabel(`Vendor cost of ${name}`);
const given = (code, value) =>
	until(async () => (await cost(code)).vendor_cost === value, { ms: 60000, what: `the cost of ${code}` });

test("from quantities to costs; without a difference the page says where costs come from", async () => {
	await ui.go("/");
	await page.getByRole("link", { name: "Costs", exact: true }).click();
	await page.getByRole("heading", { name: "Costs", exact: true }).waitFor();
	await page.getByText("No difference between vendor and catalogue").waitFor();
	await page.getByRole("button", { name: "Show products on contracts" }).click();
	await row("Coro EDR").waitFor();
	assert.match(await row("Coro EDR").innerText(), /CORO-EDR[\s\S]*2[\s\S]*\$3\.50[\s\S]*No vendor said/);
});

test("a cost is entered with the keyboard; a wrong one is not sent, Escape brings back what was there", async () => {
	await ui.go("/costs?show=used");
	await field("Coro EDR").focus();
	await page.keyboard.type("3,x");
	await row("Coro EDR").getByText("Write it as 3.60.").waitFor();
	await page.keyboard.press("Escape");
	assert.equal(await field("Coro EDR").inputValue(), "");
	await page.keyboard.type("3,6");
	await page.keyboard.press("Enter");
	await given("CORO-EDR", "3.6");
	await row("Coro EDR").getByText("+$0.10").waitFor();
	await row("Coro EDR").getByText("2 lines differ").waitFor();
});

test("approving shows every write, writes them, and Undo puts the old costs back", async () => {
	await ui.go("/costs");
	await page.getByRole("button", { name: "Approve the cost of Coro EDR" }).click();
	await dialog().getByText("2 lines", { exact: false }).click();
	await dialog().getByText("PATCH /procurement/catalog/901").waitFor();
	await dialog().getByText("Kestrel Foods · Managed Services").waitFor();
	await dialog().getByRole("button", { name: "Approve", exact: true }).click();
	await dialog().getByText("3 written and read back").waitFor();
	assert.equal((await cost("CORO-EDR")).catalogue_cost, "3.6");
	await dialog().getByRole("button", { name: "Undo" }).click();
	await page.getByRole("alertdialog").getByRole("button", { name: "Undo" }).click();
	await dialog().getByText("Put back", { exact: true }).first().waitFor();
	await dialog().getByRole("button", { name: "Close" }).last().click();
	await row("Coro EDR").getByText("$3.50").waitFor();
	assert.equal((await cost("CORO-EDR")).catalogue_cost, "3.5");
});

test("several at once, only the catalogue; a refused one says so in its row", async () => {
	await world.ok("PUT", `/costs/${(await cost("CORO-EMAIL")).id}`, { vendor_cost: "2" });
	await world.psa.faults([{ match: { method: "PATCH", path: "/procurement/catalog/902" }, do: "status", status: 400, times: 20 }]);
	await ui.go("/costs");
	await row("Coro Email Security").waitFor();
	await page.locator(".checkbox-label", { hasText: "Select all" }).click();
	await page.getByRole("button", { name: "Approve 2" }).click();
	await dialog().getByRole("button", { name: /Lines of contracts/ }).click();
	await page.getByRole("option", { name: "Only the catalogue" }).click();
	await dialog().getByRole("button", { name: "Approve 2" }).click();
	await dialog().getByText("One was not written").waitFor();
	await dialog().getByRole("button", { name: "Close" }).last().click();
	await row("Coro Email Security").getByText("One was not written").waitFor();
	assert.equal((await cost("CORO-EDR")).catalogue_cost, "3.6");
	assert.equal((await cost("CORO-EMAIL")).catalogue_cost, "2.25");
});

test("at a phone's width everything is there and nothing is wider", async () => {
	await page.setViewportSize({ width: 390, height: 844 });
	await ui.go("/costs?show=all");
	await row("Coro EDR").getByText("Vendor cost").waitFor();
	await page.getByRole("button", { name: "Approve the cost of Coro EDR" }).waitFor();
	const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
	assert.ok(over <= 0, `${over} px wider`);
	assert.deepEqual(ui.problems, []);
});

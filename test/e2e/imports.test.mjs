// A file of counts at the screen: dropped, corrected, looked at, run, known again, refused.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { tempDir, until } from "../lib/server.mjs";
import { xlsx } from "../lib/xlsx.mjs";
import { axe, settled, startUi } from "../lib/ui.mjs";

let ui, page;
before(async () => {
	ui = await startUi();
	page = ui.page;
});
after(() => ui?.stop());

const file = (name, text) => ({ name, mimeType: "text/csv", buffer: Buffer.from(text) });

/** Brings a file through the chooser and waits for its set-up. */
async function bring(name, text) {
	await ui.go("/imports");
	await page.locator("input[type=file]").setInputFiles(file(name, text));
	await page.getByRole("heading", { name: "What the columns hold" }).waitFor();
	await settled(page);
}

async function choose(label, option) {
	await page.getByRole("button", { name: label }).click();
	await page.getByRole("option", { name: option, exact: typeof option === "string" }).click();
}

/** Drags a file from a folder onto something, as the browser itself would report it. */
async function dropOn(selector, path) {
	const box = await page.locator(selector).boundingBox();
	const session = await ui.context.newCDPSession(page);
	const event = { x: box.x + 40, y: box.y + 40, data: { items: [], files: [path], dragOperationsMask: 1 } };
	for (const type of ["dragEnter", "dragOver", "drop"]) await session.send("Input.dispatchDragEvent", { type, ...event });
	await session.detach();
}

const button = (name) => page.getByRole("button", { name });
const summary = () => page.locator(".panel:has(.preview) .panel-head .chip").allInnerTexts();

test("a file dropped on the page is proposed, corrected and imported", async () => {
	await ui.go("/imports");
	const path = join(tempDir(), "usage may.csv");
	writeFileSync(path, "Usage of May\n\nCustomer;Product;Menge\nAcme;Backup;1.234,5\nZeta;Backup;0\nTotal;;1234,5\n");
	await dropOn(".drop", path);
	await page.getByRole("heading", { name: "usage may.csv" }).waitFor();
	await settled(page);
	assert.deepEqual(await axe(page), []);
	assert.deepEqual(await summary(), ["2 rows accepted", "0 rejected", "4 ignored"]);
	assert.match(await page.getByRole("row", { name: /Acme/ }).innerText(), /1,234\.5 units/);

	// A wrong column: the preview follows, and running is off and says why.
	await choose(/Customer Account|^Account/, "Menge");
	await page.getByRole("button", { name: /Import \d/ }).and(page.locator("[data-disabled]")).waitFor();
	await choose(/Menge Account|^Account/, "Customer");
	await page.getByText("Say whose counts these are.").waitFor();
	await button("New integration").click();
	await page.getByRole("dialog").getByLabel("Name").fill("Backup list");
	await page.getByRole("dialog").getByRole("button", { name: "Create" }).click();
	await page.getByRole("dialog").waitFor({ state: "detached" });

	await page.getByLabel(/Remember as/).fill("Monthly list");
	await button("Import 2 rows").click();
	await page.getByText("2 rows imported").waitFor();
	await settled(page);
	assert.deepEqual(await axe(page), []);
	const made = (await ui.world.all("/integrations")).find((i) => i.name === "Backup list");
	const accounts = await ui.world.all(`/integrations/${made.id}/accounts`);
	assert.deepEqual(accounts.map((a) => a.name).sort(), ["Acme", "Zeta"]);
	await page.getByRole("link", { name: "Update account mapping" }).click();
	await page.waitForURL(/setup\?step=accounts/);
});

test("next month's file is known, and the very same one is noticed", async () => {
	await bring("usage june.csv", "Customer;Product;Menge\nAcme;Backup;7\n");
	await page.getByText("has the headings of a known one").waitFor();
	assert.match(await page.getByRole("button", { name: /Integration/ }).innerText(), /Backup list/);
	await button("Import 1 row").click();
	await page.getByText("1 row imported").waitFor();
	await bring("again.csv", "Customer;Product;Menge\nAcme;Backup;7\n");
	await page.getByText("The very same file was imported before").waitFor();
});

test("rejected rows are named; nothing is imported until they are left out", async () => {
	await bring("bad.csv", "Customer;Product;Menge\nAcme;Backup;8\nZeta;Backup;n/a\n");
	assert.deepEqual(await summary(), ["1 row accepted", "1 rejected", "1 ignored"]);
	await page.getByText('the quantity "n/a" is no number').waitFor();
	await page.getByText("1 row is rejected. Correct the file").waitFor();
	await page.locator("label", { hasText: "Leave rejected rows out" }).click();
	await button("Import 1 row").click();
	await page.getByText("1 row imported").waitFor();
	await page.getByRole("region", { name: "Rejected" }).getByText("n/a").waitFor();
});

test("a reload in the middle brings the same choices back; a file can be forgotten", async () => {
	await bring("other.csv", "Who;What;Number\nAcme;Backup;1\n");
	const address = page.url();
	await page.reload();
	await page.getByRole("heading", { name: "What the columns hold" }).waitFor();
	assert.equal(page.url(), address);
	await ui.go("/imports");
	await button("Delete other.csv").click();
	await page.getByRole("alertdialog").getByRole("button", { name: "Delete" }).click();
	await page.getByText("File deleted").waitFor();
	await until(async () => !(await page.getByRole("table").first().innerText()).includes("other.csv"));
});

test("a workbook: dates above, headings in the third row, decimals as the format has them", async () => {
	await ui.go("/imports");
	const rows = [["Licences in use"], [], ["Customer", "Product", "Qty"], ["Acme", "Archive", 12.5], ["Zeta", "Archive", 0]];
	await page.locator("input[type=file]").setInputFiles({ name: "licences.xlsx", mimeType: "application/octet-stream", buffer: xlsx(rows) });
	await page.getByRole("heading", { name: "What the columns hold" }).waitFor();
	await settled(page);
	assert.deepEqual(await summary(), ["2 rows accepted", "0 rejected", "3 ignored"]);
	await page.getByText("Heading, numbers and format").click();
	assert.equal(await page.getByLabel("Row with the headings").inputValue(), "3");
	assert.equal(await page.getByLabel("Worksheet").inputValue(), "Usage");
	await page.getByLabel("Row with the headings").fill("59");
	await page.getByText(/heading must be one of|Mend what is marked/).first().waitFor();
	await page.getByLabel("Row with the headings").fill("3");
	await choose(/Integration/, /Backup list/);
	await button("Import 2 rows").click();
	await page.getByText("2 rows imported").waitFor();
});

test("what is no table is refused in words, and the page stays usable", async () => {
	await ui.go("/imports");
	await page.locator("input[type=file]").setInputFiles(file("invoice.pdf.csv", "%PDF-1.7 rubbish"));
	await page.getByText("This file was not taken").waitFor();
	await page.getByText(/PDF/).first().waitFor();
	assert.equal(await button("Choose a file").isEnabled(), true);
});

test("hostile cells are text", async () => {
	const evil = "<img src=x onerror=document.title='owned'>";
	await bring("<b>evil</b>.csv", `Customer;Product;<script>alert(1)</script>\n${evil};Backup;3\n`);
	await page.getByText(evil).first().waitFor();
	assert.doesNotMatch(await page.title(), /owned/);
});

test("no page complained", () => {
	// The one refusal above is said by the browser itself.
	assert.deepEqual(ui.problems.filter((p) => !/status of 400/.test(p)), []);
});

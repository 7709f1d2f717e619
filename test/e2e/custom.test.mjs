// A custom integration at the screen: both keys, snippets that work as they are copied, what has arrived; tables as files.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { run } from "../lib/server.mjs";
import { axe, settled, startUi } from "../lib/ui.mjs";

let ui, page;
before(async () => {
	ui = await startUi();
	page = ui.page;
	await ui.context.grantPermissions(["clipboard-read", "clipboard-write"]);
});
after(() => ui?.stop());

const button = (name) => page.getByRole("button", { name });
const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
let integration;

test("Custom asks for a name, gives both keys once, and its snippets push as they are copied", async () => {
	await ui.go("/integrations");
	await button("Custom").click();
	const dialog = page.getByRole("dialog");
	await dialog.getByText("Billing", { exact: true }).click();
	await dialog.getByRole("textbox").fill("Our script");
	await dialog.getByRole("button", { name: "Continue" }).click();
	await page.waitForURL(/setup/);
	integration = (await ui.world.all("/integrations")).find((i) => i.name === "Our script");
	await button("Generate API token").click();
	await page.getByLabel("Vendor key").waitFor();
	const [vendorKey, partnerKey] = await Promise.all(["Vendor key", "Partner key"].map((n) => page.getByLabel(n).inputValue()));
	assert.match(vendorKey, /^[\w-]+$/);
	assert.match(partnerKey, /^[\w-]+$/);
	assert.deepEqual(await axe(page), []);

	await button("Copy snippet").click();
	const shell = await run("bash", ["-c", await clipboard()]);
	assert.equal(shell.status, 0, shell.stderr);
	await page.getByText("1 account and 1 service", { exact: false }).or(page.getByText(/connected/i)).first().waitFor();

	await page.getByRole("tab", { name: "Python" }).click();
	await button("Copy snippet").click();
	const python = await run("python3", ["-c", await clipboard()]);
	assert.equal(python.status, 0, python.stderr);
	assert.match(python.stdout, /^201 /m);

	await page.getByRole("tab", { name: "PowerShell" }).click();
	await button("Copy snippet").click();
	const powershell = await clipboard();
	const token = Buffer.from(`${vendorKey}:${partnerKey}`).toString("base64");
	assert.ok(powershell.includes(`$Token = '${token}'`));
	assert.ok(powershell.includes(`$Base = '${ui.url}'`));
	assert.ok(powershell.includes("Invoke-RestMethod -Method Post"));
	const counts = await ui.world.all(`/integrations/${integration.id}/observations`);
	assert.deepEqual(counts.map((c) => [c.account_name, c.service_name, c.units]), [["Acme Ltd", "Seats", "5"], ["Acme Ltd", "Seats", "5"]]);
});

test("leaving and coming back never shows the token again; the status says what has arrived", async () => {
	await ui.go(`/integrations/${integration.id}`);
	assert.equal(await page.getByLabel("Vendor key").count(), 0);
	await page.getByText("PASTE-THE-TOKEN-HERE").waitFor();
	await button("Check now").click();
	await page.getByText(/^Checked /).waitFor();
	const panel = page.locator(".panel", { hasText: "What has arrived" });
	assert.match((await panel.innerText()).replace(/\s+/g, " "), /Accounts 1 Services 1/);
	assert.deepEqual(await axe(page), []);
});

test("counts go out as a file from the menu", async () => {
	await button("Export counts").click();
	const [download] = await Promise.all([
		page.waitForEvent("download"),
		page.getByRole("group", { name: "Newest counts" }).getByRole("menuitem", { name: "CSV" }).click(),
	]);
	assert.equal(download.suggestedFilename(), "counts.csv");
	assert.match(readFileSync(await download.path(), "utf8"), /^\ufeff?Account,Service,Quantity[^\n]*\n(Acme Ltd|"Acme Ltd"),"?Seats"?,"?5"?,/);
});

test("the cards shown go out as a workbook, with the filters of the address", async () => {
	await ui.go("/?kind=reconcile");
	await button("Export the cards shown").click();
	const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("menuitem", { name: "XLSX" }).click()]);
	assert.equal(download.suggestedFilename(), "cards.xlsx");
	assert.match(download.url(), /kind=reconcile/);
	assert.equal(readFileSync(await download.path()).subarray(0, 2).toString(), "PK");
	await settled(page);
	assert.match(page.url(), /\?kind=reconcile$/, "the page stays where it is");
});

test("the log goes out with its filters", async () => {
	await ui.go("/activity?kind=mapping");
	await button("Export the log as shown").click();
	const [download] = await Promise.all([page.waitForEvent("download"), page.getByLabel("Activity").getByRole("menuitem", { name: "CSV" }).click()]);
	const rows = readFileSync(await download.path(), "utf8").trim().split("\n").slice(1);
	assert.ok(rows.length > 0 && rows.every((r) => r.includes("mapping.")), rows[0]);
});

test("no page complained", () => {
	assert.deepEqual(ui.problems, []);
});

test("a key that is about to end is told of on the card and on the page of its integration", async () => {
	const end = new Date(Date.now() + 5 * 86400000).toISOString().slice(0, 10);
	const settings = { client_id: "a", client_secret: "b", channel_workspace_id: "c", credentials_expire: end };
	const made = await ui.world.server.api("POST", "/integrations", { vendor: "coro", name: "Coro of ours", settings });
	assert.equal(made.status, 201, made.text);
	await ui.go("/integrations");
	await page.getByText(/The key of Coro of ours ends on/).waitFor();
	await ui.go(`/integrations/${made.body.id}`);
	await page.getByText(/The key of Coro of ours ends on .*Make a new one/).waitFor();
	assert.equal(await page.getByLabel(/Key expires on/).inputValue(), end);
	assert.deepEqual(await axe(page), []);
});

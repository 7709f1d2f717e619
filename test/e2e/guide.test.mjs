// The guide, step by step, as a person sees it.
import assert from "node:assert/strict";
import { after, before, test as nodeTest } from "node:test";
import { addInCoro, connectCoro, connectPsa, setUp, startStack } from "../lib/stack.mjs";
import { until } from "../lib/server.mjs";

// Each step stands on the one before it: after a failure the rest says so instead of waiting.
let broken = null;
const test = (name, work) =>
	nodeTest(name, async () => {
		if (broken) assert.fail(`not reached: "${broken}" failed`);
		broken = name;
		await work();
		broken = null;
	});

let s;
let page;
let token;
before(async () => {
	s = await startStack();
	page = s.page;
});
after(() => s?.stop());

test("1: the one-time link sets up organization, administrator and PSA", async () => {
	await setUp(s);
	assert.equal(new URL(page.url()).hash, "", "the link's token is out of the address bar");
	await connectPsa(s);
});

test("2: vendor cards show products, state and the next step; search and filter", async () => {
	const card = page.getByRole("listitem").filter({ has: page.getByRole("heading", { name: "Coro" }) });
	assert.match(await card.innerText(), /Cloud Security \| Email Security \| Endpoint Security \| EDR/);
	assert.match(await card.innerText(), /Ready to connect/);
	await page.getByRole("searchbox").fill("backup");
	await page.getByRole("heading", { name: "Comet Backup" }).waitFor();
	assert.equal(await page.getByRole("heading", { name: "Coro", exact: true }).count(), 0);
	assert.match(page.url(), /q=backup/, "the filter is in the address");
	await page.getByRole("searchbox").fill("");
	await page.getByRole("button", { name: "Custom" }).waitFor();
});

test("3 and 4: what to integrate, and a token that is shown once", async () => {
	token = await connectCoro(s);
	assert.equal(Buffer.from(token, "base64").toString().split(":").length, 2);
	await page.getByText("It is shown only once").waitFor();
	assert.equal(await page.getByRole("button", { name: "Next" }).isDisabled(), true);
	await page.reload();
	await page.getByText("It is not shown again").waitFor();
	assert.equal(await page.getByText(token).count(), 0);
	await page.getByRole("button", { name: "Regenerate" }).click();
	const warning = page.getByRole("alertdialog");
	assert.match(await warning.innerText(), /stops at once/);
	await warning.getByRole("button", { name: "Make a new token" }).click();
	const next = await page.getByRole("textbox", { name: "API token" }).inputValue();
	assert.notEqual(next, token);
	token = next;
});

test("5: the vendor's portal opens in a new tab, and the wizard notices the connector by itself", async () => {
	const portal = page.getByRole("link", { name: /Open vendor portal/ });
	assert.equal(await portal.getAttribute("target"), "_blank");
	assert.match(await portal.getAttribute("rel"), /noopener/);
	await addInCoro(s, token);
	await page.getByText("41 accounts and 4 services have come in").waitFor();
	await page.getByRole("button", { name: "Next" }).click();
});

test("6: accounts are mapped by suggestion, drag and drop, keyboard and menu; unmapped, excluded, undone", async () => {
	const vendor = page.getByRole("region", { name: "Coro accounts" });
	const unmapped = async () => Number(/(\d+) unmapped/.exec(await vendor.innerText())?.[1] ?? 0);
	const goes = (n) => until(async () => (await unmapped()) === n, { what: `${n} unmapped` });
	const start = await unmapped();
	assert.ok(start > 5);
	assert.ok((await vendor.getByText("same name").count()) > 0, "equal names are mapped and marked");

	await vendor.getByRole("button", { name: /^Map to Brightwater Marine/ }).click();
	await goes(start - 1);
	await vendor.getByRole("button", { name: "Undo" }).click();
	await goes(start);

	const source = page.getByRole("region", { name: "PSA accounts" });
	await source.getByRole("searchbox").fill("Réunion");
	await source.getByRole("row", { name: "Café Réunion" }).dragTo(vendor.getByRole("row", { name: "Cafe Reunion" }));
	await goes(start - 1);

	await source.getByRole("searchbox").fill("Brightwater");
	await vendor.getByRole("searchbox").fill("BRIGHTWATER");
	await source.getByRole("button", { name: "Drag Brightwater Marine" }).focus();
	await page.keyboard.press("Enter");
	await page.getByRole("button", { name: "Drop on BRIGHTWATER MARINE" }).waitFor();
	await page.keyboard.press("Enter");
	await goes(start - 2);

	await vendor.getByRole("searchbox").fill("Kestrel");
	await vendor.getByRole("button", { name: "Actions for Kestrel Foods" }).click();
	await page.getByRole("menuitem", { name: "Map to…" }).click();
	await page.getByRole("option", { name: /Kestrel Foods Ltd/ }).click();
	await goes(start - 3);
	await vendor.getByRole("button", { name: "Unmap Kestrel Foods" }).click();
	await goes(start - 2);

	await vendor.getByRole("searchbox").fill("Osprey");
	await vendor.getByRole("button", { name: /^Actions for Osprey/ }).click();
	await page.getByRole("menuitem", { name: "Exclude from billing" }).click();
	await goes(start - 3);
	await vendor.getByText("Excluded", { exact: true }).waitFor();
	await page.getByRole("button", { name: "Next" }).click();
});

test("8: Finish is off, and says why, until a service is mapped", async () => {
	await page.getByRole("button", { name: "Next" }).click();
	await page.getByText("map at least one service").waitFor();
	assert.equal(await page.getByRole("button", { name: "Finish" }).isDisabled(), true);
	await page.getByRole("button", { name: "Back" }).click();
});

test("7: services are found by Product ID; several products, copy or split, users or devices", async () => {
	const source = page.getByRole("region", { name: "PSA products" });
	await source.getByRole("searchbox").fill("CORO-EDR");
	const edr = page.getByRole("region", { name: "Coro services" }).getByRole("row", { name: "EDR", exact: true });
	await source.getByRole("row", { name: "Coro EDR", exact: true }).dragTo(edr);
	await edr.getByText("CORO-EDR", { exact: true }).waitFor();
	await source.getByRole("row", { name: "Coro EDR for servers" }).dragTo(edr);
	await edr.getByText("CORO-EDR-SRV").waitFor();
	await edr.getByRole("button", { name: /Several products/ }).click();
	await page.getByRole("option", { name: "Split the count" }).click();
	await edr.getByText("Split the count").first().waitFor();
	await edr.getByRole("button", { name: "Unmap Coro EDR for servers" }).click();
	await edr.getByRole("button", { name: /Counts/ }).click();
	await page.getByRole("option", { name: "devices" }).click();
	for (const name of ["Coro Cloud Security", "Coro Email Security", "Coro Endpoint Security"])
		await page.getByRole("button", { name: new RegExp(`^Map to ${name}`) }).click();
	await page.getByText("All mapped or excluded").waitFor();
});

test("8: the review lists the mappings, and Finish starts the sync", async () => {
	await page.getByRole("button", { name: "Next" }).click();
	await page.getByText("Coro EDR (CORO-EDR)").waitFor();
	await page.getByRole("button", { name: "Finish" }).click();
	await page.getByRole("heading", { name: "Contract reconciliation" }).waitFor();
});

test("9: Refresh lights up when new data is in, and shows it without losing the filter", async () => {
	await page.getByRole("searchbox").fill("Bramble");
	const refresh = page.getByRole("button", { name: /New data is in/ });
	await refresh.waitFor({ timeout: 60000 });
	await refresh.click();
	await page.getByRole("button", { name: "Refresh", exact: true }).waitFor();
	assert.equal(await page.getByRole("searchbox").inputValue(), "Bramble");
	await page.getByText("Bramble Housing").first().waitFor();
});

test("10: filter, review, approve; the PSA holds the vendor's count", async () => {
	await page.getByRole("searchbox").fill("Bramble Housing");
	await page.getByRole("button", { name: "Approve: Bramble Housing, Coro EDR" }).click();
	const dialog = page.getByRole("dialog");
	await dialog.getByText("90", { exact: true }).waitFor();
	await dialog.getByText("84", { exact: true }).waitFor();
	assert.match(await dialog.innerText(), /-\$36\.00/);
	await dialog.getByText("The call that is sent").click();
	assert.match(await dialog.innerText(), /PATCH .*additions/);
	await dialog.getByRole("button", { name: "Approve" }).click();
	await page.getByText("One written and read back").waitFor();
	const ledger = JSON.stringify(await s.psa.ledger());
	assert.match(ledger, /84/);
	await page.getByRole("dialog").getByRole("button", { name: "Undo" }).click();
	await page.getByRole("alertdialog").getByRole("button", { name: "Undo" }).click();
	await page.getByText("Put back", { exact: true }).waitFor();
});

test("nothing was complained about on the way", () => {
	// 401 is how a page learns that nobody is signed in yet.
	assert.deepEqual(s.problems.filter((p) => !p.includes("401")), []);
});

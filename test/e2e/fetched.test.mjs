// Vendors that are fetched from, connected through the wizard: credentials by their labels, a wrong secret in the vendor's words, the
// first fetch, and what came in is there to be mapped.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { startSim } from "../lib/server.mjs";
import { axe, settled, startUi } from "../lib/ui.mjs";

const CORO = {
	coro: {
		settings: { workspace: "msp_9QX1_r" },
		services: [],
		workspaces: [
			{ id: "northwind_1111_a", name: "Northwind Dental", users: 4, devices: 3, modules: { edr: true } },
			{ id: "other_2222_b", name: "Somebody else", users: 9, devices: 9, modules: { edr: true } },
		],
	},
};
const HUNTRESS = "sim/fixtures/vendors/huntress.json";

let ui, page;
before(async () => {
	ui = await startUi();
	page = ui.page;
});
after(() => ui?.stop());

const button = (name, options) => page.getByRole("button", { name, ...options });
const field = (label) => page.getByLabel(new RegExp(`^${label}( \\(optional\\))?$`));

async function fill(within, values) {
	for (const [label, value] of Object.entries(values)) await within.getByLabel(new RegExp(`^${label}( \\(optional\\))?$`)).fill(value);
}

/** From the vendor's card to the wizard's first step. */
async function connect(vendor, values) {
	await ui.go("/integrations");
	await page.getByRole("searchbox").fill(vendor);
	const card = page.getByRole("listitem").filter({ has: page.getByRole("heading", { name: vendor, exact: true }) });
	await card.getByRole("button", { name: /Connect|Add another/ }).first().click();
	const dialog = page.getByRole("dialog");
	const billing = dialog.getByText("Billing", { exact: true });
	if (await billing.count()) await billing.click();
	const fetches = dialog.getByText("Trueup fetches them");
	if (await fetches.count()) await fetches.click();
	const go = dialog.getByRole("button", { name: "Continue" });
	assert.equal(await go.isDisabled(), true, "credentials are asked for");
	await fill(dialog, values);
	assert.deepEqual(await axe(page), []);
	await go.click();
	await page.waitForURL(/\/integrations\/[^/]+\/setup/);
	await settled(page);
}

async function saveAndTest() {
	const answered = page.waitForResponse((r) => /\/integrations\/[^/]+\/test$/.test(r.url()), { timeout: 60000 });
	await button("Save and Test").click();
	await answered;
	await page.getByRole("list", { name: "What was tested" }).waitFor();
	return (await page.locator(".checks li").allInnerTexts()).join("\n");
}

/** A wrong secret, then the right one, then the first fetch. */
async function wholeWay({ vendor, values, secret: [label, wrong, right], refusal, came }) {
	await connect(vendor, { ...values, [label]: wrong });
	assert.equal(await button("Next").isDisabled(), true);
	const bad = await saveAndTest();
	assert.match(bad, refusal);
	assert.ok(!bad.includes(wrong));
	assert.deepEqual(await axe(page), []);
	await field(label).fill(right);
	await saveAndTest();
	await page.getByText("Everything works", { exact: true }).waitFor();
	await button("Fetch now").click();
	await page.getByText(came).waitFor({ timeout: 60000 });
	assert.ok(!(await page.content()).includes(right), "a secret is not on the page");
	await button("Next").click();
	await page.getByRole("region", { name: `${vendor} accounts` }).waitFor();
}

test("Coro is fetched from: its words for a wrong secret, then its workspaces", async (t) => {
	const sim = await startSim("coro", CORO);
	t.after(() => sim.stop());
	await wholeWay({
		vendor: "Coro",
		values: { "API address": sim.url, "Client ID": "coro-client", "Channel workspace ID": "msp_9QX1_r" },
		secret: ["Client secret", "wrong-secret-1", "coro-secret"],
		refusal: /does not accept the client ID and secret: access_denied/,
		came: /2 accounts and \d+ services? ha(s|ve) come in/,
	});
	const row = page.getByRole("row", { name: "Northwind Dental" }).last();
	await row.getByText("same name").waitFor();
});

test("a declared vendor: Huntress", async (t) => {
	const { try: tried } = JSON.parse(readFileSync(new URL(`../../${HUNTRESS}`, import.meta.url)));
	const sim = await startSim("rest", HUNTRESS);
	t.after(() => sim.stop());
	await wholeWay({
		vendor: "Huntress",
		values: { "API address": sim.url, "API key": tried.settings.key },
		secret: ["API secret key", tried.wrong.secret, tried.settings.secret],
		refusal: /does not accept the credentials.*not known/,
		came: new RegExp(`${tried.accounts} accounts and \\d+ services? ha(s|ve) come in`),
	});
	// A long list is drawn as far as it is seen.
	assert.ok((await page.locator(".map-target").count()) < 60);
});

test("no page complained", () => {
	assert.deepEqual(ui.problems, []);
});

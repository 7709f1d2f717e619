// Advanced mapping: one table over all integrations, filters, changes in bulk, undo; by keyboard, through a restart.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { until } from "../lib/server.mjs";
import { axe, settled, startUi } from "../lib/ui.mjs";
import { connect } from "../lib/vendor.mjs";

let ui, page, second;
const MANY = 60;
/** How many of them a search for "customer 1" finds. */
const ONES = Array.from({ length: MANY }, (_, i) => String(i)).filter((n) => n.includes("1")).length;

before(async () => {
	ui = await startUi({ fixture: "sim/fixtures/demo.json" });
	page = ui.page;
	second = await connect(ui.world.server, { name: "Second vendor", modules: ["billing"] });
	const accounts = Array.from({ length: MANY }, (_, i) => ({ id: `x${i}`, name: `Extra customer ${i}` }));
	await second.call("POST", "/organization/accounts", accounts);
	await second.call("POST", "/organization/services", [{ id: "seats", name: "Seats" }]);
});
after(() => ui?.stop());

const button = (name, options) => page.getByRole("button", { name, ...options });
const row = (name) => page.getByRole("row", { name });
const accountsOf = async (id) => new Map((await ui.world.all(`/integrations/${id}/accounts`)).map((a) => [a.name, a]));
const statuses = async (id = second.id) => {
	const list = [...(await accountsOf(id)).values()].map((a) => a.mapping.status);
	return Object.fromEntries([...new Set(list)].map((s) => [s, list.filter((x) => x === s).length]));
};

async function choose(label, option) {
	await button(label).click();
	await page.getByRole("option", { name: option }).click();
}

test("all integrations are in one table; filters narrow it and live in the address", async () => {
	await ui.go("/mapping");
	assert.deepEqual(await axe(page), []);
	const whole = Number(await page.getByRole("table").getAttribute("aria-rowcount"));
	await choose(/^All integrations/, "Second vendor");
	await until(async () => Number(await page.getByRole("table").getAttribute("aria-rowcount")) === MANY + 1);
	assert.ok(whole > MANY + 1);
	await page.getByRole("searchbox").fill("customer 42");
	await row(/Extra customer 42/).waitFor();
	await until(async () => (await page.getByRole("table").getAttribute("aria-rowcount")) === "2");
	await page.reload();
	await settled(page);
	assert.equal(await page.getByRole("table").getAttribute("aria-rowcount"), "2");
});

test("many are excluded at once, and put back as they were", async () => {
	await ui.go(`/mapping?integration=${second.id}`);
	await page.locator("label", { has: page.getByRole("checkbox", { name: "Select all that are shown" }) }).click();
	await page.getByText(`${MANY} selected`).waitFor();
	await button("Exclude", { exact: true }).click();
	await page.getByText(`${MANY} changed`).waitFor();
	assert.deepEqual(await statuses(), { excluded: MANY });
	await button("Undo").click();
	await page.getByText(`${MANY} put back as they were`).waitFor();
	assert.deepEqual(await statuses(), { unmapped: MANY });
});

test("several are mapped to one account of the PSA at once", async () => {
	await ui.go(`/mapping?integration=${second.id}&q=customer+1`);
	await page.locator("label", { has: page.getByRole("checkbox", { name: "Select all that are shown" }) }).click();
	await button("Map to…").click();
	const dialog = page.getByRole("dialog");
	await dialog.getByRole("searchbox").fill("Harrow");
	await dialog.getByRole("option", { name: /Harrow Logistics/ }).click();
	await page.getByText(`${ONES} changed`).waitFor();
	const mapped = [...(await accountsOf(second.id)).values()].filter((a) => a.mapping.status === "mapped");
	assert.equal(mapped.length, ONES);
	assert.ok(mapped.every((a) => a.mapping.psa_account.name === "Harrow Logistics Inc."));
	await button("Undo").click();
	await page.getByText(`${ONES} put back as they were`).waitFor();
	assert.deepEqual(await statuses(), { unmapped: MANY });
});

test("best suggestions are accepted in bulk, for those where one is the best", async () => {
	const coro = ui.world.integration.id;
	await ui.go(`/mapping?integration=${coro}&status=unmapped`);
	const list = () => ui.world.all(`/integrations/${coro}/accounts`);
	const open = (await list()).filter((a) => a.mapping.status === "unmapped");
	const offered = open.filter(({ suggestions: [a, b] }) => a && !(b && b.score === a.score));
	const equal = open.filter(({ suggestions: [a, b] }) => b && b.score === a.score);
	assert.ok(offered.length > 2 && equal.length > 0, "the fixture has clear ones and two of one name");
	await page.locator("label", { has: page.getByRole("checkbox", { name: "Select all that are shown" }) }).click();
	await button(`Accept best suggestions (${offered.length})`).click();
	await page.getByText(`${offered.length} changed`).waitFor();
	const now = new Map((await list()).map((a) => [a.id, a.mapping]));
	for (const a of offered) assert.equal(now.get(a.id).psa_account_id, a.suggestions[0].psa_account_id, a.name);
	for (const a of equal) assert.equal(now.get(a.id).status, "unmapped", "two that fit equally well are left to a person");
});

test("by keyboard alone: find, choose, undo", async () => {
	await ui.go(`/mapping?integration=${second.id}`);
	await page.getByRole("searchbox").focus();
	await page.keyboard.type("customer 42");
	await row(/customer 42/).waitFor();
	const reach = async (name) => {
		for (let i = 0; i < 40; i++) {
			await page.keyboard.press("Tab");
			const label = await page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent);
			if (name.test(label ?? "")) return;
		}
		assert.fail(`Tab never reached ${name}`);
	};
	await reach(/Choose: Extra customer 42/);
	await page.keyboard.press("Enter");
	const dialog = page.getByRole("dialog");
	await dialog.waitFor();
	await dialog.getByRole("searchbox").focus();
	await page.keyboard.type("Granite");
	await dialog.getByRole("option", { name: /Granite Mutual/ }).waitFor();
	await page.keyboard.press("Tab");
	await page.keyboard.press("ArrowDown");
	await page.keyboard.press("Enter");
	await until(async () => (await accountsOf(second.id)).get("Extra customer 42").mapping.psa_account?.name === "Granite Mutual");
	await dialog.waitFor({ state: "detached" });
	await reach(/^Undo$/);
	await page.keyboard.press("Enter");
	await until(async () => (await accountsOf(second.id)).get("Extra customer 42").mapping.status === "unmapped");
});

test("services: several products stay what they were when one is changed", async () => {
	await ui.go("/mapping?tab=services");
	await row(/Seats/).waitFor();
	assert.deepEqual(await axe(page), []);
	await button("Choose: Seats").click();
	await page.getByRole("dialog").getByRole("searchbox").fill("CORO-EDR");
	await page.getByRole("dialog").getByRole("option").first().click();
	await until(async () => (await ui.world.all(`/integrations/${second.id}/services`))[0].mapping.products[0]?.code === "CORO-EDR");
	await row(/Seats.*Mapped.*CORO-EDR/).waitFor();
});

test("a server that restarts in the middle: the change goes through once it is back", async () => {
	await ui.go(`/mapping?integration=${second.id}&q=customer+33`);
	await ui.world.restart({
		here: true,
		meanwhile: async () => {
			await page.locator("label", { has: page.getByRole("checkbox", { name: "Select all that are shown" }) }).click();
			await button("Exclude", { exact: true }).click();
		},
	});
	await until(async () => (await page.getByText(/changed|cannot be reached/).count()) > 0);
	// Whether the pause was too long for the retries or not, what the page says is what the server holds.
	const said = await page.getByText("One changed").count();
	const now = (await accountsOf(second.id)).get("Extra customer 33").mapping.status;
	assert.equal(now, said ? "excluded" : "unmapped");
});

test("a viewer sees all of it and can change nothing", async () => {
	const made = await ui.world.ok("POST", "/users", { email: "vera@northwind.example", role: "viewer" });
	await page.getByRole("button", { name: "Your account" }).click();
	await page.getByRole("menuitem", { name: "Sign out" }).click();
	await page.goto(made.link);
	await page.getByLabel("New password").fill("a password for vera");
	await page.keyboard.press("Enter");
	await page.getByRole("navigation", { name: "Main" }).waitFor();
	await ui.go("/mapping");
	assert.equal(await button(/^(Choose|Change): /).count(), 0);
	assert.equal(await page.getByRole("checkbox", { name: "Select all that are shown" }).isDisabled(), true);
	await ui.go("/settings/tokens");
	await page.getByText("Only administrators can change this.").waitFor();
	await ui.go("/imports");
	assert.equal(await button("Choose a file").count(), 0);
});

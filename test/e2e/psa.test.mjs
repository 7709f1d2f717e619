// Each PSA's set-up page: filled in by its labels, with its own checklist, tested, and a wrong key answered in its own words.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startBrowser } from "../lib/browser.mjs";
import { startServer, startSim } from "../lib/server.mjs";
import { axe, settled, signIn, visit } from "../lib/ui.mjs";

/** `secret`: [label, right value]; `list`: words of its checklist; `refusal`: what it says to a wrong secret, and what to do. */
const PSAS = [
	{
		name: "ConnectWise PSA",
		sim: ["connectwise", "sim/fixtures/small.json"],
		fields: (sim, s) => ({ Site: sim.url, "Company ID": s.company, "Public key": s.public_key, "Client ID": "7d0c2a53-6a0a-4c39-9c4b-1f2a77a5b9b0" }),
		secret: (s) => ["Private key", s.private_key],
		list: [/API Members/, /Agreements with Add, Edit, Inquire/],
		refusal: /ConnectWise.*(key|member)/,
	},
	{
		name: "Autotask",
		sim: ["autotask", "sim/fixtures/autotask.json"],
		fields: () => ({ "API user name": "api@alderridge.example", "Tracking identifier": "ABCDEFGHIJKLMNOPQRSTUVWXYZ1" }),
		more: (sim) => ({ "Zone finder": sim.url }),
		secret: () => ["Secret", "s3cret#Small"],
		list: [/API User/, /Autotask takes whole numbers/],
		refusal: /Autotask.*(user|secret)/i,
	},
	{
		name: "HaloPSA",
		sim: ["halopsa", "sim/fixtures/halopsa.json"],
		fields: (sim) => ({ Site: sim.url, "Client ID": "7f7f1c1e-halo" }),
		secret: () => ["Client secret", "s3cret&Small="],
		list: [/API-only agent/, /Not the permission “all”/],
		refusal: /HaloPSA.*(client|secret)/i,
	},
	{
		name: "Syncro",
		sim: ["syncro", "sim/fixtures/psa_syncro.json"],
		fields: (sim) => ({ Site: sim.url }),
		secret: () => ["API token", "tok-small-1"],
		list: [/custom permissions/, /Recurring Invoices/],
		refusal: /Syncro.*token/i,
	},
	{
		name: "SuperOps",
		sim: ["superops", "sim/fixtures/psa_superops.json"],
		fields: () => ({ Subdomain: "alderridge" }),
		more: (sim) => ({ "API address": `${sim.url}/msp` }),
		secret: () => ["API token", "tok-so"],
		list: [/technician/, /data centre/],
		refusal: /SuperOps.*token/i,
	},
	{
		name: "Alga PSA",
		sim: ["alga", "sim/fixtures/psa_alga.json"],
		fields: () => ({}),
		more: (sim) => ({ Site: sim.url }),
		secret: () => ["API key", "recon-key-1"],
		list: [/Settings > API keys/, /portal users/],
		refusal: /Alga PSA.*key/i,
	},
	...["Kaseya BMS", "Pulseway PSA"].map((name, i) => ({
		name,
		sim: ["kaseya", "sim/fixtures/psa_kaseya.json"],
		fields: () => ({ "Company name": "alderridge", "User name": "trueup-api" }),
		more: (sim) => ({ [["Server", "Gateway URL"][i]]: sim.url }),
		secret: () => ["Password", 'pw, "quoted" & more'],
		list: [/Has API Access/, /API Employee/],
		refusal: /(Kaseya BMS|Pulseway|API).*(password|user)/i,
	})),
	{
		name: "ITFlow",
		sim: ["itflow", "sim/fixtures/psa_itflow.json"],
		fields: (sim) => ({ Site: sim.url }),
		secret: () => ["API key", "key & more"],
		list: [/Admin > API Keys/, /work list/],
		refusal: /ITFlow does not accept the API key.*Make a new one/,
	},
];

let server, b, page;
before(async () => {
	server = await startServer();
	b = await startBrowser();
	page = b.page;
	await signIn(page, server.url);
});
after(async () => {
	await b?.close();
	await server?.stop();
});

/** The others say at their page that alerts do not become tickets there. */
const TAKE_TICKETS = ["ConnectWise PSA", "Autotask", "HaloPSA", "Syncro"];

const field = (label) => page.getByLabel(new RegExp(`^${label}( \\(optional\\))?$`));
const wide = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

async function fill(values) {
	for (const [label, value] of Object.entries(values ?? {})) await field(label).fill(value);
}

/** Presses, and waits for what the test of just this press says. */
async function saveAndTest() {
	const answered = page.waitForResponse((r) => r.url().endsWith("/psa/test"), { timeout: 60000 });
	await page.getByRole("button", { name: "Save and Test" }).click();
	await answered;
	await page.getByRole("list", { name: "What was tested" }).waitFor();
	return page.locator(".checks li").allInnerTexts();
}

for (const psa of PSAS)
	test(`${psa.name}: checklist, labels, Save and Test; a wrong secret`, async (t) => {
		const sim = await startSim(...psa.sim);
		t.after(() => sim.stop());
		const known = (await (await fetch(`${sim.url}/_state`)).json()).settings ?? {};
		await visit(page, server.url, "/settings/psa");
		await page.getByRole("radiogroup").getByText(psa.name, { exact: true }).click();
		await page.getByRole("heading", { name: `Before you start: in ${psa.name}` }).waitFor();
		const list = await page.locator(".checklist li").allInnerTexts();
		for (const words of psa.list) assert.ok(list.some((l) => words.test(l)), `${words} is not in ${list}`);

		const told = page.getByText(`${psa.name} takes no tickets from Trueup`);
		assert.equal(await told.count(), TAKE_TICKETS.includes(psa.name) ? 0 : 1);

		const save = page.getByRole("button", { name: "Save and Test" });
		assert.equal(await save.isDisabled(), true, "nothing is filled in yet");
		await page.getByText("More settings").click();
		const [secret, right] = psa.secret(known);
		await fill({ ...psa.more?.(sim), ...psa.fields(sim, known), [secret]: "not-this-one" });
		const bad = await saveAndTest();
		await page.getByText("Something is missing", { exact: true }).waitFor();
		assert.ok(bad.some((l) => psa.refusal.test(l)), `${psa.refusal} is not in ${bad.join("\n")}`);
		assert.ok(!bad.some((l) => l.includes("not-this-one")));
		assert.deepEqual(await axe(page), []);
		await page.setViewportSize({ width: 390, height: 844 });
		assert.equal(await wide(), 0, "wider than a phone");
		await page.setViewportSize({ width: 1440, height: 900 });

		await fill({ [secret]: right });
		const good = await saveAndTest();
		await page.getByText("Everything works", { exact: true }).waitFor();
		assert.ok(good.length >= 2, good.join("\n"));
		assert.equal(await page.locator(".check-bad").count(), 0);

		await page.reload();
		await settled(page);
		await page.getByText("Stored", { exact: false }).first().waitFor();
		assert.equal(await field(secret).inputValue(), "", "a stored secret is never sent to the screen");
		assert.equal((await server.api("GET", "/psa")).body.name, psa.name);
	});

test("no page complained", () => {
	assert.deepEqual(b.problems, []);
});

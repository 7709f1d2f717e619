// The whole stack for browser tests: an empty server, the simulators, a browser; and the guide as steps.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ADMIN, startServer, startSim, TOP, until } from "./server.mjs";
import { startBrowser } from "./browser.mjs";

export const FIXTURE = "sim/fixtures/demo.json";
const CLIENT_ID = "7d0c2a53-6a0a-4c39-9c4b-1f2a77a5b9b0";

export const fixture = () => JSON.parse(readFileSync(join(TOP, FIXTURE), "utf8"));

/** Server without an organization, both simulators, a browser. `setupLink` is what the server printed. */
export async function startStack({ browser = {} } = {}) {
	const [server, psa, coro] = await Promise.all([
		startServer({ setup: false }),
		startSim("connectwise", FIXTURE),
		startSim("coro", FIXTURE),
	]);
	const setupLink = await until(() => /http\S+\/setup#\S+/.exec(server.stdout + server.stderr)?.[0], {
		what: "the set-up link",
	});
	const b = await startBrowser(browser);
	b.page.setDefaultTimeout(20000);
	return {
		server,
		psa,
		coro,
		setupLink,
		...b,
		async stop() {
			await b.close();
			await Promise.all([server.stop(), psa.stop(), coro.stop()]);
		},
	};
}

/** The first visit: organization and administrator. */
export async function setUp({ page, setupLink }) {
	await page.goto(setupLink);
	await page.getByLabel("Name of your company").fill(ADMIN.org);
	await page.getByLabel("Your name").fill("Anna Berg");
	await page.getByLabel("E-mail address").fill(ADMIN.email);
	await page.getByLabel("Password").fill(ADMIN.password);
	await page.getByRole("button", { name: "Continue" }).click();
	await page.getByRole("heading", { name: "Connect your PSA" }).waitFor();
}

/** The PSA's form, Save and Test, the first reading. Ends on the Integrations tab. */
export async function connectPsa({ page, psa }) {
	const s = fixture().connectwise.settings;
	const values = {
		Site: psa.url,
		"Company ID": s.company,
		"Public key": s.public_key,
		"Private key": s.private_key,
		"Client ID": CLIENT_ID,
	};
	await page.getByRole("radio", { name: "ConnectWise PSA" }).check({ force: true });
	for (const [label, value] of Object.entries(values)) await page.getByLabel(label, { exact: true }).fill(value);
	await page.getByRole("button", { name: "Save and Test" }).click();
	await page.getByText("Everything works").waitFor();
	await page.getByRole("button", { name: "Continue" }).click();
	await page.getByRole("heading", { name: "Your PSA is read", exact: true }).waitFor({ timeout: 60000 });
	await page.getByRole("link", { name: "Connect a vendor" }).click();
}

/** Coro's card, its modules, its token. Ends in the first step of the wizard, with the token shown. */
export async function connectCoro({ page }) {
	await page.getByRole("button", { name: "Coro: Connect" }).click();
	const dialog = page.getByRole("dialog");
	await dialog.getByText("What do you want to integrate?").waitFor();
	await dialog.getByText("Billing", { exact: true }).click();
	await dialog.getByRole("button", { name: "Continue" }).click();
	await page.getByRole("button", { name: "Generate API token" }).click();
	return page.getByRole("textbox", { name: "API token" }).inputValue();
}

/** What a person does in Coro's console: paste the token, ADD. */
export async function addInCoro({ coro, server }, token) {
	await fetch(`${coro.url}/console/connect`, { method: "POST", body: new URLSearchParams({ token, target: server.url }) });
}

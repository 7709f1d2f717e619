// Single sign-on at the screen: set up by an administrator, used at the sign-in page, and a refusal that says why.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startBrowser } from "../lib/browser.mjs";
import { startOidc } from "../lib/oidc.mjs";
import { ADMIN, startServer } from "../lib/server.mjs";
import { axe, settled, signIn, visit } from "../lib/ui.mjs";

let server, oidc, b, page;
before(async () => {
	[server, oidc] = await Promise.all([startServer(), startOidc()]);
	b = await startBrowser();
	page = b.page;
	await signIn(page, server.url);
});
after(async () => {
	await b?.close();
	await Promise.all([server?.stop(), oidc?.stop()]);
});

const button = (name) => page.getByRole("button", { name });

test("it is set up by its labels; what is wrong is said at its field; the secret stays here", async () => {
	await visit(page, server.url, "/settings/sso");
	assert.equal(await page.getByLabel("Redirect address, for your provider").inputValue(), `${server.url}/api/v1/session/sso/callback`);
	await page.getByLabel("Issuer").fill("login.example");
	await page.getByLabel("Client ID").fill(oidc.client_id);
	await page.getByLabel(/^Client secret/).fill(oidc.client_secret);
	await page.getByLabel(/^Claim that says the role/).fill("groups");
	await button("Add a value").click();
	await page.getByLabel("Value of the claim").fill("msp-billing");
	await button(/^Role|Viewer Role/).click();
	await page.getByRole("option", { name: /Approver/ }).click();
	await button("Save").click();
	await page.locator(".field-error:not(:empty)").waitFor();
	assert.equal(await page.getByLabel("Issuer").getAttribute("aria-invalid"), "true");
	assert.deepEqual(await axe(page), []);
	await page.getByLabel("Issuer").fill(oidc.url);
	await button("Save").click();
	await page.getByText("Saved").first().waitFor();
	await page.reload();
	await settled(page);
	assert.equal(await page.getByLabel("Value of the claim").inputValue(), "msp-billing");
	assert.equal(await page.getByLabel(/^Client secret/).inputValue(), "");
	assert.ok(!(await page.content()).includes(oidc.client_secret));
	const { body } = await server.api("GET", "/sso");
	assert.deepEqual([body.roles, body.default_role, body.secret_stored], [{ "msp-billing": "approver" }, null, true]);
});

test("a person of the provider comes in with the role that it says; one without is told why", async () => {
	const way = page.getByRole("link", { name: "Sign in with your company’s account" });
	await b.context.clearCookies();
	await page.goto(`${server.url}/sign-in`);
	Object.assign(oidc, { person: { sub: "n-1", email: "nobody@northwind.example", email_verified: true, name: "Nobody" } });
	await way.click();
	await page.getByText("You were not signed in").waitFor();
	assert.equal(new URL(page.url()).pathname, "/sign-in");
	assert.match(await page.locator(".notice-bad").innerText(), /Ask an administrator to invite nobody@northwind/);
	assert.deepEqual(await axe(page), []);
	// It is said once.
	await page.reload();
	await way.waitFor();
	assert.equal(await page.getByText("You were not signed in").count(), 0);

	Object.assign(oidc, { person: { sub: "b-1", email: "berta@northwind.example", email_verified: true, name: "Berta", groups: ["msp-billing"] } });
	await way.click();
	await page.getByRole("navigation", { name: "Main" }).waitFor();
	await visit(page, server.url, "/settings/you");
	await page.getByText(/Approver/i).first().waitFor();
});

test("turned off, the sign-in page does not offer it any more", async () => {
	await b.context.clearCookies();
	await signIn(page, server.url, ADMIN);
	await visit(page, server.url, "/settings/sso");
	await button("Turn off").click();
	await page.getByRole("alertdialog").getByRole("button", { name: "Turn off" }).click();
	await page.getByText("Single sign-on is off").waitFor();
	assert.deepEqual((await server.api("GET", "/session/sso")).body, { on: false, start: null, proxy: null });
	await b.context.clearCookies();
	await page.goto(`${server.url}/sign-in`);
	await page.getByLabel("Password").waitFor();
	assert.equal(await page.getByRole("link", { name: "Sign in with your company’s account" }).count(), 0);
});

test("whom a proxy names continues with one press; whoever is a stranger here is told so on the page", async (t) => {
	const HEADER = "X-Forwarded-Email";
	const env = { TRUEUP_PROXY_USER_HEADER: HEADER, TRUEUP_PROXY_FROM: "127.0.0.0/8, ::1", TRUEUP_SIGNIN_RATE: "0" };
	const behind = await startServer({ env });
	const person = async (email) => {
		const context = await b.context.browser().newContext({ extraHTTPHeaders: { [HEADER]: email }, locale: "en-US" });
		const there = await context.newPage();
		await there.goto(`${behind.url}/sign-in?next=%2Factivity`);
		await there.getByRole("button", { name: `Continue as ${email}` }).click({ timeout: 60000 });
		return there;
	};
	t.after(() => behind.stop());
	const stranger = await person("stranger@ours.example");
	await stranger.getByText("You may not use Trueup yet").waitFor({ timeout: 60000 });
	assert.equal(new URL(stranger.url()).pathname, "/sign-in");
	assert.deepEqual(await axe(stranger), []);
	await stranger.context().close();
	const known = await person(ADMIN.email);
	await known.getByRole("heading", { name: "Activity" }).waitFor({ timeout: 60000 });
	assert.equal(new URL(known.url()).pathname, "/activity");
	await known.context().close();
});

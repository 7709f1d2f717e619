// Passkeys at the screen: added, used to sign in and to go on after a session ended, refused by the device, removed.
// Chromium has a device in software for this (the WebAuthn domain of its debugger).
import assert from "node:assert/strict";
import { createServer } from "node:net";
import { after, before, test } from "node:test";
import { startBrowser } from "../lib/browser.mjs";
import { passkey } from "../lib/passkey.mjs";
import { ADMIN, browser, startServer } from "../lib/server.mjs";
import { axe, endSession, signIn, visit } from "../lib/ui.mjs";

/** Browsers take passkeys by a name only, and the server has to know its own: so its port is chosen before it starts. */
function freePort() {
	return new Promise((done) => {
		const s = createServer();
		s.listen(0, "127.0.0.1", () => {
			const { port } = s.address();
			s.close(() => done(port));
		});
	});
}

let server, b, page, url, device, debug;
before(async () => {
	const port = await freePort();
	url = `http://localhost:${port}`;
	server = await startServer({ args: ["--listen", `127.0.0.1:${port}`, "--public-url", url] });
	b = await startBrowser();
	page = b.page;
	debug = await b.context.newCDPSession(page);
	await debug.send("WebAuthn.enable");
	const options = { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true };
	device = (await debug.send("WebAuthn.addVirtualAuthenticator", { options })).authenticatorId;
	await signIn(page, url);
});
after(async () => {
	await b?.close();
	await server?.stop();
});

const button = (name) => page.getByRole("button", { name, exact: true });
const main = () => page.getByRole("navigation", { name: /main/i });

async function signOut() {
	await b.context.clearCookies();
	await page.goto(`${url}/sign-in`);
	await page.getByRole("heading", { name: "Sign in" }).waitFor();
}

async function add(name) {
	await visit(page, url, "/settings/you");
	await button("Add a passkey").click();
	await page.getByLabel("Name", { exact: true }).fill(name);
	await page.keyboard.press("Enter");
}

test("no button before anybody has one; the page of one's own says that there is none", async () => {
	await visit(page, url, "/settings/you");
	await page.getByText("You have none yet.").waitFor();
	assert.deepEqual(await axe(page), []);
	await signOut();
	await page.getByLabel("Password").waitFor();
	assert.equal(await button("Use a passkey").count(), 0);
	await signIn(page, url);
});

test("added by its name, and listed", async () => {
	await add("Office laptop");
	await page.getByText("The passkey was added").waitFor();
	await page.getByText("Office laptop", { exact: true }).waitFor();
	await page.getByText("not used yet").waitFor();
	assert.equal((await debug.send("WebAuthn.getCredentials", { authenticatorId: device })).credentials.length, 1);
	assert.deepEqual(await axe(page), []);
});

test("the same device is not asked twice for the same person", async () => {
	await add("Again");
	await page.getByText("This device has a passkey for you already.").waitFor();
	await button("Cancel").click();
});

test("one press signs in, without a password", async () => {
	await signOut();
	await button("Use a passkey").waitFor();
	assert.deepEqual(await axe(page), []);
	await button("Use a passkey").click();
	await main().waitFor();
	await visit(page, url, "/settings/you");
	await page.getByText(/last used/).waitFor();
});

test("a session that ended in the middle of work goes on after a press", async () => {
	await endSession(page, page.getByRole("link", { name: "Activity" }));
	const dialog = page.getByRole("dialog");
	await dialog.getByRole("button", { name: "Use a passkey" }).click();
	await dialog.waitFor({ state: "hidden" });
	await page.getByRole("heading", { name: "Activity" }).waitFor();
});

test("a device that does not know its user is told so, and the password still works", async () => {
	await debug.send("WebAuthn.setUserVerified", { authenticatorId: device, isUserVerified: false });
	await signOut();
	await button("Use a passkey").click();
	await page.getByText(/The browser ended it/).waitFor();
	await debug.send("WebAuthn.setUserVerified", { authenticatorId: device, isUserVerified: true });
	await signIn(page, url);
});

test("removed after asking; then it signs nobody in, and says why", async () => {
	// Another device's, which keeps the button where it is.
	const other = browser(server);
	const device = passkey(url);
	await other.api("POST", "/session", { email: ADMIN.email, password: ADMIN.password });
	const { challenge } = (await other.api("POST", "/me/passkeys/challenge")).body;
	assert.equal((await other.api("POST", "/me/passkeys", { name: "Key ring", ...device.create(challenge) })).status, 201);
	await visit(page, url, "/settings/you");
	await page.getByRole("button", { name: "Remove: Office laptop" }).click();
	await page.getByRole("alertdialog").getByRole("button", { name: "Remove", exact: true }).click();
	await page.getByText("Office laptop", { exact: true }).waitFor({ state: "detached" });
	await page.getByText("Key ring", { exact: true }).waitFor();
	await signOut();
	await button("Use a passkey").click();
	await page.getByText(/it was removed, or is another server's/).waitFor();
	assert.deepEqual(await axe(page), []);
	await signIn(page, url);
});

test("opened by its number, the page says where passkeys can be added", async () => {
	await signIn(page, server.url);
	await visit(page, server.url, "/settings/you");
	await page.getByText(/Open this server at its own address, localhost/).waitFor();
	assert.equal(await button("Add a passkey").count(), 0);
});

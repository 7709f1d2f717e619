// The UI below a path of its host: signing in, moving about, reloading, and every request below that path.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startBrowser } from "../lib/browser.mjs";
import { startServer } from "../lib/server.mjs";
import { settled, signIn } from "../lib/ui.mjs";

let server, b;
before(async () => {
	server = await startServer({ env: { TRUEUP_PUBLIC_URL: "http://msp.example/trueup" } });
	b = await startBrowser();
});
after(async () => {
	await b?.close();
	await server?.stop();
});

test("below a path: addresses, files, the API and events stay below it", async () => {
	const { page } = b;
	const asked = [];
	page.on("request", (r) => asked.push(new URL(r.url()).pathname));
	await signIn(page, `${server.url}/trueup`);
	await page.getByRole("link", { name: "Integrations" }).first().click();
	await page.getByRole("heading", { name: "Coro", exact: true }).waitFor();
	assert.equal(new URL(page.url()).pathname, "/trueup/integrations");
	await page.getByRole("searchbox").fill("backup");
	await page.reload();
	await settled(page);
	await page.getByRole("heading", { name: "Comet Backup" }).waitFor();
	assert.equal(await page.getByRole("heading", { name: "Coro", exact: true }).count(), 0);
	await page.getByRole("link", { name: "Dashboard" }).first().click();
	await page.waitForURL(/\/trueup\/$/);
	await page.goBack();
	await page.getByRole("heading", { name: "Comet Backup" }).waitFor();
	assert.ok(asked.some((p) => p.endsWith("/api/v1/events")));
	assert.deepEqual(asked.filter((p) => !p.startsWith("/trueup/")), []);
	assert.deepEqual(b.problems.filter((p) => !/status of 401/.test(p)), []);
});

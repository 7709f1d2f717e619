// Every page through axe, in light, in dark and at a phone's width: it finds nothing, and nothing is wider than the screen.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startBrowser } from "../lib/browser.mjs";
import { startServer, until } from "../lib/server.mjs";
import { axe, PAGES, settled, startUi } from "../lib/ui.mjs";

let ui;
before(async () => {
	ui = await startUi();
});
after(() => ui?.stop());

const places = () => ({
	...PAGES,
	integration: `/integrations/${ui.world.integration.id}`,
	"wizard-connect": `/integrations/${ui.world.integration.id}/setup`,
	"wizard-accounts": `/integrations/${ui.world.integration.id}/setup?step=accounts`,
	"wizard-services": `/integrations/${ui.world.integration.id}/setup?step=services`,
	"wizard-review": `/integrations/${ui.world.integration.id}/setup?step=review`,
	"no-such-page": "/nowhere",
});

const looks = [
	["light", { colorScheme: "light" }, { width: 1440, height: 900 }],
	["dark", { colorScheme: "dark" }, { width: 1440, height: 900 }],
	["phone", { colorScheme: "light" }, { width: 390, height: 844 }],
];

for (const [name, media, size] of looks) {
	test(`axe finds nothing on any page (${name})`, async (t) => {
		await ui.page.emulateMedia(media);
		await ui.page.setViewportSize(size);
		for (const [place, path] of Object.entries(places())) {
			await t.test(place, async () => {
				await ui.go(path);
				assert.deepEqual(await axe(ui.page), []);
				const over = await ui.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
				assert.ok(over <= 0, `${place} is ${over} px wider than the screen`);
			});
		}
	});
}

test("axe finds nothing before anybody is signed in", async (t) => {
	const server = await startServer({ setup: false });
	const b = await startBrowser();
	t.after(async () => {
		await b.close();
		await server.stop();
	});
	const link = await until(() => server.stdout.match(/http\S+\/setup#\S+/)?.[0]);
	for (const address of [link, `${server.url}/sign-in`]) {
		await b.page.goto(address);
		await settled(b.page);
		assert.deepEqual(await axe(b.page), [], address);
	}
	// Nobody has a session yet, and the browser says so by itself.
	assert.deepEqual(b.problems.filter((p) => !/status of 401/.test(p)), []);
});

test("no page complained", () => {
	assert.deepEqual(ui.problems, []);
});

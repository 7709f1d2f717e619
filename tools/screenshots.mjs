// Every screen at two widths, in light and in dark: build/screenshots/PAGE-WIDTH-LOOK.png. For people to look at.
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { startBrowser } from "../test/lib/browser.mjs";
import { BUILD, startServer, until } from "../test/lib/server.mjs";
import { PAGES, settled, signIn, visit } from "../test/lib/ui.mjs";
import { setUp } from "../test/lib/stack.mjs";
import { startWorld } from "../test/lib/world.mjs";

const OUT = join(BUILD, "screenshots");
const SIZES = { 1440: { width: 1440, height: 900 }, 390: { width: 390, height: 844 } };
const FILE = `Usage of May\n\nCustomer;Product;Seats;Price;Comment
Lapwing Software;Backup;12,5;1,20;two sites
Granite Mutual;Backup;0;1,20;
Kestrel Foods;Backup;n/a;1,20;asked
Bramble Housing;Archive;7;0,80;
Total;;19,5;;
`;

const button = (name) => (page) => page.getByRole("button", { name }).first().click();

/** Screens beyond the plain pages: an address and what a person does there. */
function screens(world, imported, custom) {
	const it = `/integrations/${world.integration.id}`;
	const own = `/integrations/${custom}`;
	return {
		...Object.fromEntries(Object.entries(PAGES).map(([name, path]) => [name, [path]])),
		"dashboard-list": ["/?group=none"],
		"dashboard-card": async () => [`/?card=${(await world.all("/cards")).find((c) => c.kind === "reconcile").id}`],
		"dashboard-empty": ["/?q=nothing+is+called+so"],
		integration: [it],
		"connect-dialog": ["/integrations?q=custom", button("Custom")],
		"wizard-connect": [`${it}/setup`],
		"wizard-accounts": [`${it}/setup?step=accounts`],
		"wizard-services": [`${it}/setup?step=services`],
		"wizard-review": [`${it}/setup?step=review`],
		"custom-connect": [`${own}/setup`, button(/Generate API token|Regenerate/)],
		"custom-integration": [own],
		"mapping-services": ["/mapping?tab=services"],
		"import-setup": [`/imports/${imported}`],
		"invite-dialog": ["/settings/people", button(/invite/i)],
		"no-such-page": ["/nowhere"],
	};
}

async function shoot(page, name, width) {
	for (const colorScheme of ["light", "dark"]) {
		await page.emulateMedia({ colorScheme });
		await page.evaluate(() => Promise.allSettled(document.getAnimations().filter((a) => a.effect?.getComputedTiming().endTime !== Infinity).map((a) => a.finished)));
		await page.waitForTimeout(150);
		await page.screenshot({ path: join(OUT, `${name}-${width}-${colorScheme}.png`) });
	}
}

/** What stands before sign-in has no state that a narrower window would lose. */
async function shootBoth(page, name) {
	for (const width of Object.keys(SIZES)) {
		await page.setViewportSize(SIZES[width]);
		await shoot(page, name, width);
	}
}

async function bring(world) {
	const answer = await fetch(`${world.server.url}/api/v1/imports?filename=usage-may.csv`, {
		method: "POST",
		headers: { authorization: `Bearer ${world.server.token}` },
		body: FILE,
	});
	return (await answer.json()).id;
}

async function front(page) {
	const server = await startServer({ setup: false });
	const link = await until(() => server.stdout.match(/http\S+\/setup#\S+/)?.[0]);
	await page.goto(`${server.url}/sign-in`);
	await settled(page);
	await shootBoth(page, "new-server");
	await page.goto(link);
	await settled(page);
	await shootBoth(page, "setup");
	await page.setViewportSize(SIZES[1440]);
	await setUp({ page, setupLink: link });
	await shootBoth(page, "setup-psa");
	await page.getByRole("button", { name: "Explore with demo data" }).click();
	await page.getByRole("heading", { name: "Your demo is ready" }).waitFor();
	await shootBoth(page, "demo-ready");
	await page.getByRole("button", { name: "Look around" }).click();
	await settled(page);
	await shootBoth(page, "demo-dashboard");
	await page.getByRole("button", { name: "Start with your own PSA" }).click();
	await shootBoth(page, "demo-end");
	await server.stop();
}

rmSync(OUT, { recursive: true, force: true });
mkdirSync(OUT, { recursive: true });
const world = await startWorld({ fixture: "sim/fixtures/demo.json" });
const b = await startBrowser();
const { page } = b;
const own = await world.ok("POST", "/integrations", { vendor: "custom", name: "Nimbus Vault", modules: ["billing"] });
await visit(page, world.server.url, "/sign-in");
await shootBoth(page, "sign-in");
await until(async () => (await world.all("/jobs")).every((j) => !["queued", "running"].includes(j.state)));
await signIn(page, world.server.url);
for (const [name, of] of Object.entries(screens(world, await bring(world), own.id))) {
	const [path, act] = typeof of === "function" ? await of() : of;
	for (const width of Object.keys(SIZES)) {
		await page.setViewportSize(SIZES[width]);
		await visit(page, world.server.url, path);
		await act?.(page);
		await shoot(page, name, width);
	}
	console.log(name);
}
await front(page);
await b.close();
await world.stop();
console.log(`in ${OUT}`);

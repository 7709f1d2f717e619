// A person at the screen: a small world with a browser in front of it, signed in, and what a test asks of pages.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { startBrowser } from "./browser.mjs";
import { ADMIN, TOP } from "./server.mjs";
import { startWorld } from "./world.mjs";

const AXE = readFileSync(createRequire(join(TOP, "web", "package.json")).resolve("axe-core/axe.min.js"), "utf8");
/** Pages as a person can reach them; each shows a heading when it is there. */
export const PAGES = {
	dashboard: "/",
	integrations: "/integrations",
	mapping: "/mapping",
	sync: "/sync",
	activity: "/activity",
	imports: "/imports",
	worklist: "/worklist",
	costs: "/costs?show=all",
	"settings-psa": "/settings/psa",
	"settings-psa-switch": "/settings/psa/switch",
	"settings-sync": "/settings/sync",
	"settings-organization": "/settings/organization",
	"settings-people": "/settings/people",
	"settings-sso": "/settings/sso",
	"settings-approvals": "/settings/approvals",
	"settings-tokens": "/settings/tokens",
	"settings-appearance": "/settings/appearance",
	"settings-you": "/settings/you",
};

/** Signs in through the form. */
export async function signIn(page, url, { email, password } = ADMIN) {
	await page.goto(`${url}/sign-in`);
	await page.locator("input[name=email]").fill(email);
	await page.locator("input[name=password]").fill(password);
	await page.keyboard.press("Enter");
	await page.getByRole("navigation", { name: /main|haupt/i }).waitFor();
}

/**
 * Ends the session behind the page's back, and does what the person was about to do. The page may have noticed by itself
 * and asked for the password before that, so the press goes to the control and not to what lies over it.
 */
export async function endSession(page, control) {
	const handle = await control.elementHandle();
	await page.context().clearCookies();
	await handle.evaluate((element) => element.click());
}

/** Goes to an address of the UI and waits until nothing is loading any more. */
export async function visit(page, url, path) {
	await page.goto(url + path);
	await settled(page);
}

export async function settled(page) {
	await page.locator("h1, h2").first().waitFor();
	await page.waitForFunction(() => !document.querySelector(".loading, [data-pending]"));
}

/** What axe finds on the page as it is: one line a finding, with where. */
export async function axe(page) {
	// What is still fading in is paler than it will be.
	await page.evaluate(() =>
		Promise.allSettled(
			document
				.getAnimations()
				.filter((a) => a.effect?.getComputedTiming().iterations !== Number.POSITIVE_INFINITY)
				.map((a) => a.finished),
		),
	);
	// What is fading in has the colours of neither side. A spinner never ends and is not waited for.
	await page.evaluate(() => {
		const ending = document.getAnimations().filter((a) => a.effect?.getComputedTiming().endTime !== Infinity);
		return Promise.all(ending.map((a) => a.finished.catch(() => {})));
	});
	// The policy of the page lets no script in but its own; this one comes through the debugger, beside it.
	await page.evaluate(AXE);
	// Left out: the announcer of the component library, whose last words name a control that may be gone by now.
	const found = await page.evaluate(() =>
		globalThis.axe.run({ exclude: ["[data-live-announcer]"] }, { resultTypes: ["violations"] }),
	);
	return found.violations.flatMap((v) => v.nodes.map((n) => `${v.id} (${v.impact}): ${n.target.join(" ")} ${n.failureSummary}`));
}

/** A world and somebody at its screen. Gives {world, url, page, context, problems, stop()}. */
export async function startUi({ browser = {}, ...options } = {}) {
	const world = await startWorld(options);
	const b = await startBrowser(browser).catch(async (e) => {
		await world.stop();
		throw e;
	});
	const stop = async () => {
		await b.close();
		await world.stop();
	};
	await signIn(b.page, world.server.url).catch(async (e) => {
		await stop();
		throw e;
	});
	return {
		...b,
		world,
		get url() {
			return world.server.url;
		},
		go: (path) => visit(b.page, world.server.url, path),
		stop,
	};
}

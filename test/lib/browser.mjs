// A headless Chromium for tests and screenshots, by playwright-core from web/node_modules and the system's browser.
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TOP } from "./server.mjs";

const { chromium } = createRequire(join(TOP, "web", "package.json"))("playwright-core");

const FLAGS = [
	"--headless",
	"--no-sandbox",
	"--disable-gpu",
	"--disable-background-networking",
	"--disable-sync",
	"--no-first-run",
];

/**
 * A browser with a profile of its own. Gives {context, page, problems, close()}; `problems` collects what the page
 * complained about: errors on the console, exceptions, what the policy blocked.
 */
export async function startBrowser({ width = 1440, height = 900, dark = false, locale = "en-US", ...more } = {}) {
	const profile = mkdtempSync(join(tmpdir(), "trueup-browser-"));
	const context = await chromium.launchPersistentContext(profile, {
		executablePath: process.env.TRUEUP_CHROMIUM || "/usr/bin/chromium",
		args: FLAGS,
		headless: true,
		viewport: { width, height },
		colorScheme: dark ? "dark" : "light",
		locale,
		...more,
	});
	const problems = [];
	const watch = (page) => {
		page.on("pageerror", (e) => problems.push(String(e)));
		page.on("console", (m) => {
			if (m.type() === "error") problems.push(m.text());
		});
	};
	context.on("page", watch);
	const page = context.pages()[0] ?? (await context.newPage());
	watch(page);
	return {
		context,
		page,
		problems,
		async close() {
			await context.close();
			rmSync(profile, { recursive: true, force: true });
		},
	};
}

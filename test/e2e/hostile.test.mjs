// Names as attackers write them, in the PSA and at the vendor: shown as text on every page, nothing runs, the policy has
// nothing to report, nothing breaks out of its place.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { TOP } from "../lib/server.mjs";
import { PAGES, startUi } from "../lib/ui.mjs";
import { connect } from "../lib/vendor.mjs";

const PAYLOADS = [
	"<script>window.owned=1</script>",
	"<img src=x onerror=window.owned=1>",
	"<svg/onload=window.owned=1>",
	"\"><script>window.owned=1</script>",
	"'><img src=x onerror=window.owned=1>",
	"<iframe srcdoc='<script>parent.owned=1</script>'></iframe>",
	"javascript:window.owned=1",
	"<a href=\"javascript:window.owned=1\">press me</a>",
	"<body onload=window.owned=1>",
	"<details open ontoggle=window.owned=1>",
	"<input autofocus onfocus=window.owned=1>",
	"</title><script>window.owned=1</script>",
	"</textarea><script>window.owned=1</script>",
	"{{constructor.constructor('window.owned=1')()}}",
	"${window.owned=1}",
	"<style>*{display:none}</style>",
	"<math><mtext><img src=x onerror=window.owned=1></mtext></math>",
	"<!--><img src=x onerror=window.owned=1>-->",
	"&lt;script&gt;window.owned=1&lt;/script&gt;",
	"\u202eevitagen\u202c <b>bold</b>",
	"=HYPERLINK(\"http://evil.example\",\"x\")",
	"{names} {count} %s %n",
];

/** The small fixture with a customer for every payload, on both sides, and payloads for names of all other things. */
function hostile() {
	const fixture = JSON.parse(readFileSync(join(TOP, "sim/fixtures/small.json"), "utf8"));
	const { connectwise: cw, coro } = fixture;
	const [company, agreement, addition] = [cw.companies[0], cw.agreements[0], cw.additions[0]];
	for (const [i, name] of PAYLOADS.entries()) {
		cw.companies.push({ ...company, id: 9000 + i, identifier: `Hostile${i}`, name, website: "" });
		cw.agreements.push({ ...agreement, id: 9100 + i, name, company: { id: 9000 + i } });
		cw.additions.push({ ...addition, id: 9200 + i, agreementId: 9100 + i, quantity: 3, description: name });
		coro.workspaces.push({ id: `hostile_${i}_u`, name, domain: `h${i}.example`, counts: { EDR: 5 } });
	}
	for (const [i, product] of cw.catalog.entries()) product.description = PAYLOADS[i];
	return fixture;
}

let ui, page, vendor;
const blocked = [];

before(async () => {
	ui = await startUi({ fixture: hostile() });
	page = ui.page;
	await page.exposeFunction("noteBlocked", (what) => blocked.push(what));
	await page.addInitScript(() =>
		document.addEventListener("securitypolicyviolation", (e) =>
			globalThis.noteBlocked(`${location.pathname}: ${e.violatedDirective} ${e.blockedURI} ${e.sample}`),
		),
	);
	vendor = await connect(ui.world.server, { name: PAYLOADS[1], modules: ["billing"] });
	const list = (kind) => PAYLOADS.map((name, i) => ({ id: `${kind}${i}`, name, description: name }));
	const accounts = await vendor.call("POST", "/organization/accounts", list("a"));
	const services = await vendor.call("POST", "/organization/services", list("s"));
	assert.deepEqual([accounts.status, services.status], [201, 201]);
	assert.equal((await vendor.call("POST", "/service/s0/count", { accountId: "a0", unitCount: 4 })).status, 201);
});
after(() => ui?.stop());

/** What must hold of a page: nothing of the payloads became part of it. */
async function unharmed(place) {
	const harm = await page.evaluate(() => ({
		owned: globalThis.owned ?? null,
		scripts: [...document.querySelectorAll("script:not([src])")].length,
		strangers: [...document.querySelectorAll("iframe, object, embed, math, img[src=x], b, [onerror], [onload], [onfocus], [ontoggle]")].map((e) => e.outerHTML),
		links: [...document.querySelectorAll("a[href]")].map((a) => a.href).filter((h) => /^(javascript|data|vbscript):/i.test(h)),
		title: document.title,
	}));
	assert.deepEqual({ ...harm, title: null }, { owned: null, scripts: 0, strangers: [], links: [], title: null }, place);
}

const shows = async (text) => {
	const plain = (t) => t.replace(/[\u202a-\u202e]/g, "").replace(/\s+/g, " ");
	const found = plain(await page.locator("body").innerText()).includes(plain(text));
	assert.ok(found, `${page.url()} shows ${text} as it is`);
};

test("every page stays what it is, whatever customers are called", async (t) => {
	const it = ui.world.integration.id;
	const places = {
		...PAGES,
		"dashboard as a list": "/?group=none",
		"by account": "/?group=account",
		"mapping of services": "/mapping?tab=services",
		integration: `/integrations/${vendor.id}`,
		...Object.fromEntries(["accounts", "services", "review"].flatMap((s) => [[`wizard ${s}`, `/integrations/${it}/setup?step=${s}`], [`other wizard ${s}`, `/integrations/${vendor.id}/setup?step=${s}`]])),
	};
	for (const [name, path] of Object.entries(places))
		await t.test(name, async () => {
			await ui.go(path);
			await unharmed(name);
		});
});

test("each name is found by a search and shown letter by letter: dashboard and mapping", async () => {
	for (const name of PAYLOADS) {
		const plain = name.replace(/[\u202a-\u202e]/g, "");
		await ui.go(`/?group=none&state=all&q=${encodeURIComponent(plain.slice(0, 20))}`);
		await page.getByRole("row").nth(1).or(page.locator(".card")).first().waitFor();
		await shows(plain.slice(0, 30));
		await unharmed(`dashboard ${name}`);
	}
	await ui.go(`/mapping?integration=${vendor.id}`);
	await shows(PAYLOADS[0]);
	await unharmed("mapping");
});

test("details of a card, its preview, the pick of an account, the log: text too", async () => {
	const card = (await ui.world.all("/cards")).find((c) => c.kind === "reconcile" && c.account.name === PAYLOADS[1]);
	assert.ok(card, "there is a card for the customer");
	await ui.go(`/?card=${card.id}`);
	await page.getByRole("dialog").getByText(PAYLOADS[1]).first().waitFor();
	await unharmed("details");
	await page.getByRole("dialog").getByRole("button", { name: "Approve" }).click();
	await page.getByText("The call that is sent").click();
	await page.getByRole("dialog").locator("pre").waitFor();
	await unharmed("preview");
	await ui.go(`/mapping?integration=${vendor.id}`);
	await page.getByRole("button", { name: /^(Choose|Change): / }).first().click();
	await page.getByRole("dialog").getByRole("option").first().waitFor();
	await unharmed("pick");
	await ui.world.ok("POST", "/cards/dismiss", { ids: [card.id], note: PAYLOADS[3] });
	await ui.go("/activity");
	await page.getByText(PAYLOADS[3]).first().waitFor();
	await unharmed("activity");
	await page.getByRole("button", { name: "Details" }).first().click();
	await page.getByRole("dialog").waitFor();
	await unharmed("entry of the log");
});

test("an address from a vendor that is no web address is no link", async () => {
	const answer = await ui.world.server.api("PATCH", `/integrations/${vendor.id}`, { portal_url: "javascript:window.owned=1" });
	assert.ok(answer.status === 400 || answer.status === 200, answer.text);
	await ui.go(`/integrations/${vendor.id}/setup`);
	await unharmed("portal");
});

test("the policy had nothing to block, and no page complained", () => {
	assert.deepEqual(blocked, []);
	assert.deepEqual(ui.problems, []);
});

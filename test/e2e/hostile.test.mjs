// Names as attackers write them, in the PSA and at the vendor: shown as text on every page, nothing runs, the policy has
// nothing to report, nothing breaks out of its place.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { measured } from "../lib/measured.mjs";
import { TOP } from "../lib/server.mjs";
import { PAGES, startUi } from "../lib/ui.mjs";
import { connect } from "../lib/vendor.mjs";

const WRITTEN = [
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

/* Every way to run or to break out that is known, in every place that a name may land in: two hundred in all. */
function woven() {
	const run = "window.owned=1";
	const tags = ["img src=x", "svg", "video src=x", "audio src=x", "body", "input autofocus", "details open", "select autofocus", "marquee", "iframe src=about:blank", "object data=x", "embed src=x", "textarea autofocus", "style", "math", "button autofocus"];
	const events = ["onerror", "onload", "onfocus", "ontoggle", "onstart", "onanimationstart", "onpointerover", "onbegin"];
	const breaks = ["", "\">", "'>", "</script>", "</style>", "</title>", "</textarea>", "-->", "]]>", "`>", "</td></tr></table>", "\\\">"];
	const schemes = ["javascript:", "JaVaScRiPt:", "java\tscript:", " javascript:", "data:text/html,<script>", "vbscript:", "javascript&colon;", "&#106;avascript:"];
	const lines = ["${", "{{", "#{", "<%=", "[[", "{%"];
	const out = [];
	for (const [i, tag] of tags.entries()) for (const event of [events[i % 8], events[(i + 3) % 8]]) out.push(`${breaks[out.length % 12]}<${tag} ${event}=${run}>`);
	for (const b of breaks) out.push(`${b}<script>${run}</script>`, `${b}<svg><script>${run}</script></svg>`, `${b}<iframe srcdoc="<script>parent.owned=1</script>"></iframe>`, `${b}<b onclick=${run}>bold</b>`);
	for (const scheme of schemes) out.push(`<a href="${scheme}${run}">go</a>`, `<form action="${scheme}${run}"><input type=submit></form>`, `${scheme}${run}`, `![x](${scheme}${run})`, `<iframe src="${scheme}${run}"></iframe>`);
	for (const l of lines) out.push(`${l}${run}}`, `"${l}${run}}}"`, `'-${l}${run}-'`);
	for (let n = 0; out.length < 200 - WRITTEN.length; n++) out.push(`<x${n} id=${n} ${events[n % 8]}=${run} style="animation:spin 1s">`, `<meta http-equiv=refresh content="${n};url=javascript:${run}">`, `<link rel=stylesheet href="javascript:${run}//${n}">`, `<base href="//evil.example/${n}/">`);
	return out.slice(0, 200 - WRITTEN.length);
}

/* The number at the end tells each of them from all others. */
const PAYLOADS = [...WRITTEN, ...woven().map((p, i) => `${p} ${i}`)];

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
	ui = await startUi({ fixture: hostile(), env: { TRUEUP_PUSH_RATE: "0", TRUEUP_APP_RATE: "0" } });
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
	const { ok } = ui.world;
	for (const name of PAYLOADS.slice(0, 40)) await ok("POST", "/tags", { name: name.slice(0, 40) });
	for (const name of PAYLOADS.slice(40, 60)) await ok("POST", "/tokens", { name, role: "viewer" });
	for (const [i, name] of PAYLOADS.slice(60, 80).entries()) await ok("POST", "/users", { name, email: `h${i}@northwind.example`, role: "viewer" });
	assert.equal((await vendor.call("POST", "/service/s0/count", { accountId: "a0", unitCount: 4 })).status, 201);
});
after(() => ui?.stop());

/** What must hold of a page: nothing of the payloads became part of it. */
async function unharmed(place) {
	const harm = await page.evaluate(() => ({
		owned: globalThis.owned ?? null,
		scripts: [...document.querySelectorAll("script:not([src])")].length,
		strangers: [...document.querySelectorAll("iframe, object, embed, math, marquee, base + base, base:not([href='/']), img[src=x], video, audio, b, meta[http-equiv=refresh], link[href^='javascript:'], [onclick], [onbegin], [onstart], [onanimationstart], [onpointerover], [onerror], [onload], [onfocus], [ontoggle]")].map((e) => e.outerHTML),
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

/** All that a page says while it is scrolled from its beginning to its end. */
async function said() {
	const text = new Set();
	for (let still = 0; still < 3; ) {
		const { texts, end } = await page.evaluate(() => {
			const scrolls = (e) => e.scrollHeight > e.clientHeight + 1 && /auto|scroll/.test(getComputedStyle(e).overflowY);
			const boxes = [...document.querySelectorAll("main, main *")].filter(scrolls).sort((a, b) => b.scrollHeight - a.scrollHeight);
			const box = boxes[0] ?? document.scrollingElement;
			const texts = document.body.innerText.split("\n");
			const end = box.scrollTop + box.clientHeight >= box.scrollHeight - 2;
			box.scrollBy(0, box.clientHeight / 2);
			return { texts, end };
		});
		const before = text.size;
		for (const t of texts) text.add(t.replace(/\s+/g, " ").trim());
		await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
		still = end && text.size === before ? still + 1 : 0;
	}
	return [...text].join("\n");
}

const bare = (t) => t.replace(/[\u202a-\u202e]/g, "").replace(/\s+/g, " ").trim();

test("all two hundred are shown letter by letter, as customers of the PSA and as a vendor's accounts", async () => {
	assert.equal(new Set(PAYLOADS).size, 200);
	for (const path of ["/?group=none&state=all", `/mapping?integration=${vendor.id}`, `/mapping?integration=${vendor.id}&tab=services`]) {
		await ui.go(path);
		const text = bare(await said());
		const missing = PAYLOADS.map(bare).filter((p) => !text.includes(p));
		assert.deepEqual(missing, [], path);
		await unharmed(path);
	}
});

test("each name is found by a search and shown letter by letter: dashboard and mapping", async () => {
	for (const name of WRITTEN.slice(0, 8)) {
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
	measured("xss", PAYLOADS.length);
});

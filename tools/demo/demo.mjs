// The main job from start to end, on the embedded store and the simulators, with real HTTP calls only.
//
//     node tools/demo/demo.mjs           plays it, then stays up and prints where to look
//     node tools/demo/demo.mjs --once    plays it and ends: 0 when all held, 1 when not
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ADMIN, jobDone, request, startServer, startSim, TOP, until } from "../../test/lib/server.mjs";
import { check, failed, say, some, step, table } from "./say.mjs";

const FIXTURE = "sim/fixtures/demo.json";
const book = JSON.parse(readFileSync(join(TOP, FIXTURE), "utf8"));
const once = process.argv.includes("--once");

// What a person who knows the customers decides where names differ: Coro's name -> the PSA's.
const ACCEPTED = {
	"Kestrel Foods": "Kestrel Foods Ltd",
	"Muller & Sohne GmbH": "Müller & Söhne GmbH",
	"Cafe Reunion": "Café Réunion",
	"Harow Logistics": "Harrow Logistics Inc.",
	"Medical Center Bayside": "Bayside Medical Center",
	"BRIGHTWATER MARINE": "Brightwater Marine",
};
const EXCLUDED = ["Osprey Charter (trial)"];
const SERVICES = {
	"Cloud Security": "CORO-CLOUD",
	"Email Security": "CORO-EMAIL",
	"Endpoint Security": "CORO-ENDPOINT",
	EDR: "CORO-EDR",
};

let server, psa, coro, integration;

/** A call that must succeed; gives the body. */
async function call(method, path, body, status) {
	const answer = await server.api(method, path, body);
	if (status ? answer.status !== status : answer.status >= 300)
		throw new Error(`${method} ${path} answered ${answer.status}: ${answer.text.slice(0, 600)}`);
	return answer.body;
}

async function all(path) {
	const items = [];
	let cursor = null;
	do {
		const page = await call("GET", `${path}${path.includes("?") ? "&" : "?"}limit=200${cursor ? `&cursor=${cursor}` : ""}`);
		items.push(...page.items);
		cursor = page.next_cursor;
	} while (cursor);
	return items;
}

async function start() {
	step("Three programs: Trueup on an empty store, a ConnectWise PSA, Coro");
	[server, psa, coro] = await Promise.all([
		startServer(),
		startSim("connectwise", FIXTURE),
		startSim("coro", FIXTURE),
	]);
	table(
		["program", "address"],
		[
			["Trueup", server.url],
			["ConnectWise PSA (simulated)", psa.url],
			["Coro console (simulated)", coro.url],
		],
	);
	check((await request(`${server.url}/readyz`, "GET")).status === 200, "Trueup is ready");
}

async function connectPsa() {
	step("The PSA is connected, and every right it needs is tried");
	const s = book.connectwise.settings;
	await call("PUT", "/psa", {
		kind: "connectwise",
		settings: {
			site: psa.url,
			company_id: s.company,
			public_key: s.public_key,
			private_key: s.private_key,
			client_id: "7d0c2a53-6a0a-4c39-9c4b-1f2a77a5b9b0",
		},
	});
	const test = await call("POST", "/psa/test", {});
	table(["check", "", "detail"], test.checks.map((c) => [c.name, c.ok ? "ok" : "NO", c.detail]));
	check(test.ok, "all rights are there");
}

async function readPsa() {
	step("Companies, agreements, additions and products are read");
	const { job } = await call("POST", "/psa/sync", { mode: "full" }, 202);
	await jobDone(server, job);
	const [accounts, contracts, lines, products] = await Promise.all(
		["accounts", "contracts", "lines", "products"].map((what) => all(`/psa/${what}`)),
	);
	table(
		["", "in the PSA", "taken"],
		[
			["companies", String(book.connectwise.companies.length), String(accounts.length)],
			["agreements", String(book.connectwise.agreements.length), String(contracts.length)],
			["additions", String(book.connectwise.additions.length), String(lines.length)],
			["products", String(book.connectwise.catalog.length), String(products.length)],
		],
	);
	const names = accounts.map((a) => a.name);
	check(!names.includes("Oakline Ventures"), "a prospect is left out");
	check(!names.includes("Unapproved Holdings"), "a company that is Not-Approved is left out");
	check(names.includes("Alder & Finch LLP"), "clients are there");
}

async function connectVendor() {
	step("Coro's card in the catalogue, and the integration");
	const card = (await call("GET", "/vendors")).items.find((v) => v.id === "coro");
	check(card, "the catalogue has Coro");
	say(`${card.name}: ${card.products.join(", ")}`);
	integration = await call("POST", "/integrations", { vendor: "coro", modules: ["billing"] }, 201);
	check(integration.state === "inactive", `the integration begins ${integration.state}`);

	step("The API token, shown once");
	const key = await call("POST", `/integrations/${integration.id}/token`, undefined, 201);
	say(`${key.token.slice(0, 12)}... (${key.token.length} characters)`);
	const again = await call("GET", `/integrations/${integration.id}`);
	check(!JSON.stringify(again).includes(key.partner_key), "it is nowhere to be read again");
	return key.token;
}

async function pushUsage(token) {
	step("In Coro's console: Control Panel > Workspace > Connectors > PSA > Connect via Gradient > ADD");
	const page = await (await fetch(`${coro.url}/console/connectors`)).text();
	check(page.includes("Connect via Gradient"), "the console offers the connector");
	const form = new URLSearchParams({ token, target: server.url });
	await fetch(`${coro.url}/console/connect`, { method: "POST", body: form });
	const done = await until(
		async () => {
			const { body } = await request(`${coro.url}/_state`, "GET");
			return body.state === "pushing" ? null : body;
		},
		{ ms: 120000, every: 200, what: "the push" },
	);
	check(done.state === "connected", `Coro shows the connector as ${done.state}${done.error ? `: ${done.error}` : ""}`);
	check(done.refused === 0 && done.sent > 0, `${done.sent} counts were taken, ${done.refused} refused`);
	const now = await call("GET", `/integrations/${integration.id}`);
	check(now.state === "active", `the integration is ${now.state}`);
}

async function matchAccounts() {
	step("Accounts are matched: equal names by themselves, the rest by a person with suggestions at hand");
	const accounts = await all(`/integrations/${integration.id}/accounts`);
	const mapped = accounts.filter((a) => a.mapping.status === "mapped");
	say(`${accounts.length} accounts reported, ${mapped.length} matched character for character`);
	check(mapped.some((a) => a.name === "Alder & Finch LLP"), "equal names matched");
	for (const name of [...Object.keys(ACCEPTED), "Delta Services"])
		check(!mapped.some((a) => a.name === name), `"${name}" was not matched by itself`);

	const rows = [];
	for (const account of accounts.filter((a) => a.name in ACCEPTED)) {
		const wanted = ACCEPTED[account.name];
		const best = account.suggestions[0];
		rows.push([account.name, best?.name ?? "no suggestion", best?.score, best?.why]);
		const choice = account.suggestions.find((s) => s.name === wanted) ?? (await findAccount(wanted));
		const path = `/integrations/${integration.id}/accounts/${account.id}/mapping`;
		await call("PUT", path, { status: "mapped", psa_account_id: choice.psa_account_id ?? choice.id });
	}
	some(["Coro's name", "first suggestion", "score", "why"], rows, 12);
	for (const account of accounts.filter((a) => EXCLUDED.includes(a.name)))
		await call("PUT", `/integrations/${integration.id}/accounts/${account.id}/mapping`, { status: "excluded" });
	const left = (await all(`/integrations/${integration.id}/accounts?status=unmapped`)).length;
	say(`${rows.length} mapped by hand, ${EXCLUDED.length} excluded, ${left} left unmapped`);
	check(rows.length === Object.keys(ACCEPTED).length, "every differing name found its company");
}

async function findAccount(name) {
	const found = (await all(`/psa/accounts?q=${encodeURIComponent(name)}`)).find((a) => a.name.trim() === name);
	if (!found) throw new Error(`no PSA account is called ${name}`);
	return found;
}

async function mapServices() {
	step("Services are mapped to products, found by their Product ID");
	const rows = [];
	for (const service of await all(`/integrations/${integration.id}/services`)) {
		const code = SERVICES[service.name];
		const product = (await all(`/psa/products?q=${code}`)).find((p) => p.code === code);
		const unit_basis = /Endpoint|EDR/.test(service.name) ? "devices" : "users";
		const path = `/integrations/${integration.id}/services/${service.id}/mapping`;
		await call("PUT", path, { status: "mapped", product_ids: [product.id], mode: "copy", unit_basis });
		rows.push([service.name, product.code, product.name, unit_basis]);
	}
	table(["service", "Product ID", "product", "counts"], rows);
	check(rows.length === 4, "all four services are mapped");
}

async function finishAndSync() {
	step("Finish, and the first synchronisation");
	const { job } = await call("POST", `/integrations/${integration.id}/finish`, {}, 202);
	await jobDone(server, job);
	const sync = await call("POST", `/integrations/${integration.id}/sync`, {}, 202);
	await jobDone(server, sync.job);
	const now = await call("GET", `/integrations/${integration.id}`);
	const c = now.coverage;
	say(`${c.pairs} pairs of account and service: ${c.known} known, ${c.zero} zero, ${c.stale} stale`);
	check(c.pairs > 0, "counts are there");
}

const cardRow = (c) => [c.kind, c.account.name, c.product?.code, c.contract?.name, c.psa_units, c.vendor_units, c.reconciled_units];

async function showCards() {
	step("The cards");
	const cards = await all("/cards");
	const kinds = {};
	for (const c of cards) kinds[c.kind] = (kinds[c.kind] ?? 0) + 1;
	table(["kind", "cards"], Object.entries(kinds).map(([kind, n]) => [kind, String(n)]));
	const open = cards.filter((c) => c.kind === "reconcile" && c.state === "open");
	some(["kind", "account", "product", "agreement", "PSA", "vendor", "reconciled"], open.map(cardRow), 14);
	for (const kind of ["reconcile", "new_revenue", "no_change", "no_usage", "no_vendor"])
		check(kinds[kind] > 0, `there are cards of the kind ${kind}`);
	return cards;
}

const find = (cards, account, code) => cards.find((c) => c.account.name.trim() === account && c.product?.code === code);

async function explain(cards) {
	step("One card explained: Northwind Dental Group, Coro EDR");
	const card = await call("GET", `/cards/${find(cards, "Northwind Dental Group", "CORO-EDR").id}`);
	table(["source", "service", "account", "units"], card.sources.map((s) => [s.integration_name, s.service.name, s.account.name, s.units]));
	say(card.why.map((w) => w.text).join("\n"));
	check(card.psa_units === "24" && card.vendor_units === "27" && card.reconciled_units === "27", "24 in the PSA, 27 at Coro");
	return card;
}

/** Preview, approve, wait: gives the writes. */
async function approve(body, title) {
	const preview = await call("POST", "/cards/preview", body);
	for (const item of preview.items) {
		if (!item.ok) say(`refused: ${item.detail}`);
		for (const c of item.calls ?? []) say(`${c.method} ${c.path}\n  ${typeof c.body === "string" ? c.body : JSON.stringify(c.body)}`);
		for (const w of item.warnings ?? []) say(`warning: ${w}`);
	}
	if (!check(preview.ok, `${title}: the preview shows the exact calls`)) return [];
	const { batch } = await call("POST", "/cards/approve", { ...body, note: "demo" }, 202);
	return settled(batch);
}

async function settled(batch) {
	return until(
		async () => {
			const writes = await all(`/writes?batch=${batch}`);
			const busy = writes.some((w) => ["planned", "sending"].includes(w.state));
			return writes.length && !busy ? writes : null;
		},
		{ ms: 60000, what: "the writes" },
	);
}

const applied = (writes) => writes.length > 0 && writes.every((w) => w.state === "applied");
const details = (writes) => writes.map((w) => w.detail).filter(Boolean).join("; ");

async function ledgerSince(n) {
	return (await psa.ledger()).items.filter((i) => i.n > n);
}

const ledgerEnd = async () => (await psa.ledger()).items.at(-1)?.n ?? 0;

function showLedger(items) {
	table(
		["PSA's ledger", "addition", "product", "before", "after", "from", "until"],
		items.map((i) => {
			const line = i.after ?? i.before;
			return [i.method, line.id, line.product?.identifier, i.before?.quantity, i.after?.quantity,
				i.after?.effectiveDate?.slice(0, 10), i.after?.cancelledDate?.slice(0, 10)].map((x) => x?.toString());
		}),
	);
}

async function approveOne(card) {
	step("Approval: the quantity changes in the PSA, once");
	const from = await ledgerEnd();
	const writes = await approve({ ids: [card.id] }, "Northwind Dental Group, EDR");
	check(applied(writes), `the write is ${writes[0]?.state} ${details(writes)}`);
	const items = await ledgerSince(from);
	showLedger(items);
	check(items.length === 1 && items[0].before.quantity === 24 && items[0].after.quantity === 27,
		"the PSA's own ledger: exactly one change, 24 before, 27 after");
	const later = await call("GET", `/cards/${card.id}`);
	check(later.state === "approved", `the card is ${later.state}`);
	return writes[0]?.batch;
}

async function approveBulk(cards) {
	step("Several cards at once");
	const names = ["Lapwing Software", "Granite Mutual", "Bramble Housing", "Kestrel Foods Ltd"];
	const ids = names.map((name) => find(cards, name, "CORO-EDR")?.id).filter(Boolean);
	check(ids.length === names.length, `${ids.length} cards are chosen`);
	const from = await ledgerEnd();
	const writes = await approve({ ids }, "bulk");
	const items = await ledgerSince(from);
	showLedger(items);
	check(applied(writes) && items.length === names.length, `${items.length} changes, one a card`);
}

async function approveDated(cards) {
	step("From the first of next month, where the agreement prorates: the old line ends, a new one begins");
	const now = new Date();
	const first = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1)).toISOString().slice(0, 10);
	const card = find(cards, "Northwind Dental Group", "CORO-EMAIL") ?? null;
	const target = find(cards, "Harrow Logistics Inc.", "CORO-CLOUD");
	check(card && card.kind === "no_change", "a line that agrees needs nothing");
	const from = await ledgerEnd();
	const writes = await approve({ ids: [target.id], effective_date: first }, `Harrow Logistics, Cloud, from ${first}`);
	const items = await ledgerSince(from);
	showLedger(items);
	check(applied(writes), `the write is ${writes[0]?.state} ${details(writes)}`);
	const begun = items.find((i) => i.method === "POST")?.after;
	const ended = items.find((i) => i.method === "PATCH")?.after;
	check(items.length === 2 && begun?.quantity === 64 && begun?.effectiveDate.startsWith(first) && ended?.quantity === 60,
		"60 until the end of the month, 64 from the first of the next");
}

async function approveNew(cards) {
	step("New revenue: usage without a line; the person says on which agreement it goes");
	const card = find(cards, "Cobalt Accounting", "CORO-EDR");
	check(card?.kind === "new_revenue", "Cobalt Accounting uses EDR and pays for none");
	const contract = (await all(`/psa/contracts?account=${card.account.id}`))[0];
	const refused = await server.api("POST", "/cards/approve", { ids: [card.id] });
	check(refused.status >= 400 && refused.status < 500, `without an agreement: refused (${refused.status})`);
	const from = await ledgerEnd();
	const writes = await approve({ ids: [card.id], contract_id: contract.id }, "Cobalt Accounting, EDR");
	const items = await ledgerSince(from);
	showLedger(items);
	check(applied(writes) && items.length === 1 && items[0].after.quantity === 12, "one new line of 12");
}

async function approveChoice(cards) {
	step("Two active agreements with the same product: asked, not guessed");
	const listed = find(cards, "Curlew Engineering", "CORO-EDR");
	const card = await call("GET", `/cards/${listed.id}`);
	const refused = await server.api("POST", "/cards/approve", { ids: [card.id] });
	check(refused.status >= 400 && refused.status < 500, `without a choice: refused (${refused.status})`);
	say(refused.body?.detail ?? refused.text);
	table(["line", "agreement", "units"], card.choices.map((c) => [c.line_id, c.contract.name, c.quantity]));
	const chosen = card.choices.find((c) => c.contract.name === "Security add-on");
	const from = await ledgerEnd();
	const writes = await approve({ ids: [card.id], line_id: chosen.line_id }, "Curlew Engineering, EDR");
	const items = await ledgerSince(from);
	showLedger(items);
	check(applied(writes) && items.length === 1 && items[0].before.quantity === 12 && items[0].after.quantity === 18,
		"30 + 12 were billed for 48: the chosen line becomes 18");
}

async function quietAfterwards(approved) {
	step("Another push and another sync change nothing that was decided");
	const pushed = (await request(`${coro.url}/_push`, "POST")).body;
	check(pushed.refused === 0, `${pushed.sent} counts again`);
	await jobDone(server, (await call("POST", "/psa/sync", { mode: "quick" }, 202)).job);
	await jobDone(server, (await call("POST", `/integrations/${integration.id}/sync`, {}, 202)).job);
	const card = await call("GET", `/cards/${approved.id}`);
	check(card.state !== "open" || card.kind === "no_change", `the approved card stays ${card.state} (${card.kind})`);
	check(card.psa_units === "27", "and shows 27 in the PSA");
}

async function rollBack(batch) {
	step("Rollback of the first approval");
	const from = await ledgerEnd();
	const answer = await call("POST", `/writes/batches/${batch}/rollback`, { note: "demo" }, 202);
	const writes = await settled(answer.batch);
	const items = await ledgerSince(from);
	showLedger(items);
	check(applied(writes) && items.length === 1 && items[0].before.quantity === 27 && items[0].after.quantity === 24,
		"27 before, 24 after: as it was");
}

async function proof() {
	step("What can be proved afterwards");
	const audit = await all("/audit");
	some(["when", "who", "what", "object"], audit.slice(0, 8).map((a) => [a.at, a.actor, a.event, a.object]), 8);
	const verified = await call("GET", "/audit/verify");
	check(verified.ok, `the log of ${audit.length} entries is an unbroken chain`);
}

async function signInLink() {
	const admin = (await call("GET", "/users")).items.find((u) => u.email === ADMIN.email);
	return (await call("POST", `/users/${admin.id}/link`, { kind: "sign-in" }, 201)).link;
}

async function play() {
	await start();
	await connectPsa();
	await readPsa();
	const token = await connectVendor();
	await pushUsage(token);
	await matchAccounts();
	await mapServices();
	await finishAndSync();
	const cards = await showCards();
	const card = await explain(cards);
	const batch = await approveOne(card);
	await approveBulk(cards);
	await approveDated(cards);
	await approveNew(cards);
	await approveChoice(cards);
	await quietAfterwards(card);
	await rollBack(batch);
	await proof();
}

async function end(status) {
	await Promise.allSettled([server, psa, coro].filter(Boolean).map((p) => p.stop()));
	process.exit(status);
}

async function stayUp() {
	console.log(`
Trueup      ${server.url}
sign in     ${await signInLink()}   (once)
API token   ${server.token}
PSA         ${psa.url}/_ledger   what truly happened there
Coro        ${coro.url}/         the vendor's console

Ctrl-C ends all three.`);
	await new Promise((done) => ["SIGINT", "SIGTERM"].forEach((s) => process.once(s, done)));
}

try {
	await play();
} catch (e) {
	check(false, e.message);
	if (process.env.DEMO_TRACE) console.error(e, server?.stderr);
}
console.log(failed() ? `\n${failed()} checks failed.` : "\nAll of it held.");
if (!once && server) await stayUp();
await end(failed() ? 1 : 0);

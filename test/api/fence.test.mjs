// What keeps organizations apart and strangers out: another organization's ids, SQL and line ends in every parameter,
// cross-site requests, forbidden targets, and the headers of every answer.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { after, before, test } from "node:test";
import { measured } from "../lib/measured.mjs";
import { approve, count, mapService, product, startFeed, startMsp, sync } from "../lib/msp.mjs";
import { raw } from "../lib/raw.mjs";
import { browser, request, startServer } from "../lib/server.mjs";
import { digests, sql } from "../lib/store.mjs";

const SELF = ["default-src 'none'", "frame-ancestors 'none'"];
let server, sim, feed, ids, operations, stranger;

/** Puts a second organization with an administrator's token into the store: no route makes one. */
async function addOrganization() {
	const [org, id] = ["6b0000000000000000000001", "6b0000000000000000000002"];
	const token = `tu_${id}_${randomBytes(32).toString("base64url")}`;
	const hash = createHash("sha256").update(token).digest("hex");
	const now = Date.now() * 1000;
	await sql(server, `INSERT INTO orgs (id, name, currency, created_at) VALUES ('${org}', 'Strangers', 'USD', ${now});
		INSERT INTO tokens (org_id, id, name, role, hash, created_at) VALUES ('${org}', '${id}', 'stranger', 'admin', '${hash}', ${now});`);
	return token;
}

/** One of everything that has an id. */
async function makeIds() {
	const items = async (path) => (await server.api("GET", path)).body.items;
	const made = async (method, path, body) => {
		const answer = await server.api(method, path, body);
		assert.ok(answer.status < 300, `${path}: ${answer.text}`);
		return answer.body;
	};
	const card = (await items("/cards?limit=100&kind=reconcile&state=open"))[0];
	const [write] = await approve(server, { ids: [card.id] });
	const account = (await items("/psa/accounts"))[0].id;
	const edr = (await product(server, "CORO-EDR")).id;
	const upload = await request(`${server.url}/api/v1/imports?filename=u.csv`, "POST", {
		raw: "Account,Service,Quantity\nA,S,1\n",
		headers: { authorization: `Bearer ${server.token}`, "content-type": "application/octet-stream" },
	});
	assert.equal(upload.status, 201, upload.text);
	const note = await made("POST", `/subjects/account/${account}/notes`, { note: "n" });
	return {
		card: card.id,
		write: write.id,
		batch: write.batch_id ?? write.batch,
		line: (await items("/psa/lines"))[0].id,
		account,
		product: edr,
		contract: (await items("/psa/contracts"))[0].id,
		integration: feed.id,
		service: (await feed.service("S")).id,
		vendoraccount: (await feed.account("A")).id,
		job: (await items("/jobs"))[0].id,
		rule: (await made("POST", "/rules", { name: "r", minimum: "1" })).id,
		override: (await made("POST", "/overrides", { account_id: account, product_id: edr, quantity: "3", reason: "agreed" })).id,
		tag: (await made("POST", "/tags", { name: "t", color: "#aabbcc" })).id,
		token: (await made("POST", "/tokens", { name: "t", role: "viewer" })).id,
		user: (await made("POST", "/users", { email: "bo@northwind.example", role: "viewer" })).user.id,
		import: upload.body.id,
		note: note.id ?? (await server.api("GET", `/subjects/account/${account}`)).body.notes[0].id,
	};
}

before(async () => {
	({ server, sim } = await startMsp({ env: { TRUEUP_SIGNIN_RATE: "0" } }));
	feed = await startFeed(server, "Nimbus", [{ id: "A", name: "Northwind Dental" }], ["S"]);
	await mapService(server, feed, "S", "CORO-EDR");
	await count(server, feed, { A: { S: 5 } });
	await sync(server, feed);
	ids = await makeIds();
	stranger = await addOrganization();
	const { body } = await request(`${server.url}/api/v1/openapi.json`, "GET");
	operations = Object.entries(body.paths).flatMap(([path, methods]) =>
		Object.entries(methods).map(([method, op]) => ({ path, method: method.toUpperCase(), role: op["x-role"], op })),
	);
});
after(async () => {
	await server?.stop();
	await sim?.stop();
});

/* Which id a {..} of a path means. */
const MEANS = [
	[/^\/api\/v1\/cards\/\{id\}/, ["card"]], [/^\/api\/v1\/writes\/batches\//, ["batch"]], [/^\/api\/v1\/writes\//, ["write"]], [/^\/api\/v1\/psa\/lines\//, ["line"]],
	[/\/accounts\/\{account\}/, ["integration", "vendoraccount"]], [/\/services\/\{service\}/, ["integration", "service"]], [/^\/api\/v1\/integrations\//, ["integration"]],
	[/^\/api\/v1\/jobs\//, ["job"]], [/^\/api\/v1\/rules\//, ["rule"]], [/^\/api\/v1\/overrides\//, ["override"]], [/^\/api\/v1\/tags\//, ["tag"]], [/^\/api\/v1\/tokens\//, ["token"]],
	[/^\/api\/v1\/users\//, ["user"]], [/^\/api\/v1\/imports\//, ["import"]], [/^\/api\/v1\/notes\//, ["note"]], [/^\/api\/v1\/subjects\//, ["=account", "account"]],
];
/* A body that would be right for the owner. */
const BODIES = {
	"/reject": () => ({ target_id: ids.account }), "accounts/{account}/mapping": () => ({ status: "excluded" }), "services/{service}/mapping": () => ({ status: "excluded" }),
	"/observations": () => ({ items: [{ account: "A", service: "S", units: "9" }] }), "/rules/": () => ({ name: "stolen", minimum: "2" }), "/overrides/": () => ({ account_id: ids.account, product_id: ids.product, quantity: "9", reason: "agreed" }),
	"/tags/{id}": () => ({ name: "stolen", color: "#000000" }), "/notes": () => ({ note: "x" }), "/tags": () => ({ tags: [ids.tag] }), "/users/{id}": () => ({ name: "stolen" }), "/integrations/{id}": () => ({ name: "stolen" }),
	"/imports/{id}": () => ({ integration: ids.integration, columns: { account: "Account", service: "Service", quantity: "Quantity" } }),
};

test("every id of another organization is not there: in the path", async () => {
	const headers = { authorization: `Bearer ${stranger}` };
	assert.equal((await server.api("GET", "/organization", undefined, headers)).body.name, "Strangers");
	// A PSA of their own, so that no refusal is for want of one.
	const settings = { site: sim.url, company_id: "alderridge", public_key: "pubSmall00000001", private_key: "prvSmall00000001", client_id: "7d0c2a53-6a0a-4c39-9c4b-1f2a77a5b9b0" };
	assert.equal((await server.api("PUT", "/psa", { kind: "connectwise", settings }, headers)).status, 200);
	const beforeAll = await digests(server);
	let asked = 0;
	const skipped = [];
	for (const o of operations.filter((x) => x.path.includes("{") && x.path.startsWith("/api/v1/"))) {
		const means = MEANS.find(([form]) => form.test(o.path))?.[1];
		if (!means) {
			skipped.push(o.path);
			continue;
		}
		let n = 0;
		const path = o.path.replace(/\{[^}]*\}/g, () => {
			const name = means[n++] ?? means.at(-1);
			return name.startsWith("=") ? name.slice(1) : ids[name];
		});
		const body = o.method === "GET" || o.method === "DELETE" ? undefined : (Object.entries(BODIES).find(([part]) => o.path.endsWith(part) || o.path.includes(part))?.[1]() ?? {});
		const answer = await server.api(o.method, path, body, headers);
		assert.equal(answer.status, 404, `${o.method} ${o.path}: ${answer.status} ${answer.text}`);
		for (const id of Object.values(ids)) assert.ok(!answer.text.includes("Northwind"), `${o.path} tells ${id}`);
		asked++;
	}
	assert.ok(asked >= 35, `only ${asked} were asked; skipped ${skipped}`);
	// ... and in bodies, queries and batches.
	const refused = [
		["POST", "/cards/approve", { ids: [ids.card] }], ["POST", "/cards/dismiss", { ids: [ids.card] }], ["POST", "/cards/confirm", { ids: [ids.card] }], ["POST", "/cards/reopen", { ids: [ids.card] }],
		["POST", "/overrides", { account_id: ids.account, product_id: ids.product, quantity: "1", reason: "agreed" }], ["POST", "/rules", { name: "x", minimum: "1", product_id: ids.product }], ["POST", "/rules", { name: "x", minimum: "1", account_id: ids.account }],
	];
	for (const [method, path, body] of refused) {
		const answer = await server.api(method, path, body, headers);
		assert.ok(answer.status >= 400 && answer.status < 500, `${path} ${JSON.stringify(body)}: ${answer.status} ${answer.text}`);
		asked++;
	}
	for (const path of ["/cards", `/writes?batch=${ids.batch}`, `/writes?card=${ids.card}`, "/jobs", "/rules", "/overrides", "/tags", "/users", "/integrations", "/imports", "/psa/accounts", "/psa/lines",
		"/psa/products", "/psa/contracts", "/psa/skipped", "/worklist", `/cards?account=${ids.account}`, `/cards?integration=${ids.integration}`]) {
		const answer = await server.api("GET", path, undefined, headers);
		assert.ok(answer.status === 200 || answer.status === 404, `${path}: ${answer.status} ${answer.text}`);
		if (answer.status === 200) assert.deepEqual(answer.body.items ?? answer.body, [], path);
		asked++;
	}
	const log = await server.api("GET", "/audit", undefined, headers);
	assert.deepEqual(log.body.items.map((x) => x.event), ["psa.set"]);
	assert.deepEqual(await digests(server), beforeAll);
	measured("cross_org", asked);
});

const SQL = ["'", "''", "' OR '1'='1", "' OR 1=1--", "\"; DROP TABLE orgs;--", "1; DELETE FROM cards", "') UNION SELECT hash FROM tokens--", "\\'; SELECT pg_sleep(5)--", "%27%20OR%201=1", "0x27", "CHAR(39)",
	"' AND SLEEP(5) AND 'a'='a", "$1", "$$; DROP TABLE users; $$", "/**/OR/**/1=1", "' || (SELECT password_hash FROM users) || '", "\u02bc OR 1=1", "\\", "%", "_", "*", "(", "))", "NULL", "' LIKE '%",
	"a' COLLATE NOCASE='A", "' GROUP BY 1 HAVING 1=1--", "ORDER BY 1", "randomblob(1000000000)", "load_extension('x')"];

test("SQL in any parameter is a text like another", async () => {
	const beforeAll = await digests(server);
	const spots = ["/cards?q=*", "/cards?sort=*", "/cards?state=*", "/cards?kind=*", "/cards?account=*", "/cards?integration=*", "/cards?tag=*", "/writes?batch=*", "/writes?card=*", "/writes?state=*", "/audit?event=*",
		"/audit?actor=*", "/jobs?kind=*", "/psa/accounts?q=*", "/psa/products?q=*", "/psa/contracts?q=*", "/psa/lines?account=*", "/imports?state=*", "/worklist?q=*", "/cards/*", "/writes/*", "/rules/*", "/jobs/*",
		"/integrations/*", "/subjects/account/*", "/psa/lines/*/history"];
	let asked = 0;
	const classes = {};
	for (const spot of spots) {
		const plain = await server.api("GET", spot.replace("*", "zzzq7"));
		classes[spot] = plain.status;
		for (const payload of SQL) {
			const began = Date.now();
			const answer = await server.api("GET", spot.replace("*", encodeURIComponent(payload)));
			assert.equal(answer.status, plain.status, `${spot} with ${payload}: ${answer.text.slice(0, 200)}`);
			assert.ok(Date.now() - began < 3000, `${spot} with ${payload} was slow`);
			if (plain.status === 200 && !/[%_*]|NULL/.test(payload) && plain.body.items) assert.equal(answer.body.items.length, plain.body.items.length, `${spot} with ${payload}`);
			asked++;
		}
	}
	for (const payload of SQL) {
		for (const [method, path, body] of [["POST", "/session", { email: payload, password: payload }], ["POST", "/cards/approve", { ids: [payload] }], ["PUT", "/subjects/account/nobody/tags", { tags: [payload] }]]) {
			const answer = await server.api(method, path, body);
			assert.ok(answer.status >= 400 && answer.status < 500, `${path} with ${payload}: ${answer.text}`);
			asked++;
		}
	}
	assert.deepEqual(await digests(server), beforeAll);
	measured("sqli", asked);
});

const BREAKS = ["a\r\nX-Injected: 1", "a\nb", "a\rb", "a\u0000b", "\u001b[31mred\u001b[0m", "a\u2028b", "a\u2029b", "a\u0085b", '{"event":"forged"}', '"}\n{"level":"error","event":"forged"', "\u0007", "\u202eevil", "=cmd|' /C calc'!A0",
	"+1+1", "-1+1", "@SUM(1)", "\t=1+1", "\r=1+1", "%0d%0aX-Injected:1"];

test("names never begin a log line, a header or a formula", async () => {
	let asked = 0;
	for (const [i, name] of BREAKS.entries()) {
		for (const [method, path, body] of [["POST", "/tags", { name: `${name}${i}`.slice(0, 60), color: "#aabbcc" }], ["POST", "/tokens", { name, role: "viewer" }], ["POST", "/integrations", { vendor: "custom", name }], ["POST", "/rules", { name, minimum: "1" }]]) {
			const answer = await server.api(method, path, body);
			assert.ok(answer.status < 500, `${path} ${JSON.stringify(name)}: ${answer.text}`);
			assert.equal(answer.headers.get("x-injected"), null);
			asked++;
		}
		await feed.call("POST", "/organization/accounts", { id: `inj${i}`, name });
		asked++;
	}
	await server.api("POST", `/integrations/${feed.id}/sync`, {});
	const csv = await server.api("GET", "/worklist.csv");
	assert.equal(csv.status, 200);
	for (const row of csv.text.split(/\r?\n/)) for (const cell of row.match(/("([^"]|"")*"|[^,]*)/g) ?? []) assert.doesNotMatch(cell, /^"?[=+@\t\r]/, row);
	for (const line of server.stderr.split("\n").filter(Boolean)) {
		const entry = JSON.parse(line);
		assert.notEqual(entry.event, "forged");
		assert.doesNotMatch(line, /\u001b|[\u0000-\u0008]/);
	}
	measured("injection", asked);
});

test("a page of another site changes nothing, whatever it sends", async () => {
	const page = browser(server);
	assert.equal((await page.signIn()).status, 200);
	const cookie = [...page.cookies].map(([k, v]) => `${k}=${v}`).join("; ");
	const csrf = page.cookies.get("trueup_csrf");
	const changing = operations.filter((o) => o.method !== "GET" && o.path.startsWith("/api/v1/") && !["none", "vendor"].includes(o.role));
	const beforeAll = await digests(server);
	let asked = 0;
	for (const o of changing) {
		const url = server.url + o.path.replace(/\{[^}]*\}/g, "x");
		const forms = [
			{ "content-type": "application/x-www-form-urlencoded" }, { "content-type": "text/plain" }, { "content-type": "application/json" }, { "content-type": "application/json", origin: "https://evil.example" },
			{ "content-type": "application/json", origin: "null" }, { "content-type": "application/json", "x-csrf-token": "guess" }, { "content-type": "application/json", "x-csrf-token": csrf, "sec-fetch-site": "cross-site" },
		];
		for (const more of forms) {
			const init = { headers: { cookie, ...more }, ...(o.method === "DELETE" ? {} : { raw: "{}" }) };
			const answer = await request(url, o.method, init);
			assert.equal(answer.status, 403, `${o.method} ${o.path} ${JSON.stringify(more)}: ${answer.text}`);
			asked++;
		}
	}
	assert.ok(changing.length >= 40);
	assert.deepEqual(await digests(server), beforeAll);
	measured("csrf", asked);
});

test("every answer has the whole set of headers", async () => {
	let seen = 0;
	const look = (what, headers) => {
		for (const part of SELF) if (!/html|javascript|css|svg/.test(headers.get("content-type") ?? "")) assert.ok(headers.get("content-security-policy")?.includes(part), `${what}: ${headers.get("content-security-policy")}`);
		assert.ok(headers.get("content-security-policy"), what);
		assert.equal(headers.get("x-content-type-options"), "nosniff", what);
		assert.equal(headers.get("referrer-policy"), "no-referrer", what);
		assert.equal(headers.get("x-frame-options"), "DENY", what);
		assert.ok(headers.get("x-request-id") || !what.includes("/api/"), what);
		assert.equal(headers.get("server"), null, what);
		seen++;
	};
	for (const o of operations.filter((x) => x.path !== "/api/v1/events")) {
		for (const token of [server.token, null]) {
			const url = server.url + o.path.replace(/\{[^}]*\}/g, "nothing");
			const headers = token && o.method === "GET" ? { authorization: `Bearer ${token}` } : {};
			const answer = await fetch(url, { method: o.method, headers, body: ["GET", "DELETE"].includes(o.method) ? undefined : "{}" });
			await answer.arrayBuffer();
			look(`${o.method} ${o.path} ${answer.status}`, answer.headers);
		}
	}
	for (const path of ["/", "/index.html", "/cards", "/nothing.js", "/api/v1/nothing", "/api/vendor-api/nothing"]) {
		const answer = await fetch(server.url + path);
		const text = await answer.text();
		look(`GET ${path} ${answer.status}`, answer.headers);
		for (const [, file] of text.matchAll(/(?:src|href)="([^"]+\.(?:js|css|svg|woff2))"/g)) {
			const asset = await fetch(new URL(file, `${server.url}${path}`));
			await asset.arrayBuffer();
			look(`GET ${file} ${asset.status}`, asset.headers);
		}
	}
	const broken = await raw(server.url, "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n");
	assert.equal(broken.answers[0].headers["x-content-type-options"], "nosniff");
	assert.ok(seen > 150, `${seen}`);
	measured("headers", seen);
});

const TARGETS = ["http://127.0.0.1/", "https://127.0.0.1/", "https://127.1/", "https://127.0.1/", "https://2130706433/", "https://0x7f000001/", "https://0x7f.0.0.1/", "https://0177.0.0.1/", "https://017700000001/", "https://0/", "https://0.0.0.0/",
	"https://[::1]/", "https://[::]/", "https://[0:0:0:0:0:0:0:1]/", "https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/", "https://[::127.0.0.1]/", "https://[64:ff9b::7f00:1]/", "https://[2002:7f00:1::]/", "https://[fe80::1]/", "https://[fc00::1]/",
	"https://[fd12::1]/", "https://[ff02::1]/", "https://localhost/", "https://LOCALHOST/", "https://localhost./", "https://a.localhost/", "https://10.0.0.1/", "https://10.255.255.255/", "https://172.16.0.1/", "https://172.31.255.255/",
	"https://192.168.0.1/", "https://169.254.169.254/", "https://169.254.169.254/latest/meta-data/", "https://100.64.0.1/", "https://192.0.2.1/", "https://198.18.0.1/", "https://224.0.0.1/", "https://255.255.255.255/", "https://user@127.0.0.1/",
	"https://user:pass@example.com/", "https://example.com@127.0.0.1/", "https://127.0.0.1#example.com", "https://127.0.0.1?example.com", "https://example.com:22@127.0.0.1/", "ftp://example.com/", "file:///etc/passwd", "gopher://example.com/",
	"dict://example.com/", "ldap://example.com/", "//127.0.0.1/", "https:127.0.0.1", "https:/127.0.0.1", "https://", "javascript:alert(1)", "https://127.0.0.1:8443/", "https://127。0。0。1/", "https://①②⑦.0.0.1/", "https://127.0.0.1%00.example.com/",
	"https://%31%32%37.0.0.1/", "https://127.0.0.1\\@example.com/", "https://example.com\\.127.0.0.1/", "http://example.com/", "https://[::1%25lo]/", "https://0300.0250.0.1/", "https://metadata.localhost/"];

test("a PSA at a forbidden address is refused, and nobody is called", async () => {
	const closed = await startServer({ env: { TRUEUP_ALLOW_PRIVATE_REMOTES: "0", TRUEUP_APP_RATE: "0" } });
	const { createServer } = await import("node:net");
	let calls = 0;
	const trap = createServer((s) => {
		calls++;
		s.destroy();
	});
	await new Promise((done) => trap.listen(0, "127.0.0.1", done));
	const { port } = trap.address();
	try {
		for (const target of TARGETS) {
			for (const site of [target, target.replace(/^(https?:\/\/(?:[^/@]*@)?[^/:?#\\]*(?:\[[^\]]*\])?)(?=[/?#]|$)/, `$1:${port}`)]) {
				const settings = { site, company_id: "c", public_key: "p", private_key: "q", client_id: "11111111-2222-3333-4444-555555555555" };
				const put = await closed.api("PUT", "/psa", { kind: "connectwise", settings });
				assert.ok(put.status === 400 || put.status === 200, `${site}: ${put.status} ${put.text}`);
				if (put.status === 400) continue;
				const tried = await closed.api("POST", "/psa/test");
				assert.ok(tried.status >= 400 || tried.body.ok === false, `${site} was let through: ${tried.text}`);
			}
		}
		assert.equal(calls, 0, "somebody was called");
		measured("ssrf", TARGETS.length);
	} finally {
		trap.close();
		await closed.stop();
	}
});


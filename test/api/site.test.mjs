// How the embedded UI is served: headers, caching, compression, the page for every address, a base path.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { get as httpGet } from "node:http";
import { request, startServer } from "../lib/server.mjs";

let server;
before(async () => {
	server = await startServer({ setup: false });
});
after(() => server?.stop());

const names = (html) => [...html.matchAll(/(?:href|src)="([^"/]+\.(?:js|css|svg))"/g)].map((m) => m[1]);

/** The bytes as they come, which fetch() would unpack. */
const bytes = (url, headers = {}) =>
	new Promise((done, fail) =>
		httpGet(url, { headers }, (answer) => {
			const parts = [];
			answer.on("data", (d) => parts.push(d));
			answer.on("end", () => done({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(parts) }));
		}).on("error", fail),
	);

test("the page is never kept, and lets no inline script, style or frame in", async () => {
	const { status, headers, text } = await request(`${server.url}/`, "GET");
	assert.equal(status, 200);
	assert.match(headers.get("content-type"), /^text\/html/);
	assert.equal(headers.get("cache-control"), "no-store");
	const policy = headers.get("content-security-policy");
	for (const rule of ["default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'", "base-uri 'self'"])
		assert.ok(policy.includes(rule), rule);
	assert.doesNotMatch(policy, /unsafe|\*/);
	assert.doesNotMatch(text, /<script(?![^>]* src=)|<style|style=|\son\w+=/);
	assert.ok(names(text).length >= 4);
});

test("files are named by their content, kept for ever, compressed for those who take it, and known again", async () => {
	const page = await request(`${server.url}/`, "GET");
	for (const name of names(page.text)) {
		assert.match(name, /^[A-Za-z]+-[A-Z0-9]{8}\.(js|css|svg)$/);
		const plain = await bytes(`${server.url}/${name}`);
		assert.equal(plain.status, 200, name);
		assert.match(plain.headers["cache-control"], /immutable/);
		assert.equal(plain.headers["content-encoding"], undefined);
		assert.equal(Number(plain.headers["content-length"]), plain.body.length);
		const packed = await bytes(`${server.url}/${name}`, { "accept-encoding": "br, gzip" });
		// What gains nothing by it stays as it is.
		const small = packed.headers["content-encoding"] !== "gzip";
		assert.ok(small ? plain.body.length < 200 : gunzipSync(packed.body).equals(plain.body), name);
		assert.match(packed.headers.vary, /accept-encoding/i);
		const never = await bytes(`${server.url}/${name}`, { "accept-encoding": "gzip;q=0" });
		assert.equal(never.headers["content-encoding"], undefined);
		const again = await bytes(`${server.url}/${name}`, { "if-none-match": plain.headers.etag });
		assert.equal(again.status, 304);
		assert.equal(again.body.length, 0);
	}
});

/** The files that some scripts need at once, themselves among them: name -> bytes on the wire. */
async function needed(scripts, known = new Map()) {
	for (const name of scripts) {
		if (known.has(name)) continue;
		const packed = await bytes(`${server.url}/${name}`, { "accept-encoding": "gzip" });
		known.set(name, packed.body.length);
		const text = packed.headers["content-encoding"] ? gunzipSync(packed.body).toString() : packed.body.toString();
		await needed([...text.matchAll(/(?:from|import)"\.\/([^"]+\.js)"/g)].map((m) => m[1]), known);
	}
	return known;
}

test("a screen loads what it needs and not the others: bytes of script, compressed", async () => {
	const { text } = await request(`${server.url}/`, "GET");
	const scripts = names(text).filter((n) => n.endsWith(".js"));
	const first = await needed(scripts);
	assert.deepEqual([...first.keys()].filter((n) => !scripts.includes(n)), [], "all of it is asked for by the page itself");
	const texts = await Promise.all([...first.keys()].map((n) => request(`${server.url}/${n}`, "GET")));
	const later = texts.flatMap(({ text }) => [...text.matchAll(/import\("\.\/([^"]+\.js)"\)/g)].map((m) => m[1]));
	const total = (files) => [...files.values()].reduce((n, size) => n + size, 0);
	const screen = async (...pages) => {
		const files = pages.map((page) => {
			const found = later.find((n) => n.startsWith(`${page}-`));
			assert.ok(found, `a script of its own for ${page}: ${later.join()}`);
			return found;
		});
		return total(await needed(files, new Map(first)));
	};
	const sizes = {
		"sign-in": await screen("SignIn"),
		"set-up": await screen("Setup"),
		dashboard: await screen("Inside", "Dashboard"),
	};
	const most = { "sign-in": 135000, "set-up": 140000, dashboard: 170000 };
	for (const [name, size] of Object.entries(sizes)) assert.ok(size <= most[name], `${name}: ${size} of ${most[name]} bytes`);
});

test("every address without an ending gets the page; a missing file and the API do not", async () => {
	const page = (await request(`${server.url}/`, "GET")).text;
	for (const path of ["/integrations", "/integrations/abc/setup?step=accounts", "/settings/people", "/sign-in"])
		assert.equal((await request(server.url + path, "GET")).text, page, path);
	for (const path of ["/app-00000000.js", "/favicon.ico", "/index.html", "/..%2fetc/passwd.txt", "/api/v1/nothing", "/apx.map"]) {
		const answer = await request(server.url + path, "GET");
		assert.equal(answer.status, 404, path);
		assert.match(answer.headers.get("content-type"), /problem\+json/, path);
	}
	assert.equal((await request(`${server.url}/integrations`, "POST", { body: {} })).status, 404);
	const head = await request(`${server.url}/`, "HEAD");
	assert.equal(head.status, 200);
	assert.equal(head.text, "");
});

test("below a path of its host: page, files and API, with and without the path in front", async (t) => {
	const below = await startServer({ setup: false, env: { TRUEUP_PUBLIC_URL: "https://msp.example/billing/trueup/" } });
	t.after(() => below.stop());
	const page = await request(`${below.url}/billing/trueup/`, "GET");
	assert.match(page.text, /<base href="\/billing\/trueup\/">/);
	assert.equal((await request(`${below.url}/billing/trueup`, "GET")).text, page.text);
	assert.equal((await request(`${below.url}/`, "GET")).text, page.text, "a proxy that takes the path off");
	const [file] = names(page.text);
	assert.equal((await request(`${below.url}/billing/trueup/${file}`, "GET")).status, 200);
	for (const path of ["/billing/trueup/api/v1/setup", "/api/v1/setup", "/billing/trueup/healthz"])
		assert.equal((await request(below.url + path, "GET")).status, 200, path);
	assert.equal((await request(`${below.url}/billing/trueupx/api/v1/setup.x`, "GET")).status, 404);
});

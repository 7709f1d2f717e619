// Signing in at a provider: who comes in, with which role, and everything that must keep one out.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, test } from "node:test";
import { startOidc } from "../lib/oidc.mjs";
import { ADMIN, browser, request, startServer } from "../lib/server.mjs";

let server, oidc;
before(async () => {
	oidc = await startOidc();
	server = await startServer({ env: { TRUEUP_SIGNIN_RATE: "0", TRUEUP_APP_RATE: "0" } });
	await set({});
});
after(async () => {
	await server?.stop();
	await oidc?.stop();
});

const settings = (more) => ({ issuer: oidc.url, client_id: oidc.client_id, client_secret: oidc.client_secret, ...more });
async function set(more) {
	const put = await server.api("PUT", "/sso", settings(more));
	assert.equal(put.status, 200, put.text);
	return put;
}

/** Walks there and back as a browser does; `way` changes the way back. Gives {status, page, text}. */
async function walk(person, twist = {}, way = {}) {
	Object.assign(oidc, { person, twist });
	const page = browser(server);
	const there = await page.api("GET", "/session/sso/start");
	if (there.status !== 302) return { status: there.status, page, text: there.text };
	const url = new URL(there.headers.get("location"));
	for (const [k, v] of Object.entries(way.there ?? {})) url.searchParams.set(k, v);
	const back = new URL((await fetch(url, { redirect: "manual" })).headers.get("location"));
	for (const [k, v] of Object.entries(way.back ?? {})) v === null ? back.searchParams.delete(k) : back.searchParams.set(k, v);
	if (way.forget) page.cookies.delete("trueup_sso");
	const path = back.pathname.replace("/api/v1", "") + back.search;
	const done = await page.api("GET", path);
	return { status: done.status, page, text: done.text, path, headers: done.headers };
}

const someone = (n, more = {}) => ({ sub: `sub-${n}`, email: `${n}@northwind.example`, email_verified: true, name: n, ...more });
const me = async (page) => (await page.api("GET", "/me")).body;

test("the settings keep the secret, and are checked", async () => {
	const { body, text } = await server.api("GET", "/sso");
	assert.equal(body.secret_stored, true);
	assert.ok(!text.includes(oidc.client_secret));
	for (const [more, pointer] of [[{ issuer: "login.example" }, "/issuer"], [{ roles: { a: "boss" }, role_claim: "groups" }, "/roles"], [{ roles: { a: "admin" } }, "/role_claim"], [{ issuer: "https://other.example", client_secret: undefined }, "/client_secret"]]) {
		const bad = await server.api("PUT", "/sso", settings(more));
		assert.equal(bad.status, 400, bad.text);
		assert.equal(bad.body.errors[0].pointer, pointer);
	}
	assert.deepEqual((await request(`${server.url}/api/v1/session/sso`, "GET")).body, { on: true, start: "/api/v1/session/sso/start", proxy: null });
	// The secret stays when it is left out.
	await set({ client_secret: undefined });
});

test("a known address that the provider verified comes in as that user, with either kind of key", async () => {
	for (const alg of ["RS256", "ES256"]) {
		oidc.alg = alg;
		const done = await walk({ sub: "anna-1", email: ADMIN.email.toUpperCase(), email_verified: true });
		assert.equal(done.status, 302, done.text);
		assert.equal(done.headers.get("location"), `${server.url}/`);
		const who = await me(done.page);
		assert.equal(who.user.email, ADMIN.email);
		assert.equal(who.role, "admin");
	}
	oidc.alg = "RS256";
	const log = await server.api("GET", "/audit?event=session.sso");
	assert.equal(log.body.items.length, 2);
	assert.equal(log.body.items[0].actor, ADMIN.email);
});

test("afterwards the subject counts, not the address: who takes the address over is not that user", async () => {
	const moved = await walk({ sub: "anna-1", email: "new-name@northwind.example" });
	assert.equal((await me(moved.page)).user.email, ADMIN.email);
	const taken = await walk({ sub: "somebody-else", email: ADMIN.email });
	assert.equal(taken.status, 403, taken.text);
	assert.match(taken.text, /not say that it verified/);
});

test("roles: by claim, the highest, each time anew; without one refused", async () => {
	assert.equal((await walk(someone("cleo"))).status, 403);
	await set({ role_claim: "groups", roles: { billing: "approver", everyone: "viewer", it: "admin" } });
	const cleo = await walk(someone("cleo", { groups: ["everyone", "billing", "other"] }));
	assert.equal(cleo.status, 302, cleo.text);
	assert.equal((await me(cleo.page)).role, "approver");
	const less = await walk(someone("cleo", { groups: "everyone" }));
	assert.equal((await me(less.page)).role, "viewer");
	assert.equal((await walk(someone("cleo", { groups: [] }))).status, 403);
	await set({ role_claim: "groups", roles: { it: "admin" }, default_role: "viewer" });
	assert.equal((await me((await walk(someone("dora"))).page)).role, "viewer");
	const admin = await walk(someone("dora", { groups: ["it"] }));
	assert.equal((await me(admin.page)).role, "admin");
	// The last word is here: a disabled user stays out.
	const { id } = (await me(admin.page)).user;
	assert.equal((await server.api("PATCH", `/users/${id}`, { disabled: true })).status, 200);
	assert.equal((await walk(someone("dora", { groups: ["it"] }))).status, 403);
	await set({ default_role: "viewer" });
});

test("a second factor is the provider's: one that is overdue here keeps nobody out", async () => {
	await server.api("PATCH", "/settings", { second_factor_grace_days: 0 });
	const done = await walk({ sub: "anna-1", email: ADMIN.email });
	assert.equal((await done.page.api("GET", "/cards")).status, 200);
	const here = browser(server);
	await here.signIn();
	assert.equal((await here.api("GET", "/cards")).status, 403);
	await server.api("PATCH", "/settings", { second_factor_grace_days: null });
});

const now = () => Math.floor(Date.now() / 1000);
const pem = () => oidc.rsa.publicKey.export({ format: "pem", type: "spki" });
const TOKENS = {
	"no signature": { header: { alg: "none" }, sign: () => "" },
	"the public key as a shared secret": { header: { alg: "HS256" }, sign: (t) => createHmac("sha256", pem()).update(t).digest("base64url") },
	"a wrong signature": { sign: () => Buffer.alloc(256, 7).toString("base64url") },
	"an empty signature": { sign: () => "" },
	"a signature of another length": { sign: () => "AAAA" },
	"a key that is not published": { header: { kid: "r9" } },
	"a key of another kind": { header: { kid: "e1" } },
	"ES256 with the RSA key's name": { header: { alg: "ES256", kid: "r1" } },
	"no keys at all": { keys: { keys: [] } },
	"keys that are none": { keys: { keys: [{ kty: "RSA", kid: "r1", n: "AQAB", e: "AQAB" }] } },
	"a set that is none": { keys: [] },
	"another issuer": { claims: { iss: "https://evil.example" } },
	"another application": { claims: { aud: "other" } },
	"no application": { claims: { aud: undefined } },
	"several applications without a party": { claims: { aud: ["trueup", "other"] } },
	"another party": { claims: { azp: "other" } },
	"expired": { claims: { exp: now() - 120 } },
	"no expiry": { claims: { exp: undefined } },
	"an expiry that is a text": { claims: { exp: "tomorrow" } },
	"from the future": { claims: { iat: now() + 600 } },
	"not yet": { claims: { nbf: now() + 600 } },
	"another nonce": { claims: { nonce: "x" } },
	"no nonce": { claims: { nonce: undefined } },
	"no subject": { claims: { sub: undefined } },
	"an empty subject": { claims: { sub: "" } },
	"a subject that is a number": { claims: { sub: 7 } },
	"no token": { token: "" },
	"two parts": { token: "e30.e30" },
	"four parts": { token: "e30.e30.e30.e30" },
	"no JSON in it": { token: "AAAA.AAAA.AAAA" },
	"a discovery of another name": { discovery: { issuer: "https://evil.example" } },
	"a discovery without keys": { discovery: { jwks_uri: undefined } },
};

for (const [what, twist] of Object.entries(TOKENS)) {
	test(`refused: ${what}`, async () => {
		const done = await walk({ sub: "anna-1", email: ADMIN.email, email_verified: true }, twist);
		assert.ok([400, 403, 502].includes(done.status), `${done.status} ${done.text}`);
		assert.equal((await done.page.api("GET", "/me")).status, 401);
	});
}

test("the way back belongs to the browser that went, once", async () => {
	const anna = { sub: "anna-1", email: ADMIN.email };
	for (const [what, way] of Object.entries({
		"another state": { back: { state: "x" } },
		"no state": { back: { state: null } },
		"no code": { back: { code: null } },
		"another code": { back: { code: "x" } },
		"a browser that never went": { forget: true },
		"a challenge of somebody else's": { there: { code_challenge: "x" } },
	})) {
		const done = await walk(anna, {}, way);
		assert.ok([403, 502].includes(done.status), `${what}: ${done.status} ${done.text}`);
		assert.equal((await done.page.api("GET", "/me")).status, 401, what);
	}
	const once = await walk(anna);
	assert.equal(once.status, 302);
	assert.equal((await once.page.api("GET", once.path)).status, 403);
});

test("what is unreachable, or away, is told; and removed, nobody comes in", async () => {
	await set({ issuer: "http://127.0.0.1:9" });
	assert.equal((await walk({})).status, 502);
	await set({});
	assert.equal((await server.api("DELETE", "/sso")).status, 204);
	assert.equal((await walk({ sub: "anna-1" })).status, 404);
	assert.deepEqual((await request(`${server.url}/api/v1/session/sso`, "GET")).body, { on: false, start: null, proxy: null });
	assert.equal((await server.api("DELETE", "/sso")).status, 404);
});

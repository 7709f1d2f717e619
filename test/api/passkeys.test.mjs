// Passkeys: added while signed in, enough to sign in with; and every way in which an answer can be wrong.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before } from "node:test";
import { counting } from "../lib/measured.mjs";
import { passkey } from "../lib/passkey.mjs";
import { ADMIN, browser, startServer } from "../lib/server.mjs";

const ORIGIN = "https://trueup.example";
const test = counting("passkey_cases");
let server;
let page;
before(async () => {
	server = await startServer({ env: { TRUEUP_SIGNIN_RATE: "0", TRUEUP_PUBLIC_URL: `${ORIGIN}/billing` } });
	page = browser(server);
	assert.equal((await page.api("POST", "/session", { email: ADMIN.email, password: ADMIN.password })).status, 200);
});
after(() => server?.stop());

const challengeOf = async (api, how, path) => {
	const answer = await api.api(how, path);
	assert.equal(answer.status, 200, answer.text);
	return answer.body.challenge;
};
const toAdd = (api = page) => challengeOf(api, "POST", "/me/passkeys/challenge");
const toEnter = () => challengeOf(browser(server), "GET", "/session/passkey");

async function add(device, bend, { api = page, name = "Laptop" } = {}) {
	return api.api("POST", "/me/passkeys", { name, ...device.create(await toAdd(api), bend) });
}
const enter = (answer, api = browser(server)) => api.api("POST", "/session/passkey", answer);

const laptop = passkey(ORIGIN);

test("offered over https and by a name only", async () => {
	const offer = (await browser(server).api("GET", "/session/passkey")).body;
	assert.equal(offer.on, true);
	assert.equal(offer.any, false);
	assert.equal(offer.rp_id, "trueup.example");
	const plain = await startServer();
	assert.deepEqual((await browser(plain).api("GET", "/session/passkey")).body, {
		on: false,
		any: false,
		rp_id: null,
		challenge: null,
		timeout_ms: 300000,
	});
	assert.equal((await enter(laptop.get(await toEnter()), browser(plain))).status, 409);
	await plain.stop();
});

test("added, listed, in the log, and enough to sign in with", async () => {
	const added = await add(laptop);
	assert.equal(added.status, 201, added.text);
	const list = (await page.api("GET", "/me/passkeys")).body;
	assert.equal(list.on, true);
	assert.deepEqual(list.items.map((k) => [k.id, k.name, k.credential, k.used_at]), [[added.body.id, "Laptop", laptop.id, null]]);
	assert.equal((await browser(server).api("GET", "/session/passkey")).body.any, true);
	const other = browser(server);
	const entered = await enter(laptop.get(await toEnter()), other);
	assert.equal(entered.status, 200, entered.text);
	assert.equal(entered.body.user.email, ADMIN.email);
	assert.equal((await other.api("GET", "/me")).body.role, "admin");
	assert.ok((await page.api("GET", "/me/passkeys")).body.items[0].used_at);
	const events = (await server.api("GET", "/audit?limit=50")).body.items.map((r) => r.event);
	assert.ok(events.includes("passkey.added") && events.includes("session.passkey"), events.join());
	assert.equal((await other.api("DELETE", "/session")).status, 204);
});

test("it is two factors: nobody is asked for a second one, and a password alone still is", async () => {
	await server.api("PATCH", "/settings", { second_factor_grace_days: 0 });
	const other = browser(server);
	assert.equal((await enter(laptop.get(await toEnter()), other)).status, 200);
	assert.equal((await other.api("GET", "/cards")).status, 200);
	const byPassword = browser(server);
	await byPassword.api("POST", "/session", { email: ADMIN.email, password: ADMIN.password });
	assert.equal((await byPassword.api("GET", "/cards")).status, 403);
	assert.equal((await byPassword.api("GET", "/me/passkeys")).status, 200);
	await server.api("PATCH", "/settings", { second_factor_grace_days: 14 });
});

test("an answer opens once, and none that is older than the last", async () => {
	const old = await toEnter();
	const answer = laptop.get(await toEnter());
	assert.equal((await enter(answer)).status, 200);
	assert.equal((await enter(answer)).status, 401);
	assert.equal((await enter(laptop.get(old))).status, 401);
});

test("a counter that does not go up is a copy", async () => {
	const device = passkey(ORIGIN);
	assert.equal((await add(device, {}, { name: "Key" })).status, 201);
	assert.equal((await enter(device.get(await toEnter(), { uses: 5 }))).status, 200);
	const copy = await enter(device.get(await toEnter(), { uses: 5 }));
	assert.equal(copy.status, 401);
	assert.match(copy.body.detail, /copied/);
	assert.equal((await enter(device.get(await toEnter(), { uses: 6 }))).status, 200);
	const cloud = passkey(ORIGIN, { counts: false });
	assert.equal((await add(cloud, {}, { name: "Cloud" })).status, 201);
	for (let i = 0; i < 2; i++) assert.equal((await enter(cloud.get(await toEnter()))).status, 200);
});

for (const kind of ["EdDSA", "RS256"])
	test(`keys of kind ${kind}`, async () => {
		const device = passkey(ORIGIN, { kind });
		assert.equal((await add(device, {}, { name: kind })).status, 201);
		assert.equal((await enter(device.get(await toEnter()))).status, 200);
		assert.equal((await enter(device.get(await toEnter(), { key: passkey(ORIGIN, { kind }).privateKey }))).status, 401);
	});

const WRONG_IN = [
	["another's key", { key: passkey(ORIGIN).privateKey }, 401],
	["another site", { rpId: "evil.example" }, 401],
	["another page", { origin: "https://evil.example" }, 400],
	["another port", { origin: `${ORIGIN}:8443` }, 400],
	["http", { origin: "http://trueup.example" }, 400],
	["nobody touched it", { flags: 0x04 }, 401],
	["it did not know its user", { flags: 0x01 }, 401],
	["an answer of the other kind", { type: "webauthn.create" }, 400],
	["a passkey that is not known", { credential: passkey(ORIGIN).id }, 401],
];
for (const [what, bend, status] of WRONG_IN)
	test(`refused at sign-in: ${what}`, async () => {
		const answer = await enter(laptop.get(await toEnter(), bend));
		assert.equal(answer.status, status, answer.text);
		assert.equal(answer.headers["set-cookie"], undefined);
	});

test("refused: a challenge that nobody sent, or that was sent for something else", async () => {
	assert.equal((await enter(laptop.get(randomBytes(64).toString("base64url")))).status, 400);
	assert.equal((await enter(laptop.get(await toAdd()))).status, 400);
	const device = passkey(ORIGIN);
	const mine = await toEnter();
	assert.equal((await page.api("POST", "/me/passkeys", { name: "x", ...device.create(mine) })).status, 400);
});

test("refused: what is no answer at all", async () => {
	const good = laptop.get(await toEnter());
	for (const bent of [
		{ client_data: "" }, { client_data: "!!" }, { client_data: "e30" }, { client_data: Buffer.from("[]").toString("base64url") },
		{ client_data: Buffer.from('{"type":"webauthn.get"').toString("base64url") },
		{ authenticator_data: "AAAA" }, { authenticator_data: "" }, { authenticator_data: "A".repeat(8000) }, { signature: "AAAA" }, { signature: "" },
		{ signature: undefined }, { credential: 7 }, { authenticator_data: good.authenticator_data + "AAAA" },
	]) {
		const answer = await enter({ ...good, ...bent });
		assert.ok(answer.status === 400 || answer.status === 401, `${JSON.stringify(bent)}: ${answer.text}`);
	}
	assert.equal((await enter(good)).status, 200);
});

const WRONG_NEW = [
	["it did not know its user", { flags: 0x41 }],
	["no key in it", { flags: 0x05 }],
	["another site", { rpId: "evil.example" }],
	["another page", { origin: "https://evil.example" }],
	["an answer of the other kind", { type: "webauthn.get" }],
];
for (const [what, bend] of WRONG_NEW)
	test(`not added: ${what}`, async () => {
		const before = (await page.api("GET", "/me/passkeys")).body.items.length;
		const answer = await add(passkey(ORIGIN), bend);
		assert.equal(answer.status, 400, answer.text);
		assert.equal((await page.api("GET", "/me/passkeys")).body.items.length, before);
	});

test("not added: a kind of key that is not taken, one that is there, one too many, a token's", async () => {
	assert.equal((await add(passkey(ORIGIN, { kind: "ES512" }))).status, 400);
	assert.equal((await add(laptop)).status, 409);
	const many = (await page.api("GET", "/me/passkeys")).body.items.length;
	for (let i = many; i < 20; i++) assert.equal((await add(passkey(ORIGIN), {}, { name: `spare ${i}` })).status, 201);
	assert.equal((await add(passkey(ORIGIN))).status, 409);
	for (const k of (await page.api("GET", "/me/passkeys")).body.items.filter((k) => k.name.startsWith("spare")))
		assert.equal((await page.api("DELETE", `/me/passkeys/${k.id}`)).status, 204);
	assert.equal((await server.api("GET", "/me/passkeys")).status, 400);
	assert.equal((await server.api("POST", "/me/passkeys/challenge")).status, 400);
});

test("each user has their own; a disabled user's opens nothing; an administrator removes them all", async () => {
	const made = await server.api("POST", "/users", { email: "bo@northwind.example", name: "Bo", role: "approver" });
	assert.equal(made.status, 201, made.text);
	const bo = browser(server);
	const token = made.body.link.split("#")[1];
	assert.equal((await bo.api("POST", "/session", { token, password: "battery horse correct" })).status, 200);
	const phone = passkey(ORIGIN);
	const added = await add(phone, {}, { api: bo, name: "Phone" });
	assert.equal(added.status, 201, added.text);
	// Made for another user's challenge: not this one's.
	assert.equal((await bo.api("POST", "/me/passkeys", { name: "x", ...passkey(ORIGIN).create(await toAdd()) })).status, 400);
	assert.equal((await page.api("DELETE", `/me/passkeys/${added.body.id}`)).status, 404);
	assert.ok(!(await page.api("GET", "/me/passkeys")).text.includes(phone.id));
	const entered = await enter(phone.get(await toEnter()));
	assert.equal(entered.body.user.email, "bo@northwind.example");
	const id = entered.body.user.id;
	assert.equal((await server.api("PATCH", `/users/${id}`, { disabled: true })).status, 200);
	assert.equal((await enter(phone.get(await toEnter()))).status, 403);
	assert.equal((await server.api("PATCH", `/users/${id}`, { disabled: false })).status, 200);
	assert.equal((await enter(phone.get(await toEnter()))).status, 200);
	assert.equal((await server.api("DELETE", `/users/${id}/second-factor`)).status, 204);
	assert.equal((await enter(phone.get(await toEnter()))).status, 401);
});

test("what is removed opens nothing", async () => {
	const mine = (await page.api("GET", "/me/passkeys")).body.items.find((k) => k.credential === laptop.id);
	assert.equal((await page.api("DELETE", `/me/passkeys/${mine.id}`)).status, 204);
	assert.equal((await page.api("DELETE", `/me/passkeys/${mine.id}`)).status, 404);
	const answer = await enter(laptop.get(await toEnter()));
	assert.equal(answer.status, 401);
	assert.match(answer.body.detail, /removed/);
});

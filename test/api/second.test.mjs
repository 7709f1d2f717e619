// The second factor: set up, asked for, each code once, recovery codes, overdue, lost and removed.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { counting } from "../lib/measured.mjs";
import { ADMIN, browser, startServer } from "../lib/server.mjs";
import { totp } from "../lib/totp.mjs";

const test = counting("second_cases");
let server;
before(async () => {
	server = await startServer({ env: { TRUEUP_SIGNIN_RATE: "0" } });
});
after(() => server?.stop());

const enter = (page, code) => page.api("POST", "/session", { email: ADMIN.email, password: ADMIN.password, ...(code && { code }) });

let secret;
let codes;

test("set up: a picture, a code, ten recovery codes", async () => {
	const page = browser(server);
	assert.equal((await enter(page)).status, 200);
	assert.deepEqual((await page.api("GET", "/me/second-factor")).body, { on: false, pending: false, recovery_codes_left: 0, overdue: false });
	const begun = await page.api("POST", "/me/second-factor");
	assert.equal(begun.status, 201, begun.text);
	secret = begun.body.secret;
	assert.match(begun.body.uri, /^otpauth:\/\/totp\/Trueup:anna%40northwind\.example\?secret=[A-Z2-7]{32}&issuer=Trueup/);
	assert.ok(begun.body.qr.length >= 21 && begun.body.qr.every((r) => r.length === begun.body.qr.length && /^[01]+$/.test(r)));
	// Not in force before it is confirmed.
	assert.equal((await enter(browser(server))).status, 200);
	const wrong = await page.api("PUT", "/me/second-factor", { code: totp(secret) === "123456" ? "654321" : "123456" });
	assert.equal(wrong.status, 400);
	assert.equal(wrong.body.errors[0].pointer, "/code");
	const done = await page.api("PUT", "/me/second-factor", { code: totp(secret, -1) });
	assert.equal(done.status, 200, done.text);
	codes = done.body.recovery_codes;
	assert.equal(new Set(codes).size, 10);
	assert.equal((await page.api("GET", "/me/second-factor")).body.on, true);
	assert.equal((await page.api("POST", "/me/second-factor")).status, 409);
	const log = await server.api("GET", "/audit?event=second_factor.on");
	assert.equal(log.body.items.length, 1);
	assert.ok(!JSON.stringify((await server.api("GET", "/audit?limit=500")).body).includes(secret));
});

test("signing in asks for the code, and takes each only once", async () => {
	const missing = await enter(browser(server));
	assert.equal(missing.status, 401);
	assert.equal(missing.body.errors[0].pointer, "/code");
	const code = totp(secret);
	const page = browser(server);
	assert.equal((await enter(page, code)).status, 200);
	assert.equal((await page.api("GET", "/me")).status, 200);
	assert.equal((await enter(browser(server), code)).status, 401);
	// An older one that was never used is behind the newest.
	assert.equal((await enter(browser(server), totp(secret, -1))).status, 401);
	assert.equal((await enter(browser(server), totp(secret, -20))).status, 401);
});

test("a wrong password is refused in its own words, code or not", async () => {
	const answer = await browser(server).api("POST", "/session", { email: ADMIN.email, password: "wrong password", code: codes[0] });
	assert.equal(answer.status, 401);
	assert.equal(answer.body.errors, undefined);
});

test("a recovery code works once, in any spelling", async () => {
	assert.equal((await enter(browser(server), codes[0].toUpperCase().replaceAll("-", " "))).status, 200);
	assert.equal((await enter(browser(server), codes[0])).status, 401);
	const page = browser(server);
	assert.equal((await enter(page, codes[1])).status, 200);
	assert.equal((await page.api("GET", "/me/second-factor")).body.recovery_codes_left, 8);
});

test("removed with a code, or by an administrator", async () => {
	const page = browser(server);
	assert.equal((await enter(page, codes[2])).status, 200);
	assert.equal((await page.api("POST", "/me/second-factor/remove", { code: "000000" })).status, 400);
	assert.equal((await page.api("POST", "/me/second-factor/remove", { code: codes[3] })).status, 204);
	assert.equal((await enter(browser(server))).status, 200);
	const begun = await page.api("POST", "/me/second-factor");
	assert.equal((await page.api("PUT", "/me/second-factor", { code: totp(begun.body.secret, 1) })).status, 200);
	assert.equal((await enter(browser(server))).status, 401);
	const me = (await page.api("GET", "/me")).body.user.id;
	assert.equal((await server.api("DELETE", `/users/${me}/second-factor`)).status, 204);
	assert.equal((await enter(browser(server))).status, 200);
});

test("overdue: only the way to set one up is open; a viewer and a token go on", async () => {
	assert.equal((await server.api("PATCH", "/settings", { second_factor_grace_days: 0 })).status, 200);
	const page = browser(server);
	assert.equal((await enter(page)).status, 200);
	assert.equal((await page.api("GET", "/me/second-factor")).body.overdue, true);
	const closed = await page.api("GET", "/integrations");
	assert.equal(closed.status, 403);
	assert.match(closed.body.detail, /second factor/);
	assert.equal((await server.api("GET", "/integrations")).status, 200);
	const begun = await page.api("POST", "/me/second-factor");
	assert.equal((await page.api("PUT", "/me/second-factor", { code: totp(begun.body.secret) })).status, 200);
	assert.equal((await page.api("GET", "/integrations")).status, 200);
	assert.equal((await server.api("PATCH", "/settings", { second_factor_required: false })).status, 200);
});

/** Turns it on for the administrator of a server of its own: {own, page, secret, codes}. */
async function armed(env = { TRUEUP_SIGNIN_RATE: "0" }) {
	const own = await startServer({ env });
	const page = browser(own);
	assert.equal((await enter(page)).status, 200);
	const begun = await page.api("POST", "/me/second-factor");
	const done = await page.api("PUT", "/me/second-factor", { code: totp(begun.body.secret, -1) });
	assert.equal(done.status, 200, done.text);
	return { own, page, secret: begun.body.secret, codes: done.body.recovery_codes };
}

test("a code that was used stays used after a restart, a recovery code too", async () => {
	const { own, secret: mine, codes: spare } = await armed();
	const code = totp(mine);
	assert.equal((await enter(browser(own), code)).status, 200);
	assert.equal((await enter(browser(own), spare[0])).status, 200);
	const next = await own.restart();
	for (const used of [code, spare[0]]) assert.equal((await enter(browser(next), used)).status, 401);
	assert.equal((await enter(browser(next), spare[1])).status, 200);
	await next.stop();
});

test("a new password by a link leaves the second factor on", async () => {
	const { own, codes: spare } = await armed();
	const made = await own.cli(["link", "--user", ADMIN.email, "--json"]);
	assert.equal(made.status, 0, made.stderr);
	const words = { token: made.json.link.split("#")[1], password: "chosen anew" };
	await browser(own).api("POST", "/session", words);
	await browser(own).api("POST", "/session", { ...words, code: spare[0] });
	const again = { email: ADMIN.email, password: "chosen anew" };
	const missing = await browser(own).api("POST", "/session", again);
	assert.equal(missing.status, 401);
	assert.equal(missing.body.errors[0].pointer, "/code");
	assert.equal((await browser(own).api("POST", "/session", { ...again, code: spare[1] })).status, 200);
	await own.stop();
});

test("the code of one person opens nothing to another", async () => {
	const { own, secret: mine, codes: spare } = await armed();
	const made = await own.api("POST", "/users", { email: "eve@northwind.example", name: "Eve", role: "approver" });
	const page = browser(own);
	assert.equal((await page.api("POST", "/session", { token: made.body.link.split("#")[1], password: "their own words" })).status, 200);
	const begun = await page.api("POST", "/me/second-factor");
	assert.equal((await page.api("PUT", "/me/second-factor", { code: totp(begun.body.secret, -1) })).status, 200);
	for (const code of [totp(mine), spare[0]]) {
		const answer = await browser(own).api("POST", "/session", { email: "eve@northwind.example", password: "their own words", code });
		assert.equal(answer.status, 401);
	}
	assert.equal((await enter(browser(own), spare[0])).status, 200);
	await own.stop();
});

test("guesses of a code are slowed, with the right password", async () => {
	const { own } = await armed();
	const answers = [];
	for (let i = 0; i < 12 && answers.at(-1) !== 429; i++) answers.push((await enter(browser(own), String(100000 + i))).status);
	assert.equal(answers.at(-1), 429, answers.join(" "));
	assert.ok(answers.slice(0, -1).every((s) => s === 401), answers.join(" "));
	await own.stop();
});

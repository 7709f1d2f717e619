// From the set-up link to a session and out again, as a browser does it.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { counting } from "../lib/measured.mjs";
import { ADMIN, browser, request, startServer, until } from "../lib/server.mjs";

const test = counting("session_cases");
let server;
before(async () => {
	server = await startServer({ env: { TRUEUP_SIGNIN_RATE: "0" } });
});
after(() => server?.stop());

test("the set-up link makes the organization, once, and signs its administrator in", async () => {
	const fresh = await startServer({ setup: false });
	const link = await until(() => fresh.stdout.match(/http:\S+#(\S+)/), { what: "the set-up link" });
	assert.ok(link[0].startsWith(fresh.url));
	const page = browser(fresh);
	assert.equal((await page.api("GET", "/setup")).body.needed, true);
	assert.equal((await page.api("GET", "/session")).status, 401);
	const looked = await page.api("POST", "/session/link", { token: link[1] });
	assert.equal(looked.body.kind, "setup");
	const body = { token: link[1], organization: "Contoso", email: "eve@contoso.example", password: "long enough" };
	assert.equal((await page.api("POST", "/setup", { ...body, token: "made-up" })).status, 403);
	const short = await page.api("POST", "/setup", { ...body, password: "short" });
	assert.equal(short.status, 400);
	assert.equal(short.body.errors[0].pointer, "/password");
	const done = await page.api("POST", "/setup", body);
	assert.equal(done.status, 201, done.text);
	assert.equal(done.body.user.role, "admin");
	assert.equal((await page.api("GET", "/me")).body.organization.name, "Contoso");
	assert.equal((await page.api("GET", "/setup")).body.needed, false);
	const again = await browser(fresh).api("POST", "/setup", body);
	assert.equal(again.status, 403);
	const next = await fresh.restart();
	assert.doesNotMatch(next.stdout, /#/);
	await next.stop();
});

test("the set-up link of an earlier start stops working", async () => {
	const first = await startServer({ setup: false });
	const old = await until(() => first.stdout.match(/#(\S+)/), { what: "the set-up link" });
	const second = await first.restart({ setup: false });
	const now = await until(() => second.stdout.match(/#(\S+)/), { what: "the set-up link" });
	const page = browser(second);
	assert.equal((await page.api("POST", "/session/link", { token: old[1] })).status, 403);
	assert.equal((await page.api("POST", "/session/link", { token: now[1] })).status, 200);
	await second.stop();
});

test("a password opens a session, whose cookies are guarded", async () => {
	const page = browser(server);
	const answer = await page.signIn();
	assert.equal(answer.status, 200, answer.text);
	assert.equal(answer.body.user.email, ADMIN.email);
	assert.equal(answer.body.organization.name, ADMIN.org);
	const lines = answer.headers.getSetCookie();
	const session = lines.find((l) => l.startsWith("trueup_session="));
	assert.match(session, /HttpOnly/i);
	assert.match(session, /SameSite=(Lax|Strict)/i);
	assert.doesNotMatch(lines.find((l) => l.startsWith("trueup_csrf=")), /HttpOnly/i);
	assert.ok(!answer.text.includes(page.cookies.get("trueup_session")));
	assert.equal((await page.api("GET", "/session")).body.user.email, ADMIN.email);
});

test("cookies are marked secure when people come by https", async () => {
	const secure = await startServer({ env: { TRUEUP_PUBLIC_URL: "https://trueup.example" } });
	const answer = await browser(secure).signIn();
	for (const line of answer.headers.getSetCookie()) assert.match(line, /; *Secure/i);
	await secure.stop();
});

test("a wrong password and an unknown address get the same answer", async () => {
	const wrong = await browser(server).signIn(ADMIN.email, "not it, surely");
	const unknown = await browser(server).signIn("nobody@nowhere.example", "not it, surely");
	assert.equal(wrong.status, 401);
	assert.equal(unknown.status, 401);
	assert.equal(wrong.body.detail, unknown.body.detail);
	assert.equal(wrong.headers.getSetCookie().length, 0);
});

test("bad input is pointed at", async () => {
	const page = browser(server);
	const none = await page.api("POST", "/session", {});
	assert.equal(none.status, 400);
	assert.equal(none.body.errors[0].pointer, "/email");
	const half = await page.api("POST", "/session", { email: ADMIN.email });
	assert.equal(half.body.errors[0].pointer, "/password");
	assert.equal((await page.api("POST", "/session", { email: 7, password: "x" })).status, 400);
});

test("a change from a browser needs its CSRF value", async () => {
	const page = browser(server), other = browser(server);
	await page.signIn();
	await other.signIn();
	for (const value of ["", "made-up", other.cookies.get("trueup_csrf")]) {
		const refused = await page.api("PATCH", "/organization", { name: "Stolen" }, { "x-csrf-token": value });
		assert.equal(refused.status, 403, value);
	}
	assert.equal((await page.api("GET", "/organization")).body.name, ADMIN.org);
	const foreign = await page.api("PATCH", "/organization", { name: "Stolen" }, { "sec-fetch-site": "cross-site" });
	assert.equal(foreign.status, 403);
	assert.equal((await page.api("PATCH", "/organization", { name: ADMIN.org })).status, 200);
});

test("signing out ends the session, not only the cookie", async () => {
	const page = browser(server);
	await page.signIn();
	const cookie = `trueup_session=${page.cookies.get("trueup_session")}`;
	assert.equal((await page.api("DELETE", "/session")).status, 204);
	assert.ok(!page.cookies.has("trueup_session"));
	assert.equal((await request(`${server.url}/api/v1/me`, "GET", { headers: { cookie } })).status, 401);
});

test("signing in again ends the session the browser had", async () => {
	const page = browser(server);
	await page.signIn();
	const cookie = `trueup_session=${page.cookies.get("trueup_session")}`;
	await page.signIn();
	assert.equal((await request(`${server.url}/api/v1/me`, "GET", { headers: { cookie } })).status, 401);
	assert.equal((await page.api("GET", "/me")).status, 200);
});

test("a token has no session to end", async () => {
	assert.equal((await server.api("DELETE", "/session")).status, 400);
});

test("guessing is slowed, and the owner's own browser stays free", async () => {
	const guarded = await startServer({ env: { TRUEUP_SIGNIN_RATE: "0" } });
	const home = browser(guarded);
	assert.equal((await home.signIn()).status, 200);
	let slowed = null;
	for (let i = 0; i < 10 && !slowed; i++) {
		const answer = await browser(guarded).signIn(ADMIN.email, "a guess of mine");
		assert.ok([401, 429].includes(answer.status), answer.text);
		if (answer.status === 429) slowed = answer;
	}
	assert.ok(slowed, "ten guesses in a row are slowed");
	assert.ok(Number(slowed.headers.get("retry-after")) > 0);
	assert.equal((await browser(guarded).signIn()).status, 429);
	assert.equal((await home.signIn()).status, 200);
	await guarded.stop();
});

test("one's own password is changed with the present one, and all other sessions end", async () => {
	const own = await startServer();
	const page = browser(own), elsewhere = browser(own);
	await page.signIn();
	await elsewhere.signIn();
	const wrong = await page.api("POST", "/me/password", { current: "not it", password: "a better one" });
	assert.equal(wrong.status, 400);
	assert.equal(wrong.body.errors[0].pointer, "/current");
	const short = await page.api("POST", "/me/password", { current: ADMIN.password, password: "short" });
	assert.equal(short.status, 400);
	assert.equal((await elsewhere.api("GET", "/me")).status, 200);
	const done = await page.api("POST", "/me/password", { current: ADMIN.password, password: "a better one" });
	assert.equal(done.status, 200, done.text);
	assert.equal((await page.api("GET", "/me")).status, 200);
	assert.equal((await elsewhere.api("GET", "/me")).status, 401);
	assert.equal((await browser(own).signIn()).status, 401);
	assert.equal((await browser(own).signIn(ADMIN.email, "a better one")).status, 200);
	assert.equal((await own.api("POST", "/me/password", { current: "x", password: "a better one" })).status, 403);
	await own.stop();
});

test("whoever is locked out gets a link from the command line, which works once", async () => {
	const own = await startServer();
	const page = browser(own);
	await page.signIn();
	assert.equal((await own.cli(["link", "--user", "nobody@nowhere.example", "--json"])).status, 1);
	const made = await own.cli(["link", "--user", ADMIN.email.toUpperCase(), "--json"]);
	assert.equal(made.status, 0, made.stderr);
	assert.ok(made.json.link.startsWith(`${own.url}/`));
	const token = made.json.link.split("#")[1];
	assert.equal((await page.api("GET", "/me")).status, 200);
	const fresh = browser(own);
	assert.equal((await fresh.api("POST", "/session", { token, password: "chosen anew" })).status, 200);
	assert.equal((await page.api("GET", "/me")).status, 401);
	assert.equal((await browser(own).api("POST", "/session", { token, password: "chosen again" })).status, 403);
	assert.equal((await browser(own).signIn(ADMIN.email, "chosen anew")).status, 200);
	const log = (await own.api("GET", "/audit?event=user.link")).body.items;
	assert.equal(log[0].actor, "the command line");
	await own.pause();
	assert.equal((await own.cli(["link", "--user", ADMIN.email, "--json"])).status, 1);
	const away = await own.cli(["link", "--user", ADMIN.email, "--public-url", "https://t.example/", "--json"]);
	assert.ok(away.json.link.startsWith("https://t.example/invite#"), away.json.link);
	await own.stop();
});

test("a session outlives a restart", async () => {
	const own = await startServer();
	const page = browser(own);
	await page.signIn();
	const next = await own.restart();
	const again = browser(next);
	for (const [k, v] of page.cookies) again.cookies.set(k, v);
	assert.equal((await again.api("GET", "/me")).status, 200);
	await next.stop();
});

/** Somebody invited, who has chosen a password: {id, email, page}. */
async function somebody(own, email, role) {
	const made = await own.api("POST", "/users", { email, name: "Somebody", role });
	const page = browser(own);
	const done = await page.api("POST", "/session", { token: made.body.link.split("#")[1], password: "their own words" });
	assert.equal(done.status, 200, done.text);
	return { id: made.body.user.id, email, page };
}

test("two devices have a session each, and the end of one leaves the other", async () => {
	const desk = browser(server), phone = browser(server);
	await desk.signIn();
	await phone.signIn();
	assert.notEqual(desk.cookies.get("trueup_session"), phone.cookies.get("trueup_session"));
	assert.equal((await desk.api("DELETE", "/session")).status, 204);
	assert.equal((await desk.api("GET", "/me")).status, 401);
	assert.equal((await phone.api("GET", "/me")).status, 200);
});

test("another role ends the sessions that were opened under the old one", async () => {
	const { id, email, page } = await somebody(server, "carl@northwind.example", "admin");
	assert.equal((await page.api("GET", "/users")).status, 200);
	assert.equal((await server.api("PATCH", `/users/${id}`, { role: "viewer" })).status, 200);
	assert.equal((await page.api("POST", "/tokens", { name: "mine", role: "admin" })).status, 401);
	assert.equal((await page.signIn(email, "their own words")).status, 200);
	assert.equal((await page.api("POST", "/tokens", { name: "mine", role: "admin" })).status, 403);
	assert.equal((await page.api("GET", "/cards")).status, 200);
});

test("who is kept out is out at once, on every device, and a new session begins from nothing", async () => {
	const { id, email, page } = await somebody(server, "dora@northwind.example", "viewer");
	const other = browser(server);
	assert.equal((await other.signIn(email, "their own words")).status, 200);
	assert.equal((await server.api("PATCH", `/users/${id}`, { disabled: true })).status, 200);
	for (const p of [page, other]) assert.equal((await p.api("GET", "/me")).status, 401);
	assert.equal((await browser(server).signIn(email, "their own words")).status, 403);
	assert.equal((await server.api("PATCH", `/users/${id}`, { disabled: false })).status, 200);
	for (const p of [page, other]) assert.equal((await p.api("GET", "/me")).status, 401);
	assert.equal((await browser(server).signIn(email, "their own words")).status, 200);
});

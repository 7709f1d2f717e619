// People: invited, let in, changed, kept out.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ADMIN, as, browser, startServer } from "../lib/server.mjs";

let server;
before(async () => {
	server = await startServer({ env: { TRUEUP_SIGNIN_RATE: "0" } });
});
after(() => server?.stop());

async function invite(email, role = "viewer") {
	const made = await server.api("POST", "/users", { email, name: "Somebody", role });
	assert.equal(made.status, 201, made.text);
	return { user: made.body.user, token: made.body.link.split("#")[1], link: made.body.link };
}

async function join(email, role, password = "their own words") {
	const { user, token } = await invite(email, role);
	const page = browser(server);
	const answer = await page.api("POST", "/session", { token, password });
	assert.equal(answer.status, 200, answer.text);
	return { user, page, password };
}

test("an invitation lets one person choose a password, once", async () => {
	const { token, link, user } = await invite("bob@northwind.example", "approver");
	assert.ok(link.startsWith(server.url));
	const page = browser(server);
	const looked = await page.api("POST", "/session/link", { token });
	assert.deepEqual(looked.body, { kind: "invite", email: "bob@northwind.example", name: "Somebody" });
	assert.equal((await page.signIn("bob@northwind.example", "whatever it is")).status, 401);
	const none = await page.api("POST", "/session", { token });
	assert.equal(none.status, 400);
	assert.equal(none.body.errors[0].pointer, "/password");
	const done = await page.api("POST", "/session", { token, password: "their own words", name: "Bob" });
	assert.equal(done.status, 200, done.text);
	assert.equal(done.body.user.id, user.id);
	assert.equal(done.body.user.name, "Bob");
	assert.equal(done.body.user.role, "approver");
	assert.equal((await browser(server).api("POST", "/session", { token, password: "another try" })).status, 403);
	assert.equal((await browser(server).signIn("BOB@Northwind.example", "their own words")).status, 200);
});

test("a sign-in link signs in without a password, once, and only its own kind is asked for", async () => {
	const { user } = await join("quinn@northwind.example", "viewer");
	const made = await server.api("POST", `/users/${user.id}/link`, { kind: "sign-in" });
	assert.equal(made.status, 201, made.text);
	assert.ok(made.body.link.startsWith(`${server.url}/sign-in#`));
	assert.ok(Date.parse(made.body.expires_at) - Date.now() <= 30 * 60 * 1000);
	const token = made.body.link.split("#")[1];
	const page = browser(server);
	const done = await page.api("POST", "/session", { token });
	assert.equal(done.status, 200, done.text);
	assert.equal(done.body.user.id, user.id);
	assert.equal((await browser(server).api("POST", "/session", { token })).status, 403);
	assert.equal((await server.api("POST", `/users/${user.id}/link`, { kind: "setup" })).status, 400);
});

test("an address is taken once, whatever its case", async () => {
	await invite("carol@northwind.example");
	const again = await server.api("POST", "/users", { email: "Carol@Northwind.Example", role: "viewer" });
	assert.equal(again.status, 409);
	const bad = await server.api("POST", "/users", { email: "carol", role: "viewer" });
	assert.equal(bad.status, 400);
	assert.equal(bad.body.errors[0].pointer, "/email");
});

test("a role counts from the next request on", async () => {
	const { user, page, password } = await join("dave@northwind.example", "viewer");
	assert.equal((await page.api("GET", "/users")).status, 403);
	const changed = await server.api("PATCH", `/users/${user.id}`, { role: "admin" });
	assert.equal(changed.status, 200);
	assert.equal(changed.body.role, "admin");
	assert.equal((await page.api("GET", "/me")).status, 401);
	await page.signIn("dave@northwind.example", password);
	assert.equal((await page.api("GET", "/users")).status, 200);
	await server.api("PATCH", `/users/${user.id}`, { role: "viewer" });
});

test("a disabled user is out at once, and can be let in again", async () => {
	const { user, page, password } = await join("erin@northwind.example", "viewer");
	assert.equal((await page.api("GET", "/me")).status, 200);
	assert.equal((await server.api("PATCH", `/users/${user.id}`, { disabled: true })).status, 200);
	assert.equal((await page.api("GET", "/me")).status, 401);
	assert.equal((await browser(server).signIn("erin@northwind.example", password)).status, 403);
	assert.equal((await server.api("POST", `/users/${user.id}/link`)).status, 409);
	assert.equal((await server.api("PATCH", `/users/${user.id}`, { disabled: false })).status, 200);
	assert.equal((await browser(server).signIn("erin@northwind.example", password)).status, 200);
});

test("the last administrator cannot be locked out", async () => {
	const admin = (await server.api("GET", "/users")).body.items.find((u) => u.email === ADMIN.email);
	for (const change of [{ disabled: true }, { role: "viewer" }]) {
		const answer = await server.api("PATCH", `/users/${admin.id}`, change);
		assert.equal(answer.status, 409, JSON.stringify(change));
	}
	assert.equal((await browser(server).signIn()).status, 200);
});

test("a new link lets a user choose another password, and ends the old sessions", async () => {
	const { user, page, password } = await join("frank@northwind.example", "viewer");
	const made = await server.api("POST", `/users/${user.id}/link`);
	assert.equal(made.status, 201, made.text);
	const token = made.body.link.split("#")[1];
	const other = browser(server);
	assert.equal((await other.api("POST", "/session", { token, password: "another choice" })).status, 200);
	assert.equal((await page.api("GET", "/me")).status, 401);
	assert.equal((await browser(server).signIn("frank@northwind.example", password)).status, 401);
	assert.equal((await browser(server).signIn("frank@northwind.example", "another choice")).status, 200);
});

test("the list shows people and no hash; unknown ones are 404; viewers see nothing", async () => {
	const list = await server.api("GET", "/users?limit=1000");
	assert.ok(list.body.items.length >= 2);
	assert.ok(!/argon|hash/.test(list.text));
	assert.equal((await server.api("PATCH", "/users/000000000000000000000000", { role: "viewer" })).status, 404);
	const viewer = await as(server, "viewer");
	assert.equal((await viewer("GET", "/users")).status, 403);
	assert.equal((await viewer("POST", "/users", { email: "x@y.example", role: "admin" })).status, 403);
});

// Signing in by a header: believed from listed proxies, from nobody else, and never without a list.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ADMIN, freshStore, request, startServer, tempDir, trueup } from "../lib/server.mjs";

const HEADER = "X-Forwarded-Email";
const env = (from, more = {}) => ({ TRUEUP_PROXY_USER_HEADER: HEADER, TRUEUP_PROXY_FROM: from, TRUEUP_SIGNIN_RATE: "0", ...more });
const enter = (server, email) => request(`${server.url}/api/v1/session/proxy`, "GET", { headers: email === undefined ? {} : { [HEADER]: email } });
const cookies = (answer) => (answer.headers.getSetCookie?.() ?? []).map((c) => c.split(";")[0]).join("; ");

test("from a listed proxy the named user comes in, with the role and the end that they have here", async () => {
	const server = await startServer({ env: env("10.9.9.9, 127.0.0.0/8") });
	try {
		const answer = await enter(server, ADMIN.email);
		assert.equal(answer.status, 302, answer.text);
		assert.equal(answer.headers.get("location"), `${server.url}/`);
		const me = await request(`${server.url}/api/v1/session`, "GET", { headers: { cookie: cookies(answer) } });
		assert.deepEqual([me.status, me.body.role, me.body.user.email], [200, "admin", ADMIN.email]);
		assert.equal((await server.api("GET", "/audit?event=session.sso")).body.items.length, 1);
		const offer = async (headers) => (await request(`${server.url}/api/v1/session/sso`, "GET", { headers })).body.proxy;
		assert.deepEqual([await offer({ [HEADER]: ADMIN.email }), await offer({}), await offer({ [HEADER]: "" })], [ADMIN.email, null, null]);
		for (const [email, status] of [[undefined, 401], ["", 401], ["stranger@ours.example", 403], [`${ADMIN.email}, x@y.example`, 403]]) {
			const refused = await enter(server, email);
			assert.equal(refused.status, status, `${email}: ${refused.text}`);
			assert.equal(cookies(refused), "");
		}
		const made = await server.api("POST", "/users", { email: "bo@northwind.example", role: "viewer" });
		const patched = await server.api("PATCH", `/users/${made.body.user.id}`, { disabled: true });
		assert.equal(patched.status, 200, patched.text);
		assert.equal((await enter(server, "bo@northwind.example")).status, 403);
		// The header opens this one door only.
		const others = await request(`${server.url}/api/v1/cards`, "GET", { headers: { [HEADER]: ADMIN.email } });
		assert.equal(others.status, 401);
	} finally {
		await server.stop();
	}
});

for (const [what, from] of [["another address", "10.9.9.9"], ["a network that ends before", "127.0.0.2/31"], ["IPv6 only", "::1, fd00::/8"], ["all of ten", "10.0.0.0/8"]]) {
	test(`refused from elsewhere: ${what}`, async () => {
		const server = await startServer({ env: env(from) });
		try {
			const answer = await request(`${server.url}/api/v1/session/proxy`, "GET", {
				headers: { [HEADER]: ADMIN.email, "x-forwarded-for": "10.9.9.9", forwarded: "for=10.9.9.9", "x-real-ip": "10.9.9.9" },
			});
			assert.equal(answer.status, 403, answer.text);
			assert.match(answer.body.detail, /127\.0\.0\.1 is none of the proxies/);
			assert.equal(cookies(answer), "");
			const offer = await request(`${server.url}/api/v1/session/sso`, "GET", { headers: { [HEADER]: ADMIN.email } });
			assert.equal(offer.body.proxy, null, "nothing is offered either");
		} finally {
			await server.stop();
		}
	});
}

test("off unless it is set, and no start with a bad list or none", async () => {
	const server = await startServer();
	try {
		assert.equal((await enter(server, ADMIN.email)).status, 404);
	} finally {
		await server.stop();
	}
	for (const [from, words] of [["", /TRUEUP_PROXY_FROM is not/], ["proxy.example", /neither an address/], ["10.0.0.0/33", /10\.0\.0\.0\/33/], ["10.0.0.1/", /neither/], ["::1/129", /neither/], ["1.2.3.4/+8", /neither/]]) {
		const store = await freshStore();
		const done = await trueup(["serve", "--listen", "127.0.0.1:0", "--data", tempDir(), ...store.args], { env: env(from) });
		await store.drop();
		assert.equal(done.status === 0, false, from);
		assert.match(done.stderr, words);
	}
});

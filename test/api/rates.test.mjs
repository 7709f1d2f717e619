// How often one may ask: counted by the credential itself, whatever surrounds it, and by the address of those who have
// none. Nothing here waits for a clock: what may pass is the burst and what time has filled since.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { counting } from "../lib/measured.mjs";
import { ADMIN, as, browser, request, startServer, until } from "../lib/server.mjs";
import { caller, connect } from "../lib/vendor.mjs";

const BURST_SECONDS = 10;
const APP = 3;
const PUSH = 2;
const SIGNIN = 2;
const held = counting("rate_cases");

let server;
before(async () => {
	server = await startServer({
		args: ["--app-rate", String(APP), "--push-rate", String(PUSH), "--signin-rate", String(SIGNIN)],
	});
});
after(() => server?.stop());

const burst = (rate) => rate * BURST_SECONDS;
/** Most that can have passed of one bucket since then. */
const ceiling = (rate, since) => burst(rate) + Math.ceil((rate * (Date.now() - since)) / 1000) + 1;

/** Asks in every way in turn, more often than may pass. A bucket that others drew from before is not full. */
async function drain(rate, ways, { full = true } = {}) {
	const begun = Date.now();
	let passed = 0;
	const refused = [];
	for (let i = 0; i < ceiling(rate, begun) + 3 * ways.length || !refused.length; i++) {
		const answer = await ways[i % ways.length]();
		if (answer.status === 429) refused.push(answer);
		else passed++;
	}
	if (full) assert.ok(passed >= burst(rate) - 1, `only ${passed} passed`);
	assert.ok(passed <= ceiling(rate, begun), `${passed} passed`);
	return refused;
}

const get = (headers, path = "/api/v1/me") => request(server.url + path, "GET", { headers });

held("one token has its burst and its rate, and is told when to come again", async () => {
	const api = await as(server, "viewer");
	const refused = await drain(APP, [() => api("GET", "/me")]);
	for (const { headers, body } of refused) {
		assert.match(headers.get("retry-after"), /^[1-9]\d*$/);
		assert.match(headers.get("content-type"), /problem\+json/);
		assert.equal(body.status, 429);
	}
	await until(async () => (await api("GET", "/me")).status === 200, { ms: 60000, every: 300, what: "a refilled bucket" });
});

held("the same token in another spelling is the same", async () => {
	const { token } = await as(server, "viewer");
	const spellings = [`Bearer ${token}`, `bearer ${token}`, `BEARER ${token}`, `Bearer  ${token}`, `Bearer\t${token}`, `Bearer   ${token} x`];
	await drain(APP, spellings.map((authorization) => () => get({ authorization })));
});

held("the same token with other headers, cookies, addresses is the same", async () => {
	const { token } = await as(server, "viewer");
	const authorization = `Bearer ${token}`;
	let n = 0;
	await drain(APP, [
		() => get({ authorization, cookie: `trueup_session=s${n++}` }),
		() => get({ authorization, "x-forwarded-for": `10.0.0.${n++ % 250}`, forwarded: `for=10.1.0.${n % 250}`, "x-real-ip": "10.2.0.1" }),
		() => get({ authorization, "user-agent": `agent ${n++}` }),
		() => get({ authorization }, `/api/v1/me?n=${n++}`),
		() => get({ authorization }, "/api/v1/settings"),
	]);
});

held("two tokens do not take from each other", async () => {
	const one = await as(server, "viewer");
	const two = await as(server, "viewer");
	await drain(APP, [() => one("GET", "/me")]);
	for (let i = 0; i < burst(APP) - 1; i++) assert.equal((await two("GET", "/me")).status, 200);
});

held("a session among other cookies is the same session", async () => {
	const page = browser(server);
	assert.equal((await page.signIn()).status, 200);
	const session = `trueup_session=${page.cookies.get("trueup_session")}`;
	let n = 0;
	await drain(APP, [() => get({ cookie: session }), () => get({ cookie: `a=${n++}; ${session}` }), () => get({ cookie: `${session}; b=${n++}` })]);
});

held("sign-ins count by address, whatever is said of it and whoever it is for", async () => {
	let n = 0;
	const signIn = (email, headers = {}) => request(`${server.url}/api/v1/session`, "POST", { body: { email, password: "not it at all" }, headers });
	await drain(SIGNIN, [
		() => signIn(`nobody${n++}@northwind.example`),
		() => signIn(`nobody${n++}@northwind.example`, { "x-forwarded-for": `10.3.0.${n % 250}` }),
		() => signIn(`nobody${n++}@northwind.example`, { forwarded: `for=10.4.0.${n % 250}`, "x-client-ip": "10.5.0.1", "true-client-ip": "10.6.0.1" }),
		() => signIn(`nobody${n++}@northwind.example`, { authorization: `Bearer made-up-${n}` }),
	]);
});

held("another spelling of the address of a page is no way around", async () => {
	const paths = ["/api/v1/session/", "/api/v1//session", "/API/v1/session", "/api/v1/Session", "/api/v1/./session", "/api/v1/%73ession", "/api/v1/session;x", "/api/v1/session?x=1"];
	const signIn = (path) => request(server.url + path, "POST", { body: { email: ADMIN.email, password: "not it at all" } });
	const begun = Date.now();
	let passed = 0;
	for (let i = 0; i < 2 * burst(SIGNIN) + 2 * paths.length; i++) {
		const { status } = await signIn(paths[i % paths.length]);
		assert.ok([401, 404, 405, 429].includes(status), `${paths[i % paths.length]}: ${status}`);
		if (status === 401) passed++;
	}
	assert.ok(passed <= ceiling(SIGNIN, begun), `${passed} passed`);
});

held("one push token is the same in each alphabet of base64, with padding and without", async () => {
	const vendor = await connect(server);
	const spellings = [vendor.token, vendor.token.replace(/=+$/, ""), vendor.token.replaceAll("+", "-").replaceAll("/", "_")];
	const refused = await drain(PUSH, spellings.map((t) => () => caller(server, t).call("GET", "/organization")));
	for (const { headers, body } of refused) {
		assert.match(headers.get("retry-after"), /^[1-9]\d*$/);
		assert.equal(body.statusCode, 429);
	}
});

held("the half of a push token takes from the whole one's", async () => {
	const vendor = await connect(server);
	const half = caller(server, Buffer.from(`${vendor.vendor_key}:`).toString("base64"));
	await drain(PUSH, [() => vendor.call("GET", "/organization"), () => half.call("GET", "/organization")]);
});

held("who makes up tokens counts by address, and only the like of them wait", async () => {
	const { token } = await as(server, "viewer");
	let n = 0;
	const made = () => get({ authorization: `Bearer tu_${n}_${"x".repeat(40)}${n++}` });
	await drain(APP, [made, () => get({ cookie: `trueup_session=${"y".repeat(40)}${n++}` })]);
	// A page that asks nobody who he is, all the same.
	await drain(APP, [() => get({ authorization: `Bearer tu_${n}_${"z".repeat(40)}${n++}` }, "/api/v1/session")], { full: false });
	assert.equal((await get({ authorization: `Bearer ${token}` })).status, 200);
});

held("who makes up push tokens counts by address, and a vendor goes on", async () => {
	const vendor = await connect(server);
	let n = 0;
	await drain(PUSH, [() => caller(server, Buffer.from(`vk-${n}:pk-${n++}`).toString("base64")).call("GET", "/organization")], { full: false });
	assert.equal((await vendor.call("GET", "/organization")).status, 200);
});

held("who shows nothing counts by address", async () => {
	await drain(APP, [() => get({}), () => get({ authorization: "Basic eDp5" }), () => get({ cookie: "a=b" })]);
});

test("0 is no limit", async () => {
	const open = await startServer({ args: ["--app-rate", "0"] });
	try {
		for (let i = 0; i < 200; i++) assert.equal((await open.api("GET", "/me")).status, 200);
	} finally {
		await open.stop();
	}
});

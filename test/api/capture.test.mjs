// Raw answers, redacted: what is sent along with a question about a vendor must not say whose it is, or open anything.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { as, startServer, startSim } from "../lib/server.mjs";

let server;
before(async () => {
	server = await startServer();
});
after(() => server.stop());

async function connect(t, vendor, sim, settings) {
	t.after(() => sim.kill());
	const made = await server.api("POST", "/integrations", { vendor, settings });
	assert.equal(made.status, 201, made.text);
	return made.body.id;
}

test("a declared vendor: shape and figures stay, names, addresses, ids and secrets do not", async (t) => {
	const organization = (i, more = {}) => ({
		id: 7654321 + i,
		email: `anna.schmidt${i}@bakery.example`,
		organization_name: "Bäckerei Schmidt",
		plan: "Business Backup",
		status: "active",
		seats_used: 18,
		paid_shared_mailboxes: 2,
		storage_used: 123456789,
		created_at: "2026-01-31T10:00:00Z",
		authentication_token: "tok-never",
		api: { Key: "key-never", callback: "https://bakery.example/hook?x=1" },
		active: true,
		...more,
	});
	const routes = [{ path: "/users", items: [1, 2, 3, 4, 5].map((i) => organization(i)) }];
	const sim = await startSim("rest", { rest: { auth: { headers: { "X-Access-Token": "a-never" } }, routes } });
	const id = await connect(t, "dropsuite", sim, { api_url: sim.url, reseller_token: "r-never", access_token: "a-never" });
	const { status, body, text } = await server.api("POST", `/integrations/${id}/capture`);
	assert.equal(status, 200, text);
	assert.equal(body.vendor, "dropsuite");
	assert.equal(body.ended, "complete");
	assert.equal(body.answers.length, 1);
	assert.equal(body.answers[0].what, "GET /users");
	assert.equal(body.answers[0].body.length, 4);
	assert.equal(body.answers[0].body[3], "more left out: 2");
	assert.deepEqual(body.answers[0].body[0], {
		id: "0000000",
		email: "xxxx.xxxxxxx0@xxxxxx.xxxxxxx",
		organization_name: "xxxxxxxx xxxxxxx",
		plan: "Business Backup",
		status: "active",
		seats_used: 18,
		paid_shared_mailboxes: 2,
		storage_used: 123456789,
		created_at: "2026-01-31T10:00:00Z",
		authentication_token: "(removed)",
		api: { Key: "(removed)", callback: "xxxxx://xxxxxx.xxxxxxx/xxxx?x=0" },
		active: true,
	});
	assert.ok(!/never|bakery|schmidt|7654321/i.test(text));
	// Nothing was taken in, and the log says that it was done.
	assert.equal((await server.api("GET", `/integrations/${id}/accounts`)).body.items.length, 0);
	const log = (await server.api("GET", "/audit?limit=20")).body.items;
	assert.ok(log.some((row) => row.action === "integration.captured" || row.event === "integration.captured"), JSON.stringify(log[0]));
});

test("Coro and Comet; members that are named after somebody; refused credentials; who may", async (t) => {
	const users = {
		"anna.schmidt": { Username: "anna.schmidt", AccountName: "Bäckerei", CreationGUID: "guid-1", Devices: { "pc-of-anna": { FriendlyName: "x" } }, Sources: {}, Destinations: {} },
	};
	const sim = await startSim("comet", { comet: { settings: { username: "admin", password: "c-never" }, users, version: {} } });
	const settings = { url: sim.url, username: "admin", password: "c-never" };
	const id = await connect(t, "comet", sim, settings);
	const { body, text } = await server.api("POST", `/integrations/${id}/capture`);
	assert.equal(body.answers[0].what, "list-users-full");
	assert.deepEqual(Object.keys(body.answers[0].body), ["member01"]);
	assert.ok(!/anna|schmidt|never|guid-1/i.test(text), text);
	await server.api("PATCH", `/integrations/${id}`, { settings: { password: "wrong" } });
	assert.deepEqual((await server.api("POST", `/integrations/${id}/capture`)).body.ended, "unauthorized");
	const coro = await startSim("coro", {
		coro: { settings: { workspace: "msp_1" }, services: [], workspaces: [{ id: "bakery_4F2K_a", name: "Bakery", users: 1, devices: 1, modules: { edr: true } }] },
	});
	const coroId = await connect(t, "coro", coro, { base_url: coro.url, client_id: "coro-client", client_secret: "coro-secret", channel_workspace_id: "msp_1" });
	const got = await server.api("POST", `/integrations/${coroId}/capture`);
	assert.equal(got.body.ended, "complete");
	assert.ok(!/bakery/i.test(got.text), got.text);
	assert.ok(got.body.answers.some((a) => a.body.totalElements === 1));
	assert.equal((await (await as(server, "approver"))("POST", `/integrations/${id}/capture`)).status, 403);
	const pushed = (await server.api("POST", "/integrations", { vendor: "custom" })).body.id;
	assert.equal((await server.api("POST", `/integrations/${pushed}/capture`)).status, 409);
});

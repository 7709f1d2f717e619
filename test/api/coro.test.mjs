// Coro fetched: a month worked out by hand in both unit bases, paging, channels below channels, faults, zeros.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, test } from "node:test";
import { startMsp } from "../lib/msp.mjs";
import { jobDone, request, startServer, startSim, until } from "../lib/server.mjs";
import { sql } from "../lib/store.mjs";

let server;
before(async () => {
	server = await startServer();
});
after(() => server.stop());

const on = { cloudSecurity: true, ENDPOINT_SECURITY: { enabled: true }, edr: "ACTIVE", emailSecurity: false };

function fixture(workspaces, settings = {}) {
	return { coro: { settings: { workspace: "msp_9QX1_r", ...settings }, services: [], workspaces } };
}

async function connect(sim, more = {}) {
	const settings = {
		base_url: sim.url,
		client_id: "coro-client",
		client_secret: "coro-secret",
		channel_workspace_id: "msp_9QX1_r",
		...more,
	};
	const made = await server.api("POST", "/integrations", { vendor: "coro", settings });
	assert.equal(made.status, 201, made.text);
	return made.body.id;
}

async function sync(id, fail = false) {
	const answer = await server.api("POST", `/integrations/${id}/sync`);
	assert.equal(answer.status, 202, answer.text);
	return jobDone(server, answer.body.job, { fail });
}

/** {"account/service": units} of the newest counts, and the integration. */
async function look(id) {
	const accounts = (await server.api("GET", `/integrations/${id}/accounts?limit=1000`)).body.items;
	const services = (await server.api("GET", `/integrations/${id}/services?limit=1000`)).body.items;
	const name = Object.fromEntries([...accounts, ...services].map((x) => [x.id, x.name]));
	const counts = {};
	let cursor = "";
	do {
		const page = (await server.api("GET", `/integrations/${id}/observations?limit=1000${cursor}`)).body;
		for (const o of page.items) counts[`${name[o.account]}/${name[o.service]}`] = o.units;
		cursor = page.next_cursor ? `&cursor=${page.next_cursor}` : "";
	} while (cursor);
	const integration = (await server.api("GET", `/integrations/${id}`)).body;
	return { accounts, services, counts, integration };
}

test("a month by hand: both bases, trials and closed workspaces, channels below channels", async () => {
	const sim = await startSim(
		"coro",
		fixture([
			{ id: "northwind_4F2K_a", name: "Northwind", domain: "northwind.example", users: 30, devices: 27, modules: on },
			{ id: "cafe_1111_a", name: "Café Réunion", users: 4, devices: 0, modules: { edr: true }, bundles: ["coroEssentials"] },
			{ id: "trial_2222_a", name: "On trial", users: 9, devices: 9, modules: on, status: "Trial" },
			{ id: "closed_3333_a", name: "Closed to us", users: 9, devices: 9, modules: on, closed: true },
			{ id: "west_4444_r", name: "West region", type: "channel" },
			{ id: "deep_5555_a", name: "Deep", parent: "west_4444_r", users: 1, devices: 2, modules: { wifiPhishing: true } },
			{ id: "loop_6666_r", name: "Loop", type: "channel", parent: "west_4444_r" },
			{ id: "west_4444_r", name: "West region again", type: "channel", parent: "loop_6666_r" },
			{ id: "gone_7777_a", name: "Archived", archived: true, users: 5, devices: 5, modules: on },
		]),
	);
	const id = await connect(sim);
	const job = await sync(id);
	assert.deepEqual(job.result, { counts: 12, missing_accounts: 1 });
	const { counts, integration, accounts, services } = await look(id);
	assert.deepEqual(
		Object.fromEntries(Object.entries(counts).filter(([, units]) => units !== "0")),
		{
			"Northwind/Cloud Security (protected users)": "30",
			"Northwind/Cloud Security (protected devices)": "27",
			"Northwind/Endpoint Security (protected users)": "30",
			"Northwind/Endpoint Security (protected devices)": "27",
			"Northwind/EDR (protected users)": "30",
			"Northwind/EDR (protected devices)": "27",
			"Café Réunion/EDR (protected users)": "4",
			"Café Réunion/Coro Essentials bundle (protected users)": "4",
			"Deep/WiFi Phishing (protected users)": "1",
			"Deep/WiFi Phishing (protected devices)": "2",
		},
	);
	// Read to its end and not counted is zero; not read is missing.
	assert.equal(counts["On trial/EDR (protected users)"], "0");
	assert.equal(counts["Café Réunion/EDR (protected devices)"], "0");
	assert.equal(Object.keys(counts).filter((k) => k.startsWith("Closed to us")).length, 0);
	assert.deepEqual(accounts.map((a) => a.name).sort(), ["Café Réunion", "Closed to us", "Deep", "Northwind", "On trial"]);
	assert.equal(integration.state, "active");
	assert.equal(integration.coverage.gaps[0].name, "Closed to us");
	assert.match(integration.coverage.gaps[0].reason, /403/);
	assert.deepEqual(
		Object.fromEntries(services.map((s) => [s.name, s.unit_basis]).filter(([name]) => name.startsWith("EDR"))),
		{ "EDR (protected users)": "users", "EDR (protected devices)": "devices" },
	);
	assert.deepEqual(integration.secrets_set, ["client_secret"]);
	assert.ok(!JSON.stringify(integration).includes("coro-secret"));
	await sim.stop();
});

test("the unit basis that Coro told is the card's, until a mapping says another", async () => {
	const coro = await startSim("coro", fixture([{ id: "a_1", name: "Alder Dental", users: 9, devices: 7, modules: { edr: true } }]));
	const msp = await startMsp();
	const settings = { base_url: coro.url, client_id: "coro-client", client_secret: "coro-secret", channel_workspace_id: "msp_9QX1_r" };
	const made = await msp.server.api("POST", "/integrations", { vendor: "coro", settings });
	const at = `/integrations/${made.body.id}`;
	const read = async () => jobDone(msp.server, (await msp.server.api("POST", `${at}/sync`)).body.job);
	await read();
	const list = async (path) => (await msp.server.api("GET", path)).body.items;
	const [account] = await list(`${at}/accounts`);
	const service = (await list(`${at}/services`)).find((s) => s.unit_basis === "devices");
	const [customer] = await list("/psa/accounts?limit=1");
	const [product] = await list("/psa/products?limit=1");
	await msp.server.api("PUT", `${at}/accounts/${account.id}/mapping`, { status: "mapped", psa_account_id: customer.id });
	const map = async (more) => {
		const put = await msp.server.api("PUT", `${at}/services/${service.id}/mapping`, { status: "mapped", product_ids: [product.id], ...more });
		assert.equal(put.status, 200, put.text);
		await read();
		return (await list(`/cards?vendor=coro&account=${customer.id}`)).map((c) => [c.vendor_units, c.unit_basis]);
	};
	assert.deepEqual(await map({}), [["7", "devices"]]);
	assert.deepEqual(await map({ unit_basis: "users" }), [["7", "users"]]);
	await msp.server.stop();
	await msp.sim.stop();
	await coro.stop();
});

test("a workspace that is gone, and a module switched off, become zero", async () => {
	const sim = await startSim("coro", fixture([
		{ id: "a_1", name: "Stays", users: 3, devices: 3, modules: { edr: true, sase: true } },
		{ id: "b_2", name: "Leaves", users: 7, devices: 7, modules: { edr: true } },
	]));
	const id = await connect(sim);
	await sync(id);
	await fetch(`${sim.url}/_edit`, { method: "POST", body: JSON.stringify({ kind: "workspaces", id: "b_2", delete: true }) });
	await fetch(`${sim.url}/_edit`, { method: "POST", body: JSON.stringify({ kind: "workspaces", id: "a_1", set: { modules: { edr: true } } }) });
	await sync(id);
	const { counts, integration } = await look(id);
	assert.equal(counts["Leaves/EDR (protected users)"], "0");
	assert.equal(counts["Stays/SASE (protected devices)"], "0");
	assert.equal(counts["Stays/EDR (protected users)"], "3");
	assert.ok(integration.coverage.complete_at);
	await sim.stop();
});

test("240 workspaces on pages of 100, also as a bare array; a server that ignores the page is noticed", async () => {
	const many = Array.from({ length: 240 }, (_, i) => ({ id: `w${i}`, name: `Customer ${i}`, users: i, devices: 1, modules: { edr: true } }));
	for (const settings of [{}, { bare_array: true }]) {
		const sim = await startSim("coro", fixture(many, settings));
		const id = await connect(sim);
		await sync(id);
		assert.equal((await look(id)).accounts.length, 240);
		await sim.stop();
	}
	const sim = await startSim("coro", fixture(many, { ignore_page: true }));
	const id = await connect(sim);
	const job = await sync(id, true);
	assert.equal(job.state, "failed");
	assert.match(job.error, /told of 240 workspaces and showed/);
	assert.equal((await look(id)).accounts.length, 0);
	await sim.stop();
});

test("wrong credentials: the integration is in error with Coro's words, and old counts stay", async () => {
	const sim = await startSim("coro", fixture([{ id: "a_1", name: "A", users: 3, devices: 3, modules: { edr: true } }]));
	const id = await connect(sim);
	await sync(id);
	assert.equal((await server.api("PATCH", `/integrations/${id}`, { settings: { client_secret: "wrong" } })).status, 200);
	const job = await sync(id, true);
	assert.equal(job.state, "failed");
	assert.match(job.error, /does not accept the client ID and secret: access_denied/);
	let seen = await look(id);
	assert.equal(seen.integration.state, "error");
	assert.match(seen.integration.state_detail, /API Credentials/);
	assert.equal(seen.counts["A/EDR (protected users)"], "3");
	const tested = (await server.api("POST", `/integrations/${id}/test`)).body;
	assert.equal(tested.ok, false);
	// Three days later nothing new has come: what was counted is still there, and called old.
	const fresh = seen.integration.coverage;
	assert.deepEqual([fresh.pairs, fresh.known, fresh.stale], [2, 2, 0]);
	await server.pause();
	const late = 3 * 86400 * 1000000;
	await sql(server, `UPDATE counts SET observed_at = observed_at - ${late}; UPDATE integrations SET covered_at = covered_at - ${late};`);
	server = await server.restart();
	const aged = (await server.api("GET", `/integrations/${id}`)).body;
	assert.deepEqual([aged.state, aged.coverage.known, aged.coverage.stale], ["error", 0, 2]);
	// An empty secret keeps the stored one; the right one mends it.
	await server.api("PATCH", `/integrations/${id}`, { settings: { client_secret: "coro-secret" } });
	await server.api("PATCH", `/integrations/${id}`, { settings: { client_secret: "", region: "eu" } });
	await sync(id);
	seen = await look(id);
	assert.equal(seen.integration.state, "active");
	assert.equal((await server.api("POST", `/integrations/${id}/test`)).body.ok, true);
	await sim.stop();
});

test("the other audience is tried, and a token that runs out is renewed", async () => {
	const sim = await startSim("coro", fixture(
		[{ id: "a_1", name: "A", users: 3, devices: 3, modules: { edr: true } }],
		{ audience: "https://api.secure.coro.net", token_seconds: 400 },
	));
	const id = await connect(sim);
	await sync(id);
	assert.equal((await look(id)).counts["A/EDR (protected users)"], "3");
	await sim.faults([{ match: { method: "GET", path: "/v1/users" }, do: "status", status: 401, times: 1 }]);
	await sync(id);
	await sim.stop();
});

test("429 and 500 pass; one workspace that keeps failing is missing, Coro being down ends the reading", async () => {
	const rows = Array.from({ length: 5 }, (_, i) => ({ id: `w${i}`, name: `W${i}`, users: i + 1, devices: 1, modules: { edr: true } }));
	const sim = await startSim("coro", fixture(rows));
	const id = await connect(sim);
	await sim.faults([
		{ match: { method: "GET", path: "/v1/devices" }, do: "status", status: 429, retry_after: 1, times: 1 },
		{ match: { method: "GET", path: "/v1/users" }, do: "status", status: 500, times: 1 },
		{ match: { method: "GET", path: "/v1/subscriptions" }, do: "truncate", times: 1, skip: 1 },
	]);
	const job = await sync(id);
	assert.equal(job.result.missing_accounts, 1);
	const { counts, integration } = await look(id);
	assert.equal(counts["W0/EDR (protected users)"], "1");
	assert.equal(counts["W1/EDR (protected users)"], undefined);
	assert.match(integration.coverage.gaps[0].reason, /cannot be read/);
	await sim.faults([{ match: { method: "GET", path: "/v1/users" }, do: "status", status: 503, times: 1000 }]);
	const down = await sync(id, true);
	assert.equal(down.state, "failed");
	assert.equal((await look(id)).counts["W4/EDR (protected users)"], "5");
	await sim.stop();
});

test("settings: required ones, unknown ones, nothing at all", async () => {
	const post = (settings) => server.api("POST", "/integrations", { vendor: "coro", settings });
	assert.equal((await post({})).status, 201);
	const missing = await post({ client_secret: "x" });
	assert.equal(missing.status, 400);
	assert.equal(missing.body.errors[0].pointer, "/settings/client_id");
	assert.equal((await post({ nonsense: "x" })).body.errors[0].pointer, "/settings/nonsense");
	const plain = (await server.api("POST", "/integrations", { vendor: "coro" })).body;
	assert.equal((await server.api("POST", `/integrations/${plain.id}/test`)).status, 409);
});

test("a webhook is a reason to read soon, when its signature fits; its body is no figure", async () => {
	const sim = await startSim("coro", fixture([{ id: "a_1", name: "A", users: 3, devices: 3, modules: { edr: true } }]));
	const id = await connect(sim, { webhook_secret: "hook-secret" });
	const org = (await server.api("GET", "/me")).body.organization.id;
	const hook = (integration, signature, hookId = "h1") =>
		request(`${server.url}/api/hooks/${org}/${integration}`, "POST", {
			body: { data: { protectedCount: 999 } },
			headers: { "X-Coro-Hook-Id": hookId, "X-Coro-Signature": signature },
		});
	const mac = createHmac("sha256", "hook-secret").update("h1");
	const digest = mac.digest();
	assert.equal((await hook(id, digest.toString("hex"))).status, 202);
	assert.equal((await hook(id, digest.toString("base64"))).status, 202);
	assert.equal((await hook(id, digest.toString("hex"), "h2")).status, 401);
	assert.equal((await hook("000000000000000000000000", digest.toString("hex"))).status, 401);
	const plain = await connect(sim);
	assert.equal((await hook(plain, digest.toString("hex"))).status, 401);
	const jobs = (await server.api("GET", "/jobs?kind=integration_sync")).body.items.filter((j) => j.created_by === "webhook");
	assert.equal(jobs.length, 1);
	await sim.stop();
});

test("a key that is known to end is warned of ahead of time; its last day must be a day", async () => {
	const sim = await startSim("coro", fixture([{ id: "a_1", name: "A", users: 3, devices: 3, modules: { edr: true } }]));
	const inDays = (n) => new Date(Date.now() + n * 86400000).toISOString().slice(0, 10);
	const alarm = async () => (await server.api("GET", "/alarms")).body.items.find((a) => a.name === "credentials");
	const id = await connect(sim, { credentials_expire: inDays(90) });
	const set = (day) => server.api("PATCH", `/integrations/${id}`, { settings: { credentials_expire: day } });
	const credentials = async () => (await server.api("GET", `/integrations/${id}`)).body.credentials;
	assert.deepEqual({ ...(await credentials()), days_left: 90 }, { expire: inDays(90), days_left: 90, warning: null });
	const wrong = await set("31.12.2026");
	assert.equal(wrong.status, 400, wrong.text);
	assert.equal(wrong.body.errors[0].pointer, "/settings/credentials_expire");

	assert.equal((await set(inDays(5))).status, 200);
	const soon = await credentials();
	assert.ok(soon.days_left >= 4 && soon.days_left <= 5, JSON.stringify(soon));
	assert.match(soon.warning, /The key of Coro ends on .* in [45] days\. Make a new one/);
	server = await server.restart();
	await until(async () => (await alarm())?.detail.includes(soon.expire), { what: "the alarm", ms: 60000 });

	assert.equal((await set(inDays(-2))).status, 200);
	assert.match((await credentials()).warning, /The key of Coro has ended on/);
	assert.equal((await set(inDays(400))).status, 200);
	assert.equal((await credentials()).warning, null);
	server = await server.restart();
	await until(async () => !(await alarm()), { what: "the end of the alarm", ms: 60000 });
	const none = await connect(sim);
	assert.equal((await server.api("GET", `/integrations/${none}`)).body.credentials, null);
	await sim.stop();
});

test("a form that changed: what cannot be read keeps its old count and is named; what is only new goes by", async () => {
	const rows = (over) => ["a", "b", "c"].map((w, i) => ({ id: w, name: w.toUpperCase(), users: i + 1, devices: 1, modules: { edr: true }, ...over[w] }));
	const sims = [];
	const sim = async (over = {}, settings = {}) => {
		sims.push(await startSim("coro", fixture(rows(over), settings)));
		return sims.at(-1);
	};
	const id = await connect(await sim());
	await sync(id);
	const first = (await look(id)).counts;
	assert.deepEqual([first["A/EDR (protected users)"], first["C/EDR (protected users)"]], ["1", "3"]);
	const to = async (other, fail) => {
		assert.equal((await server.api("PATCH", `/integrations/${id}`, { settings: { base_url: other.url } })).status, 200);
		return sync(id, fail);
	};

	// One workspace each time: it is missing with the field's name, the others go on, and nothing becomes zero.
	for (const [changed, field] of [
		[{ modules: ["edr"] }, /"modules"/],
		[{ modules: { edr: 1 } }, /"modules\.edr"/],
		[{ modules: { edr: { isEnabled: true } } }, /"modules\.edr"/],
		[{ bundles: { essentials: true } }, /"bundles"/],
		[{ subscription: { products: { edr: true } } }, /"modules"/],
	]) {
		const job = await to(await sim({ a: changed, b: { users: 7 } }));
		const { counts, integration } = await look(id);
		assert.equal(job.result.missing_accounts, 1, JSON.stringify(changed));
		assert.match(integration.coverage.gaps[0].reason, field);
		assert.deepEqual([counts["A/EDR (protected users)"], counts["B/EDR (protected users)"]], ["1", "7"]);
	}

	// All of them: the reading fails with the field's name, and what was counted stays.
	for (const [settings, field] of [[{ items_as: "results" }, /"items"/], [{ total_as: "count" }, /totalElements/]]) {
		const job = await to(await sim({}, settings), true);
		assert.equal(job.state, "failed");
		assert.match(job.error, field);
		const { counts, integration } = await look(id);
		assert.equal(integration.state, "error");
		assert.deepEqual([counts["A/EDR (protected users)"], counts["B/EDR (protected users)"]], ["1", "7"]);
	}

	// A state nobody knows, members nobody asked for and a module that is new are no reason to stop.
	const job = await to(await sim({ a: { status: "PLATINUM", modules: { edr: true, quantumShield: { enabled: true, since: 3 } } } }));
	assert.equal(job.result.missing_accounts ?? 0, 0);
	const { counts, integration } = await look(id);
	assert.equal(integration.state, "active");
	assert.deepEqual([counts["A/EDR (protected users)"], counts["A/Quantum Shield (protected users)"]], ["1", "1"]);
	for (const each of sims) await each.stop();
});

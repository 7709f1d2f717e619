// The simulators themselves: what other tests lean on must hold.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { request, startSim } from "../lib/server.mjs";

const SMALL = "sim/fixtures/small.json";
const KEYS = `Basic ${Buffer.from("alderridge+pubSmall00000001:prvSmall00000001").toString("base64")}`;

/** A ConnectWise simulator of its own, and `call(method, path, body)` that signs in. */
async function connectwise(t, fixture = SMALL) {
	const sim = await startSim("connectwise", fixture);
	t.after(() => sim.stop());
	const call = (method, path, body, headers = {}) =>
		request(`${sim.url}/v2025_1/apis/3.0${path}`, method, {
			body,
			headers: { authorization: KEYS, clientid: "11111111-2222-3333-4444-555555555555", ...headers },
		});
	const edit = async (body) => assert.equal((await request(`${sim.url}/_edit`, "POST", { body })).status, 200);
	return { sim, call, edit };
}

const quantity = (value) => [{ op: "replace", path: "quantity", value }];
const LINE = "/finance/agreements/77/additions/4410";
const where = (text) => `?conditions=${encodeURIComponent(text)}`;

test("discovery tells the codebase, and null for an unknown company", async (t) => {
	const { sim, call, edit } = await connectwise(t);
	const info = await request(`${sim.url}/login/companyinfo/alderridge`, "GET");
	assert.equal(info.body.Codebase, "v2025_1/");
	assert.equal((await request(`${sim.url}/login/companyinfo/nobody`, "GET")).text, "null");
	await edit({ settings: { codebase: "v2025_2/" } });
	assert.equal((await call("GET", "/system/info")).status, 404);
});

test("keys and clientId are checked", async (t) => {
	const { call } = await connectwise(t);
	assert.equal((await call("GET", "/system/info")).status, 200);
	assert.equal((await call("GET", "/system/info", undefined, { authorization: "Basic eDp5" })).status, 401);
	assert.equal((await call("GET", "/system/info", undefined, { clientid: "" })).body.code, "ConnectWiseApi");
});

test("a right that the role lacks answers 403 for that level only", async (t) => {
	const { call, edit } = await connectwise(t);
	await edit({ settings: { deny: ["agreements.edit", "catalog.inquire"] } });
	assert.equal((await call("GET", LINE)).status, 200);
	assert.equal((await call("PATCH", LINE, quantity(1))).status, 403);
	assert.equal((await call("GET", "/procurement/catalog")).status, 403);
	await edit({ settings: { deny: [], deny_types: [5] } });
	assert.equal((await call("PATCH", LINE, quantity(1))).status, 403);
	assert.equal((await call("GET", LINE)).body.quantity, 24);
});

test("conditions filter, childConditions look into arrays, an unknown field is refused", async (t) => {
	const { call } = await connectwise(t);
	const ids = async (path) => (await call("GET", path)).body.map((row) => row.id);
	const additions = "/finance/agreements/77/additions";
	assert.deepEqual(await ids(additions + where('product/identifier="coro-edr"')), [4410]);
	assert.deepEqual(await ids(additions + where("cancelledDate=null and not (quantity>=30)")), [4410]);
	assert.deepEqual(await ids(additions + where("effectiveDate>[2025-01-01T00:00:00Z]")), []);
	assert.deepEqual(await ids(`/finance/agreements${where("company/id in (250, 252)")}`), [77, 79]);
	assert.deepEqual(await ids(`/company/companies${where('name like "*foods" or name contains "tarn"')}`), [251, 252]);
	assert.deepEqual(await ids("/company/companies?childConditions=types/id=2"), []);
	const bad = await call("GET", `/finance/agreements${where("colour=1")}`);
	assert.equal(bad.status, 400);
	assert.equal(bad.body.errors[0].field, "colour");
});

test("pages carry links, forward-only goes by id, sizes are bounded, fields are cut", async (t) => {
	const { call } = await connectwise(t);
	const first = await call("GET", "/company/companies?pageSize=2&orderBy=name%20desc&fields=id,name");
	assert.deepEqual(first.body, [
		{ id: 252, name: "Tarn & Co" },
		{ id: 250, name: "Northwind Dental" },
	]);
	assert.match(first.headers.get("link"), /[?&]page=2>; rel="next"/);
	const last = await call("GET", "/company/companies?pageSize=2&page=2");
	assert.equal(last.body.length, 1);
	assert.doesNotMatch(last.headers.get("link"), /rel="next"/);
	const forward = await call("GET", "/company/companies?pageSize=2&pageId=250", undefined, {
		"pagination-type": "forward-only",
	});
	assert.deepEqual(forward.body.map((row) => row.id), [251, 252]);
	assert.equal(forward.headers.get("link"), null);
	assert.equal((await call("GET", "/company/companies?pageSize=1001")).body.errors[0].code, "OutOfRange");
	assert.deepEqual((await call("GET", "/finance/agreements/77/additions/count")).body, { count: 2 });
});

test("a PATCH recomputes, stamps, and is in the ledger with before and after", async (t) => {
	const { sim, call } = await connectwise(t);
	const ops = [...quantity(27), { op: "replace", path: "product/identifier", value: "X" }, { op: "replace", path: "extPrice", value: 1 }];
	const answer = await call("PATCH", LINE, ops);
	assert.equal(answer.status, 200);
	assert.equal(answer.body.billedQuantity, 27);
	assert.equal(answer.body.extPrice, 162);
	assert.equal(answer.body.product.identifier, "CORO-EDR");
	assert.match(answer.text, /"quantity":27\.0/);
	const { items, requests } = await sim.ledger();
	assert.deepEqual(items.map((i) => [i.method, i.before.quantity, i.after.quantity]), [["PATCH", 24, 27]]);
	assert.notEqual(items[0].before._info.lastUpdated, items[0].after._info.lastUpdated);
	assert.equal(requests.by["PATCH /v2025_1/apis/*/finance/agreements/*/additions/*"], 1);
	const trail = await call("GET", "/system/audittrail?type=AgreementAddition&id=4410");
	assert.match(trail.body[0].text, /quantity changed to 27/);
});

test("what is wrong in a PATCH or POST is named, and nothing is changed", async (t) => {
	const { sim, call } = await connectwise(t);
	const field = async (method, path, body) => {
		const answer = await call(method, path, body);
		assert.equal(answer.status, 400, answer.text);
		return answer.body.errors[0].field;
	};
	const date = (value) => [...quantity(1), { op: "replace", path: "cancelledDate", value }];
	assert.equal(await field("PATCH", LINE, quantity("many")), "quantity");
	assert.equal(await field("PATCH", LINE, date("2026-01-31")), "cancelledDate");
	assert.equal(await field("PATCH", LINE, date("2023-01-31T00:00:00Z")), "cancelledDate");
	assert.equal(await field("PATCH", LINE, [{ op: "test", path: "quantity", value: 1 }]), "op");
	const line = { product: { id: 901 }, quantity: 1, billCustomer: "Billable" };
	const path = "/finance/agreements/78/additions";
	assert.equal(await field("POST", path, { ...line, billCustomer: undefined }), "billCustomer");
	assert.equal(await field("POST", path, { ...line, product: { id: 1 } }), "product");
	assert.equal((await call("POST", "/finance/agreements/99/additions", line)).status, 404);
	assert.equal((await call("PUT", LINE, line)).status, 405);
	assert.deepEqual((await sim.ledger()).items, []);
	assert.equal((await call("POST", path, line)).status, 201);
	assert.equal((await sim.ledger()).items.length, 1);
});

test("a bundle cannot be added; tickets are made and found", async (t) => {
	const { call } = await connectwise(t, "sim/fixtures/demo.json").then(async (x) => {
		await x.edit({ settings: { public_key: "pubSmall00000001", private_key: "prvSmall00000001" } });
		return x;
	});
	const bundle = { product: { id: 908 }, quantity: 1, billCustomer: "Billable" };
	const agreement = (await call("GET", "/finance/agreements?pageSize=1")).body[0].id;
	assert.equal((await call("POST", `/finance/agreements/${agreement}/additions`, bundle)).body.errors[0].field, "product");
	const made = await call("POST", "/service/tickets", { summary: "s", company: { id: 250 }, externalXRef: "k-1" });
	assert.equal(made.status, 201);
	assert.equal(made.body.status.name, "New");
	const found = await call("POST", "/service/tickets/search", { conditions: 'externalXRef="k-1"' });
	assert.deepEqual(found.body.map((row) => row.id), [made.body.id]);
});

test("each fault does what its name says", async (t) => {
	const { sim, call } = await connectwise(t);
	const patch = (value) => call("PATCH", LINE, quantity(value));
	const now = async () => (await call("GET", LINE)).body.quantity;
	const match = { method: "PATCH", path: "/additions/" };

	await sim.faults([{ match, do: "status", status: 429, retry_after: 7 }]);
	const limited = await patch(25);
	assert.deepEqual([limited.status, limited.headers.get("retry-after"), await now()], [429, "7", 24]);

	await sim.faults([{ match, do: "status_after_apply", status: 503, times: 1 }]);
	assert.deepEqual([(await patch(26)).status, await now()], [503, 26]);

	await sim.faults([{ match, do: "reset_after_apply" }]);
	await assert.rejects(patch(27));
	assert.equal(await now(), 27);

	await sim.faults([{ match, do: "reset" }]);
	await assert.rejects(patch(28));
	assert.equal(await now(), 27);

	await sim.faults([{ match, do: "timeout_after_apply", delay_ms: 300 }]);
	await assert.rejects(patch(29));
	assert.equal(await now(), 29);

	await sim.faults([{ match, ignore_patch: true }]);
	assert.deepEqual([(await patch(30)).status, await now()], [200, 29]);

	await sim.faults([{ match: { path: "/companies" }, truncate: true, skip: 1, times: 1 }]);
	assert.equal((await call("GET", "/company/companies")).status, 200);
	await assert.rejects(call("GET", "/company/companies"), SyntaxError);
	assert.equal((await call("GET", "/company/companies")).status, 200);
	assert.deepEqual((await sim.ledger()).items.map((i) => i.after.quantity), [26, 27, 29]);
	const bad = await request(`${sim.url}/_faults`, "POST", { body: [{ do: "nonsense" }] });
	assert.equal(bad.status, 400);
});

test("an edit from outside stamps the record but is no write of the API", async (t) => {
	const { sim, call, edit } = await connectwise(t);
	await edit({ kind: "additions", id: 4410, set: { quantity: 31 } });
	await edit({ kind: "agreements", id: 77, set: { cancelledFlag: true } });
	const line = (await call("GET", LINE)).body;
	assert.equal(line.quantity, 31);
	assert.notEqual(line._info.lastUpdated, "2024-06-01T08:00:00Z");
	assert.equal((await call("GET", "/finance/agreements/77")).body.agreementStatus, "Cancelled");
	assert.deepEqual((await sim.ledger()).items, []);
});

test("the rate limit answers 429 with Retry-After", async (t) => {
	const { call, edit } = await connectwise(t);
	await edit({ settings: { rate_limit: 2 } });
	const all = [];
	for (let i = 0; i < 4; i++) all.push(await call("GET", "/system/info"));
	assert.deepEqual(all.map((a) => a.status), [200, 200, 429, 429]);
	assert.ok(Number(all[3].headers.get("retry-after")) >= 1);
});

// ---------------------------------------------------------------------------------------------- Coro

/** The receiving side, as small as it can be: keeps what came, answers in the vendor API's shapes. */
let partner;
before(async () => {
	partner = { calls: [], accounts: [], skus: [], token: "dDp0", slow: 0 };
	const server = createServer(async (req, res) => {
		let text = "";
		for await (const part of req) text += part;
		const body = text ? JSON.parse(text) : null;
		partner.calls.push({ method: req.method, path: req.url, body });
		const send = (status, value, headers = {}) => {
			res.writeHead(status, { "content-type": "application/json", ...headers });
			res.end(JSON.stringify(value));
		};
		const at = req.url.replace("/api/vendor-api", "");
		if (req.headers["gradient-token"] !== partner.token) return send(401, { statusCode: 401, message: "Unauthorized" });
		if (at === "/organization") return send(200, { status: "inactive" });
		if (at === "/organization/accounts" && req.method === "GET") return send(200, partner.accounts);
		if (at === "/organization/accounts") return partner.accounts.push(...body), send(201, body);
		if (at === "") return send(200, { data: { skus: partner.skus } });
		if (at === "/service") return partner.skus.push({ id: `s${partner.skus.length}`, ...body }), send(201, { skus: partner.skus });
		if (at.endsWith("/count") && partner.slow-- > 0) return send(429, { statusCode: 429 }, { "retry-after": "1" });
		if (at.endsWith("/count")) return send(201, { status: 201, message: "Unit count stored" });
		return send(200, {});
	});
	await new Promise((done) => server.listen(0, "127.0.0.1", done));
	partner.url = `http://127.0.0.1:${server.address().port}`;
	partner.close = () => (server.closeAllConnections(), server.close());
});
after(() => partner.close());

const countsSent = () => partner.calls.filter((c) => c.path.endsWith("/count")).map((c) => c.body);

test("Coro pushes accounts, services and counts, and tells how they were answered", async (t) => {
	const sim = await startSim("coro", SMALL);
	t.after(() => sim.stop());
	const post = (path, body) => request(`${sim.url}${path}`, "POST", { body });

	assert.equal((await post("/_push")).status, 409);
	const wrong = await post("/_connect", { token: "bm8=", target: partner.url });
	assert.equal(wrong.body.state, "rejected");

	partner.calls.length = 0;
	partner.slow = 1;
	const connected = await post("/_connect", { token: ` ${partner.token}\n`, target: `${partner.url}/` });
	assert.deepEqual([connected.body.state, connected.body.sent, connected.body.error], ["connected", 5, null]);
	assert.deepEqual(partner.accounts.map((a) => a.name), ["Northwind Dental", "Kestrel Foods", "Tarn & Company"]);
	assert.deepEqual(partner.skus.map((s) => s.name), ["Cloud Security", "Email Security", "Endpoint Security", "EDR"]);
	assert.deepEqual(partner.calls.slice(0, 2).map((c) => `${c.method} ${c.path}`), [
		"GET /api/vendor-api/organization",
		"PATCH /api/vendor-api/organization/status/active",
	]);
	assert.equal(connected.body.refused, 1);

	partner.calls.length = 0;
	await post("/_usage", { workspace: "Tarn & Company", service: "EDR", count: 9 });
	await post("/_usage", { workspace: "Kestrel Foods", service: "EDR", count: null });
	await post("/_usage", { workspace: "Kestrel Foods", service: "Email Security", count: 0 });
	assert.equal((await post("/_push")).body.sent, 3);
	assert.deepEqual(countsSent().map((b) => b.unitCount), [30, 27, 9]);
	assert.equal(partner.accounts.length, 3);
	assert.equal(partner.skus.length, 4);
	const { items } = await sim.ledger();
	assert.equal(items.at(-1).status, 201);
	assert.equal(JSON.parse(items.at(-1).answer).message, "Unit count stored");
});

test("the console page has the connector form, and its ADD does the same", async (t) => {
	const sim = await startSim("coro", SMALL);
	t.after(() => sim.stop());
	const page = await (await fetch(`${sim.url}/`)).text();
	for (const words of ["Control Panel", "Workspace", "Connectors", "PSA", "Connect via Gradient", "ADD", 'name="token"'])
		assert.ok(page.includes(words), words);
	partner.calls.length = 0;
	const form = new URLSearchParams({ token: partner.token, target: partner.url });
	const answer = await fetch(`${sim.url}/console/connect`, { method: "POST", body: form });
	assert.equal(answer.status, 200);
	for (let i = 0; i < 100 && (await (await fetch(`${sim.url}/`)).text()).includes('class="state">pushing'); i++)
		await new Promise((r) => setTimeout(r, 50));
	assert.match(await (await fetch(`${sim.url}/`)).text(), /class="state">connected/);
	assert.equal(countsSent().length, 5);
});

test("nobody at the other end is told as such", async (t) => {
	const sim = await startSim("coro", SMALL);
	t.after(() => sim.stop());
	const answer = await request(`${sim.url}/_connect`, "POST", { body: { token: "x", target: "http://127.0.0.1:9" } });
	assert.equal(answer.body.state, "failed");
	assert.match(answer.body.error, /no answer from http:\/\/127\.0\.0\.1:9/);
});

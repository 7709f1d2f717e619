// The examples of the push API's reference, one after the other, as each client sends them; every answer compared byte
// for byte. Ids and times that the server chooses are put into the expected text where they belong.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { connect, JSON_TYPE, startVendor } from "../lib/vendor.mjs";
import { startServer } from "../lib/server.mjs";

const HEX = /^[0-9a-f]{24}$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
let server, vendor, org, profile;
const seen = {};

before(async () => {
	({ server, vendor } = await startVendor());
});
after(() => server?.stop());

/** Sends, checks status, type and ASCII, and gives the text. */
async function send(status, method, path, body, options) {
	const answer = await vendor.call(method, path, body, options);
	assert.equal(answer.status, status, answer.text);
	assert.equal(answer.headers.get("content-type"), JSON_TYPE);
	assert.match(answer.text, /^[\x20-\x7e]+$/);
	return answer;
}

async function expect(status, text, ...request) {
	assert.equal((await send(status, ...request)).text, text);
}

/** The text of the integration; ids are learnt from the first answer and must stay. */
function integration(status, synced = "1900-01-01T00:00:00.000Z") {
	return (
		`{"organizationId":"${org}","name":"Northwind IT","vendorId":"${profile}","vendorName":"Nimbus Vault",` +
		`"integrationId":"${vendor.id}","status":"${status}","lastSyncedAt":"${synced}"}`
	);
}

test("E1 credential check", async () => {
	const { text, body } = await send(200, "GET", "/organization");
	org = body.organizationId;
	profile = body.vendorId;
	for (const id of [org, profile, vendor.id]) assert.match(id, HEX);
	assert.equal(text, integration("inactive"));
});

test("E2 bad token", async () => {
	const stranger = Buffer.from("vk-demo-7Qm2Zt81:pk-demo-X91cLw40").toString("base64");
	for (const headers of [{ "Gradient-Token": stranger }, { "Gradient-Token": "" }])
		await expect(401, '{"statusCode":401,"message":"Unauthorized"}', "GET", "/organization", undefined, { headers });
});

test("E3 status, no body", async () => {
	const want = (state) => `{"data":${integration(state)},"status":200,"message":"Integration status updated"}`;
	await expect(200, want("active"), "PATCH", "/organization/status/active");
	await expect(200, want("pending"), "PATCH", "/organization/status/pending");
	await expect(200, integration("pending"), "GET", "/organization");
});

test("E4 no accounts yet", () => expect(200, "[]", "GET", "/organization/accounts"));

test("E5 create account, SDK helper", () =>
	expect(
		201,
		'[{"id":"20817","name":"Kestrel Dental","description":"","isMapped":false}]',
		"POST",
		"/organization/accounts",
		'[\r\n  {\r\n    "name": "Kestrel Dental",\r\n    "description": "",\r\n    "id": "20817"\r\n  }\r\n]',
	));

test("E6 create accounts, CIPP bulk", () =>
	expect(
		201,
		'[{"id":"fennwick.onmicrosoft.example","name":"Fennwick","description":"fennwick.onmicrosoft.example","isMapped":false},' +
			'{"id":"orielfoods.example","name":"Oriel Foods","description":"orielfoods.example","isMapped":false}]',
		"POST",
		"/organization/accounts",
		'[{"name":"Fennwick","description":"fennwick.onmicrosoft.example","id":"fennwick.onmicrosoft.example"},\n' +
			' {"name":"Oriel Foods","description":"orielfoods.example","id":"orielfoods.example"}]',
	));

test("E7 create account, CIPP with exactly one new tenant: bare object", () =>
	expect(
		201,
		'[{"id":"tarnco.example","name":"Tarn & Co","description":"tarnco.example","isMapped":false}]',
		"POST",
		"/organization/accounts",
		'{"name":"Tarn & Co","description":"tarnco.example","id":"tarnco.example"}',
	));

test("E8 CIPP alert bug", async () => {
	await expect(
		400,
		'{"statusCode":400,"message":["[0].name must be a non-empty string","[0].id must be a non-empty string"],"error":"Bad Request"}',
		"POST",
		"/organization/accounts",
		'[{"name":null,"description":null,"id":null}]',
	);
	assert.equal((await send(200, "GET", "/organization/accounts")).body.length, 4);
});

test("E9 numeric id of a Python client, known already", async () => {
	const body = '[{"name":"Harrow Logistics","description":"HARROW","id":47315829460182736450912837}]';
	const want = '[{"id":"47315829460182736450912837","name":"Harrow Logistics","description":"HARROW","isMapped":false}]';
	await expect(201, want, "POST", "/organization/accounts", body);
	await expect(201, want, "POST", "/organization/accounts", body);
	assert.equal((await send(200, "GET", "/organization/accounts")).body.length, 5);
});

test("E10 list with non-ASCII name", async () => {
	const body = '{"name":"M\u00fcller & S\u00f6hne","description":"","id":"20931"}';
	const want = '{"id":"20931","name":"M\\u00fcller & S\\u00f6hne","description":"","isMapped":false}';
	await expect(201, `[${want}]`, "POST", "/organization/accounts", body);
	await expect(
		200,
		`[{"id":"20817","name":"Kestrel Dental","description":"","isMapped":false},${want}]`,
		"GET",
		"/organization/accounts?accountIds=20817,20931",
	);
});

test("E11 rename through the SDK", async () => {
	await send(201, "POST", "/organization/accounts", '{"name":"North","description":"old","id":"site 07/north"}');
	await expect(
		200,
		'{"id":"site 07/north","name":"North Site (main)","description":"","isMapped":false}',
		"PATCH",
		"/organization/accounts/site+07%2fnorth",
		'{"id":"","name":"North Site (main)","description":""}',
	);
});

/** The vendor's profile around its services. */
function profileText(state, skus, created, updated) {
	const module = (m) => `{"variation":"${m}","status":"${state}","externalIntegrationStatus":"${state}"}`;
	return (
		`{"_id":"${profile}","id":"${profile}","name":"Nimbus Vault","description":"Endpoint backup","integrationType":"custom",` +
		`"isDistributor":false,"externalIntegrationStatus":"notIntegrated","mappingResponsibilities":["accounts","services"],` +
		`"modules":[${module("billing")},${module("alerts")}],"organizationId":"${org}","skus":[${skus.join(",")}],` +
		`"createdAt":"${created}","updatedAt":"${updated}"}`
	);
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const times = (body) => {
	assert.match(body.createdAt, TIME);
	assert.match(body.updatedAt, TIME);
	return [body.createdAt, body.updatedAt];
};

const SERVERS =
	'"name":"Protected Servers","description":"Servers with a backup job","category":"backup","subcategory":"cloud backup",' +
	'"supportArticle":"https://help.nimbusvault.example/servers","supportContact":"support@nimbusvault.example"';
const LAPTOPS =
	'"name":"Protected Laptops","description":"","category":"backup","subcategory":"desktop backup",' +
	'"supportArticle":"https://help.nimbusvault.example","supportContact":"support@nimbusvault.example"';
const sku = (id, rest) => `{"_id":"${id}","id":"${id}",${rest}}`;

test("E12 catalogue", async () => {
	await send(200, "PATCH", "", '{"description":"Endpoint backup"}');
	const made = await send(
		201,
		"POST",
		"/service",
		'{"name":"Protected Servers","description":"Servers with a backup job","supportArticle":' +
			'"https://help.nimbusvault.example/servers","supportContact":"support@nimbusvault.example","category":"backup","subcategory":"cloud backup"}',
	);
	seen.servers = made.body.skus[0].id;
	assert.match(seen.servers, HEX);
	const { text, body } = await send(200, "GET", "");
	const data = profileText("pending", [sku(seen.servers, SERVERS)], ...times(body.data));
	assert.equal(text, `{"status":200,"message":"Vendor found","data":${data}}`);
});

test("E13 create service, SDK helper; also when the name exists", async () => {
	const request =
		'{"name":"Protected Laptops","description":"","supportArticle":"https://help.nimbusvault.example",' +
		'"supportContact":"support@nimbusvault.example","category":"backup","subcategory":"desktop backup"}';
	const first = await send(201, "POST", "/service", request);
	seen.laptops = first.body.skus[1].id;
	const want = profileText(
		"pending",
		[sku(seen.servers, SERVERS), sku(seen.laptops, LAPTOPS)],
		...times(first.body),
	);
	assert.equal(first.text, want);
	await expect(201, want, "POST", "/service", request);
	await expect(201, want, "POST", "/service", request.replace("Protected Laptops", " protected LAPTOPS "));
});

test("E14 create service, CIPP", async () => {
	const { body } = await send(
		201,
		"POST",
		"/service",
		'{"name":"Office Suite E3","description":"Office Suite E3","category":"infrastructure","subcategory":"hosted email"}',
	);
	const id = body.skus[2].id;
	assert.equal(
		JSON.stringify(body.skus[2]),
		`{"_id":"${id}","id":"${id}","name":"Office Suite E3","description":"Office Suite E3","category":"infrastructure","subcategory":"hosted email"}`,
	);
});

test("E15 unknown category", () =>
	expect(
		400,
		'{"statusCode":400,"message":["category must be one of: security, backup, productivity, infrastructure, service delivery, consulting, other"],"error":"Bad Request"}',
		"POST",
		"/service",
		'{"name":"X","description":"X","category":"Backup","subcategory":"other"}',
	));

const STORED = '{"status":201,"message":"Unit count stored"}';

test("E16 count, SDK", () =>
	expect(
		201,
		STORED,
		"POST",
		`/service/${seen.servers}/count`,
		'{\r\n  "accountId": "20817",\r\n  "unitCount": 14.0\r\n}',
	));

test("E17 count without rebuild", () =>
	expect(
		201,
		STORED,
		"POST",
		`/service/${seen.servers}/count?no_build=True`,
		'{"accountId":"20817","unitCount":512.4873046875}',
	));

test("E18 count, unknown account", () =>
	expect(
		404,
		'{"statusCode":404,"message":"No account map found with id: nobody"}',
		"POST",
		`/service/${seen.servers}/count`,
		'{"accountId":"nobody","unitCount":1}',
	));

test("E19 count, null", () =>
	expect(
		400,
		'{"statusCode":400,"message":["unitCount must be a number"],"error":"Bad Request"}',
		"POST",
		`/service/${seen.servers}/count`,
		'{"accountId":"tarnco.example","unitCount":null}',
	));

test("E20 count by client id: no account is mapped to that client yet", () =>
	expect(
		404,
		'{"statusCode":404,"message":"No account map found with id: 65f0c4aa4be17d0012ab9301"}',
		"POST",
		`/service/${seen.servers}/count`,
		'{"clientOId":"65f0c4aa4be17d0012ab9301","accountId":"","unitCount":3}',
	));

test("E21 alert, SDK shape", async () => {
	const { text, body } = await send(
		201,
		"POST",
		"/alerting/20817",
		'{"title":"Backup failed","description":"Job nightly-01 failed twice","alertId":"nv-88412","priority":2.0,"status":1.0,"dueDateTime":null,"serviceId":""}',
	);
	assert.match(body.messageId, UUID);
	assert.match(body.correlationID, HEX);
	assert.equal(
		text,
		`{"messageId":"${body.messageId}","alertId":"nv-88412","correlationID":"${body.correlationID}"}`,
	);
	const { body: told } = await send(200, "GET", `/alerting/debug/${body.messageId}`);
	if (told.status === "pending")
		assert.deepEqual(told, {
			messageId: body.messageId,
			status: "pending",
			message: "Alert is waiting to be processed",
		});
	else {
		// The ticket job was faster: without a PSA it can only fail, in words.
		assert.equal(told.status, "failed");
		assert.equal(told.message, "Ticket could not be created");
		assert.ok(told.errors.length > 0);
	}
});

test("E22 clients, of a server without a PSA", () =>
	expect(
		200,
		'{"meta":{"count":0,"hasMore":false,"previousId":"65f0c4aa4be17d0012ab9300"},"clients":[]}',
		"GET",
		"/organization/clients?search=ke&previousId=65f0c4aa4be17d0012ab9300",
	));

test("E23 organization-level service, then a count by its vendor id", async () => {
	const { text, body } = await send(
		201,
		"POST",
		"/organization/services",
		'[{"name":"Protected Servers","description":"Servers with a backup job","id":"Protected Servers"}]',
	);
	assert.match(body[0]._id, HEX);
	assert.equal(
		text,
		`[{"_id":"${body[0]._id}","id":"Protected Servers","name":"Protected Servers","description":"Servers with a backup job","isMapped":false}]`,
	);
	const count = '{"accountId":"20817","unitCount":14.0}';
	await expect(201, STORED, "POST", "/service/Protected+Servers/count", count);
	await expect(201, STORED, "POST", `/service/${body[0]._id}/count`, count);
});

test("E24 too fast", async () => {
	const slow = await startServer({ env: { TRUEUP_PUSH_RATE: "1" } });
	try {
		const other = await connect(slow);
		const answers = await Promise.all(Array.from({ length: 40 }, () => other.call("GET", "/organization")));
		const refused = answers.filter((a) => a.status === 429);
		assert.ok(refused.length > 0, "nothing was refused");
		for (const a of refused) {
			assert.equal(a.text, '{"statusCode":429,"message":"Too many requests","error":"Too Many Requests"}');
			assert.equal(a.headers.get("content-type"), JSON_TYPE);
			assert.match(a.headers.get("retry-after"), /^[1-9]\d*$/);
		}
	} finally {
		await slow.stop();
	}
});

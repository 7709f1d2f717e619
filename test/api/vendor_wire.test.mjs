// How vendors' programs really write: encodings, path segments, forms, booleans, doubles, ids of any case.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { request } from "../lib/server.mjs";
import { caller, connect, JSON_TYPE, PUSH, startVendor } from "../lib/vendor.mjs";

let server, vendor;
before(async () => {
	({ server, vendor } = await startVendor());
});
after(() => server?.stop());

const account = async (id) => (await vendor.call("GET", "/organization/accounts")).body.find((a) => a.id === id);
const post = (body, options) => vendor.call("POST", "/organization/accounts", body, options);

test("every answer has a Content-Type, and none is 204", async () => {
	for (const [method, path, body] of [
		["GET", "", undefined],
		["GET", "/organization", undefined],
		["GET", "/organization/accounts", undefined],
		["GET", "/organization/services", undefined],
		["GET", "/organization/clients", undefined],
		["PATCH", "/organization/status/pending", undefined],
		["PATCH", "/organization/status/pending", "{}"],
		["PATCH", "/organization/status/asleep", undefined],
		["GET", "/service/nothing", undefined],
		["GET", "/nothing/here", undefined],
		["DELETE", "/organization/accounts", undefined],
		["POST", "/organization/accounts", "{"],
		["POST", "/organization/accounts", ""],
	]) {
		const answer = await vendor.call(method, path, body);
		assert.equal(answer.headers.get("content-type"), JSON_TYPE, `${method} ${path}`);
		assert.notEqual(answer.status, 204);
		assert.equal(typeof answer.body, "object", `${method} ${path}`);
		assert.equal(answer.headers.get("set-cookie"), null);
		if (answer.status >= 400) assert.equal(answer.body.statusCode, answer.status);
	}
});

test("answers are ASCII, also above the basic plane", async () => {
	const { status, text } = await post({ id: "smile", name: "Caf\u00e9 \u{1f600} \u4e2d" });
	assert.equal(status, 201);
	assert.equal(text, '[{"id":"smile","name":"Caf\\u00e9 \\ud83d\\ude00 \\u4e2d","description":"","isMapped":false}]');
});

test("windows-1252 bodies, byte order marks, UTF-8", async () => {
	const latin = Buffer.from('{"id":"latin","name":"M\u00fcller \u0080"}', "latin1");
	assert.equal((await post(latin)).status, 201);
	assert.equal((await account("latin")).name, "M\u00fcller \u20ac");
	const marked = Buffer.from('\ufeff{"id":"marked","name":"M\u00fcller"}', "utf8");
	assert.equal((await post(marked)).status, 201);
	assert.equal((await account("marked")).name, "M\u00fcller");
});

test("header in any case, token in any base64", async () => {
	for (const header of ["GRADIENT-TOKEN", "gradient-token"])
		assert.equal((await vendor.call("GET", "/organization", undefined, { header })).status, 200);
	const spellings = [
		vendor.token.replace(/=+$/, ""),
		vendor.token.replaceAll("+", "-").replaceAll("/", "_"),
		` ${vendor.token} `,
	];
	for (const token of spellings) assert.equal((await caller(server, token).call("GET", "/organization")).status, 200);
});

test("doubled slashes and a prefix that ends in one", async () => {
	const headers = { "Gradient-Token": vendor.token };
	assert.equal((await request(`${server.url}//api/vendor-api/organization`, "GET", { headers })).status, 200);
	assert.equal((await request(`${server.url}/api//vendor-api/organization`, "GET", { headers })).status, 200);
});

test("path segments of every encoding", async () => {
	await post({ id: "a b+c/d@e", name: "old" });
	const rename = (segment, name) => vendor.call("PATCH", `/organization/accounts/${segment}`, { name });
	assert.equal((await rename("a+b%2bc%2fd%40e", "form")).body.name, "form");
	assert.equal((await rename("a%20b%2Bc%2Fd%40e", "percent")).body.name, "percent");
	assert.equal((await rename("a%20b+c%2Fd@e", "path")).body.name, "path");
	assert.equal((await rename("a+b%2bc%2fd%40f", "none")).status, 404);
	// A literal plus comes before the blank it might stand for.
	await post([
		{ id: "x+y", name: "plus" },
		{ id: "x y", name: "blank" },
	]);
	assert.equal((await rename("x+y", "found")).body.id, "x+y");
	assert.equal((await rename("x%20y", "found")).body.id, "x y");
});

test("forms where JSON is usual", async () => {
	await post({ id: "form", name: "before", description: "kept?" });
	const type = "application/x-www-form-urlencoded";
	const answer = await vendor.call("PATCH", "/organization/accounts/form", "name=North+%26+S%C3%BCd&description=&isActive=true", {
		type,
	});
	assert.equal(answer.status, 200, answer.text);
	assert.deepEqual(answer.body, { id: "form", name: "North & S\u00fcd", description: "", isMapped: false });
});

test("an array of Windows PowerShell", async () => {
	const { status, body } = await post({ value: [{ id: "ps1", name: "one" }, { id: "ps2", name: "two" }], Count: 2 });
	assert.equal(status, 201);
	assert.deepEqual(
		body.map((a) => a.id),
		["ps1", "ps2"],
	);
});

test("no body, wrong bodies", async () => {
	for (const body of ["", "[1]", '"text"', "12", '{"id":"x"}', '{"id":true,"name":"x"}', '{"id":"x","name":5}', "{'id':1}"]) {
		const answer = await post(body);
		assert.equal(answer.status, 400, body);
		assert.equal(answer.body.error, "Bad Request");
	}
	assert.equal((await post("[]")).text, "[]");
	assert.equal(await account("x"), undefined);
});

test("one bad element leaves nothing behind", async () => {
	const answer = await post([{ id: "good", name: "good" }, { id: "", name: "bad" }]);
	assert.equal(answer.status, 400);
	assert.deepEqual(answer.body.message, ["[1].id must be a non-empty string"]);
	assert.equal(await account("good"), undefined);
});

test("posting again refreshes and keeps the rest", async () => {
	await post({ id: "again", name: "first", description: "one" });
	assert.deepEqual((await post({ id: "again", name: "second", description: "" })).body, [
		{ id: "again", name: "second", description: "", isMapped: false },
	]);
	const twice = await post([{ id: "again", name: "third" }, { id: "again", name: "fourth" }]);
	assert.equal(twice.status, 201);
	assert.equal(twice.body.length, 2);
	assert.equal((await account("again")).name, "fourth");
});

test("ids differing in case are two; looked up exactly, then in any case", async () => {
	await post([
		{ id: "Case", name: "big" },
		{ id: "case", name: "small" },
		{ id: "Lone", name: "lone" },
	]);
	const rename = (id) => vendor.call("PATCH", `/organization/accounts/${id}`, { name: `by ${id}` });
	assert.equal((await rename("Case")).body.id, "Case");
	assert.equal((await rename("case")).body.id, "case");
	assert.equal((await rename("CASE")).status, 404);
	assert.equal((await rename("LONE")).body.id, "Lone");
});

test("another id renames, unless it is taken", async () => {
	await post([
		{ id: "one", name: "one" },
		{ id: "two", name: "two" },
	]);
	const taken = await vendor.call("PATCH", "/organization/accounts/one", { id: "two" });
	assert.equal(taken.status, 409);
	assert.deepEqual(Object.keys(taken.body), ["statusCode", "message"]);
	assert.equal((await vendor.call("PATCH", "/organization/accounts/one", { id: "three" })).body.id, "three");
	assert.equal(await account("one"), undefined);
	assert.equal((await account("three")).name, "one");
});

test("null leaves, an empty description clears", async () => {
	await post({ id: "desc", name: "desc", description: "text" });
	const patch = (body) => vendor.call("PATCH", "/organization/accounts/desc", body);
	assert.equal((await patch({ description: null, name: null, id: null })).body.description, "text");
	assert.equal((await patch({})).body.description, "text");
	assert.equal((await patch({ description: "" })).body.description, "");
});

test("several are changed at once, by array or object", async () => {
	await post([
		{ id: "m1", name: "m1" },
		{ id: "m2", name: "m2" },
	]);
	const many = await vendor.call("PATCH", "/organization/accounts", [{ id: "m1", name: "new 1" }, { id: "m2", name: "new 2", isActive: false }]);
	assert.equal(many.status, 200);
	assert.deepEqual(
		many.body.map((a) => a.name),
		["new 1", "new 2"],
	);
	assert.equal((await vendor.call("PATCH", "/organization/accounts", { id: "m1", name: "alone" })).body[0].name, "alone");
	assert.equal((await vendor.call("PATCH", "/organization/accounts", [{ id: "m1", name: "lost" }, { id: "nobody", name: "x" }])).status, 404);
	assert.equal((await account("m1")).name, "alone");
});

test("which accounts are listed", async () => {
	const ids = async (query) => (await vendor.call("GET", `/organization/accounts${query}`)).body.map((a) => a.id).sort();
	assert.deepEqual(await ids("?accountIds=m1"), ["m1"]);
	assert.deepEqual(await ids("?accountIds=m1&accountIds=m2"), ["m1", "m2"]);
	assert.deepEqual(await ids("?accountIds[]=m1&accountIds[]=m2"), ["m1", "m2"]);
	assert.deepEqual(await ids("?accountIds=m1,m2,nobody"), ["m1", "m2"]);
	for (const no of ["false", "False", "FALSE", "0"]) assert.deepEqual(await ids(`?returnUnmapped=${no}`), []);
	assert.ok((await ids("?returnUnmapped=True")).length > 10);
	assert.equal((await vendor.call("GET", "/organization/accounts?returnUnmapped=maybe")).status, 400);
});

test("thousands of accounts are listed on one page", async () => {
	const other = await connect(server, { name: "Big" });
	const many = Array.from({ length: 3000 }, (_, i) => ({ id: `t${i}`, name: `Tenant ${i}` }));
	assert.equal((await other.call("POST", "/organization/accounts", many)).body.length, 3000);
	assert.equal((await other.call("GET", "/organization/accounts")).body.length, 3000);
	// The same ids under another vendor are other accounts.
	assert.equal(await account("t1"), undefined);
});

test("services named by the vendor", async () => {
	const made = await vendor.call("POST", "/organization/services", { id: "seat/1", name: "Seats", description: null });
	const [seat] = made.body;
	assert.deepEqual(seat, { _id: seat._id, id: "seat/1", name: "Seats", description: "", isMapped: false });
	assert.equal((await vendor.call("PATCH", "/organization/services/seat%2f1", { name: "Seats (new)" })).body.name, "Seats (new)");
	assert.equal((await vendor.call("PATCH", `/organization/services/${seat._id}`, { name: "Seats" })).body.name, "Seats");
	assert.equal((await vendor.call("PATCH", "/organization/services", [{ id: "seat/1", isArrears: true }])).body[0]._id, seat._id);
	assert.deepEqual((await vendor.call("GET", "/organization/services?serviceIds=seat/1")).body, [seat]);
	assert.equal((await vendor.call("PATCH", "/organization/services/none", { name: "x" })).status, 404);
});

test("one service by id, and its optional fields changed", async () => {
	const body = { name: "Mailboxes", description: "", category: "other", subcategory: "email security" };
	const [{ id }] = (await vendor.call("POST", "/service", body)).body.skus;
	const one = await vendor.call("GET", `/service/${id}`);
	assert.equal(one.body.status, 200);
	assert.deepEqual(one.body.data.skus, [{ _id: id, id, ...body }]);
	assert.equal((await vendor.call("PATCH", `/service/${id}`)).body.data.skus[0].name, "Mailboxes");
	assert.equal((await vendor.call("PATCH", `/service/${id}`, { description: "All of them" })).body.data.skus[0].description, "All of them");
	assert.equal((await vendor.call("PATCH", `/service/${id}`, { category: "nothing" })).status, 400);
	const missing = await vendor.call("POST", "/service", { name: "X", category: "backup", subcategory: "other" });
	assert.deepEqual(missing.body.message, ["description must be a string"]);
});

test("the vendor's own words", async () => {
	const { body } = await vendor.call("PATCH", "", {
		name: "Nimbus Two",
		integrationPortalUrl: "https://portal.nimbus.example",
		vendorSupportPageUrl: "https://help.nimbus.example",
	});
	assert.equal(body.message, "Vendor updated");
	assert.equal(body.data.name, "Nimbus Two");
	assert.equal(body.data.integrationPortalUrl, "https://portal.nimbus.example");
	assert.equal(body.data.vendorSupportPageUrl, "https://help.nimbus.example");
	assert.equal((await vendor.call("PATCH", "", { name: "" })).status, 400);
	assert.equal((await vendor.call("PATCH", "", { integrationPortalUrl: "javascript:alert(1)" })).status, 400);
	assert.equal((await vendor.call("GET", "/organization")).body.vendorName, "Nimbus Two");
});

test("the vendor's half of a token opens set-up calls only", async () => {
	for (const half of [`${vendor.vendor_key}:`, vendor.vendor_key]) {
		const alone = caller(server, Buffer.from(half).toString("base64"));
		assert.equal((await alone.call("GET", "")).status, 200);
		assert.equal((await alone.call("GET", "/organization")).status, 401);
		assert.equal((await alone.call("GET", "/organization/accounts")).status, 401);
		assert.equal((await alone.call("POST", "/service/x/count", { accountId: "m1", unitCount: 1 })).status, 401);
	}
});

test("a repeated POST with an Idempotency-Key is answered from memory", async () => {
	const headers = { "Idempotency-Key": "alert-1" };
	const alert = { title: "t", description: "d", alertId: "idem-1" };
	const first = await vendor.call("POST", "/alerting/m1", alert, { headers });
	assert.equal(first.status, 201);
	const second = await vendor.call("POST", "/alerting/m1", alert, { headers });
	assert.equal(second.text, first.text);
});

test("the prefix alone is not the API", async () => {
	const headers = { "Gradient-Token": vendor.token };
	assert.equal((await request(`${server.url}${PUSH}x`, "GET", { headers })).status, 404);
});

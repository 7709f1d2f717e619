// What openapi.json says of answers, against answers: every member is described, and every described member is there.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { jobDone, request, startServer } from "../lib/server.mjs";

let server, paths;
before(async () => {
	server = await startServer();
	paths = (await server.api("GET", "/openapi.json")).body.paths;
});
after(() => server.stop());

const kind = (v) => (v === null ? "null" : Array.isArray(v) ? "array" : Number.isInteger(v) ? "integer" : typeof v);

/** Throws with the place where `value` is not as `schema` says. */
function check(value, schema, at) {
	if (schema.type) assert.ok([schema.type].flat().includes(kind(value)), `${at} is ${kind(value)}, not ${schema.type}`);
	if (schema.enum) assert.ok(schema.enum.includes(value), `${at} is ${value}`);
	if (kind(value) === "array") value.forEach((v, i) => check(v, schema.items, `${at}/${i}`));
	if (kind(value) !== "object" || !schema.properties) return;
	for (const name of schema.required ?? []) assert.ok(name in value, `${at}/${name} is missing`);
	for (const [name, v] of Object.entries(value)) {
		assert.ok(name in schema.properties || schema.additionalProperties !== false, `${at}/${name} is not described`);
		check(v, schema.properties[name] ?? {}, `${at}/${name}`);
	}
}

const seen = new Set();
/** Calls the operation and checks its answer. `path` is as in openapi.json, `parts` take the places of its {}. */
async function call(method, path, parts = [], body = undefined) {
	const operation = paths[`/api/v1${path}`][method.toLowerCase()];
	const rest = [...parts];
	const answer = await server.api(method, path.replace(/\{\w+\}/g, () => rest.shift()), body);
	const described = operation.responses[answer.status];
	assert.ok(described, `${method} ${path} answered ${answer.status}: ${answer.text}`);
	const schema = described.content["application/json"].schema;
	check(answer.body, schema, `${method} ${path}`);
	assert.equal(schema.additionalProperties, false);
	seen.add(`${method} ${path}`);
	return answer.body;
}

test("imports, their jobs and profiles, and people, as they are described", async () => {
	const integration = (await server.api("POST", "/integrations", { vendor: "custom", modules: ["billing"] })).body.id;
	const bring = async (text) => {
		const headers = { authorization: `Bearer ${server.token}`, "content-type": "text/csv" };
		const answer = await request(`${server.url}/api/v1/imports?filename=rows.csv`, "POST", { headers, raw: text });
		assert.equal(answer.status, 201, answer.text);
		return answer.body.id;
	};
	const set = { integration, header_row: 1, columns: { account: "Customer", service: "Product", quantity: "Quantity" } };
	const good = await bring("Customer,Product,Quantity\nA,Seats,3\n");
	await call("GET", "/imports/{id}", [good]);
	assert.equal((await server.api("PUT", `/imports/${good}`, { ...set, save_profile: "Monthly" })).status, 200);
	const job = (await server.api("POST", `/imports/${good}/run`)).body.job;
	await jobDone(server, job);
	const bad = await bring("Customer,Product,Quantity\nA,Seats,many\n");
	assert.equal((await server.api("PUT", `/imports/${bad}`, set)).status, 200);
	await jobDone(server, (await server.api("POST", `/imports/${bad}/run`)).body.job);
	assert.equal((await call("GET", "/imports/{id}", [good])).accepted, 1);
	assert.equal((await call("GET", "/imports/{id}", [bad])).rejected.length, 1);
	assert.equal((await call("GET", "/imports")).items.length, 2);
	assert.equal((await call("GET", "/import-profiles")).items.length, 1);
	assert.equal((await call("GET", "/jobs/{id}", [job])).state, "done");
	assert.ok((await call("GET", "/jobs")).items.length >= 2);

	const { user } = await call("POST", "/users", [], { email: "new@example.com", role: "viewer" });
	await call("POST", "/users/{id}/link", [user.id], {});
	await call("PATCH", "/users/{id}", [user.id], { disabled: true });
	assert.ok((await call("GET", "/users")).items.some((u) => u.state === "disabled"));

	// Nothing is described that was not looked at here.
	const described = Object.entries(paths).flatMap(([path, operations]) =>
		Object.entries(operations).flatMap(([method, o]) =>
			Object.values(o.responses).some((r) => r.content?.["application/json"]) ? [`${method.toUpperCase()} ${path.replace("/api/v1", "")}`] : []),
	);
	assert.deepEqual(described.sort(), [...seen].sort());
});

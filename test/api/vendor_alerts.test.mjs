// Alerts: queued, answered, asked for; doubles while one waits; what is refused.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { until } from "../lib/server.mjs";
import { connect, pair, startVendor } from "../lib/vendor.mjs";

let server, vendor;
before(async () => {
	({ server, vendor } = await startVendor());
	await pair(server, vendor);
	await vendor.call("POST", "/organization/accounts", { id: "a b/c", name: "Blank and slash" });
});
after(() => server?.stop());

const alert = { title: "Backup failed", description: "Job failed", alertId: "nv-1", priority: 2, status: 1 };
const send = (fields, account = "20817") => vendor.call("POST", `/alerting/${account}`, { ...alert, ...fields });

test("accepted, and answered at once", async () => {
	const { status, body } = await send({ alertId: "one" });
	assert.equal(status, 201);
	assert.deepEqual(Object.keys(body), ["messageId", "alertId", "correlationID"]);
	const { status: found, body: told } = await vendor.call("GET", `/alerting/debug/${body.messageId}`);
	assert.equal(found, 200);
	assert.equal(told.messageId, body.messageId);
	assert.ok(["pending", "failed"].includes(told.status));
	assert.equal("ticketId" in told, false);
});

test("a job is queued for it", async () => {
	await send({ alertId: "job" });
	await until(async () => (await server.api("GET", "/jobs?kind=alerts")).body.items.length > 0, { what: "the alerts job" });
});

test("an alert makes an inactive integration active", async () => {
	const fresh = await connect(server, { name: "Fresh" });
	await pair(server, fresh);
	assert.equal((await fresh.call("POST", "/alerting/20817", alert)).status, 201);
	assert.equal((await fresh.call("GET", "/organization")).body.status, "active");
});

test("numbers, defaults and dates as clients send them", async () => {
	for (const fields of [
		{ priority: 2.0, status: 0 },
		{ priority: 0, status: 6 },
		{ priority: undefined, status: undefined },
		{ priority: 4, status: null },
		{ dueDateTime: "2026-12-24T18:00:00Z" },
		{ dueDateTime: "2026-12-24T18:00:00" },
		{ dueDateTime: "" },
		{ serviceId: "anything" },
		{ description: "" },
	]) {
		const answer = await send({ alertId: JSON.stringify(fields), ...fields });
		assert.equal(answer.status, 201, `${JSON.stringify(fields)} ${answer.text}`);
	}
});

test("what is refused", async () => {
	for (const fields of [
		{ title: "" },
		{ title: null },
		{ description: undefined },
		{ alertId: undefined },
		{ priority: 5 },
		{ priority: 1.5 },
		{ priority: -1 },
		{ priority: "high" },
		{ status: 7 },
		{ dueDateTime: "soon" },
		{ dueDateTime: 5 },
	])
		assert.equal((await send(fields)).status, 400, JSON.stringify(fields));
	const unquoted = await vendor.call("POST", "/alerting/20817", '{"title":"a "quoted" word","description":"x","alertId":"y"}');
	assert.equal(unquoted.status, 400);
	const unknown = await send({}, "nobody");
	assert.equal(unknown.status, 404);
	assert.equal(unknown.body.message, "No account map found with id: nobody");
	assert.equal((await vendor.call("GET", "/alerting/debug/7c0e0b7e-5d3c-4f0a-9a55-6d1f0f8f2c11")).status, 404);
});

test("the account's id in any encoding", async () => {
	assert.equal((await send({ alertId: "e1" }, "a+b%2fc")).status, 201);
	assert.equal((await send({ alertId: "e2" }, "a%20b%2Fc")).status, 201);
});

test("another vendor does not see it", async () => {
	const { body } = await send({ alertId: "mine" });
	const other = await connect(server, { name: "Other" });
	assert.equal((await other.call("GET", `/alerting/debug/${body.messageId}`)).status, 404);
});

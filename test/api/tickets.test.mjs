// Alerts of a vendor become tickets in the PSA: one each, on the mapped customer, whatever fails in between.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { startFeed, startMsp } from "../lib/msp.mjs";
import { request, until } from "../lib/server.mjs";

let server, sim, vendor;
before(async () => {
	({ server, sim } = await startMsp());
	vendor = await startFeed(
		server,
		"Nimbus",
		[
			{ id: "nw", name: "Northwind Dental" },
			{ id: "stranger", name: "Nobody we know" },
		],
		["EDR"],
	);
});
after(async () => {
	await server?.stop();
	await sim?.stop();
});
beforeEach(() => request(`${sim.url}/_faults`, "DELETE"));

const ALERT = { title: "Backup failed", description: "Job nightly-01 failed twice", priority: 2, status: 1 };

/** Sends one and waits until the vendor can read how it ended. */
async function raise(alertId, account = "nw", more = {}) {
	const sent = await vendor.call("POST", `/alerting/${account}`, { ...ALERT, ...more, alertId });
	assert.equal(sent.status, 201, sent.text);
	return until(
		async () => {
			const { body } = await vendor.call("GET", `/alerting/debug/${sent.body.messageId}`);
			return body.status === "pending" ? null : body;
		},
		{ ms: 60000, what: `alert ${alertId}` },
	);
}

const tickets = async () => (await sim.ledger()).items.filter((i) => i.path.endsWith("/service/tickets"));

test("an alert becomes one ticket of the mapped customer, and the vendor is told its number", async () => {
	const end = await raise("a-1");
	assert.equal(end.status, "success", JSON.stringify(end));
	const made = await tickets();
	assert.equal(made.length, 1);
	const ticket = made[0].after;
	assert.equal(end.ticketId, String(ticket.id));
	assert.equal(ticket.company.identifier, "NorthwindDental");
	assert.match(ticket.summary, /Backup failed/);
	assert.match(ticket.externalXRef, /^trueup:/);
	assert.match(JSON.parse(made[0].request).initialDescription, /nightly-01/);
});

for (const [name, fault] of [
	["a time-out after it was made", { do: "timeout_after_apply", delay_ms: 200 }],
	["a cut connection after it was made", { do: "reset_after_apply" }],
	["a 500 although it was made", { do: "status_after_apply", status: 500 }],
	["a 503 before", { do: "status", status: 503 }],
	["429", { do: "status", status: 429, retry_after: 1 }],
])
	test(`${name}: still one ticket`, async () => {
		const from = (await tickets()).length;
		await sim.faults([{ match: { method: "POST", path: "/service/tickets" }, ...fault }]);
		const end = await raise(`fault ${name}`);
		assert.equal(end.status, "success", JSON.stringify(end));
		const made = (await tickets()).slice(from);
		assert.equal(made.length, 1);
		assert.equal(end.ticketId, String(made[0].after.id));
	});

test("an account that is not mapped, and no company for such alerts: told in words", async () => {
	const from = (await tickets()).length;
	const end = await raise("b-1", "stranger");
	assert.equal(end.status, "failed");
	assert.ok(end.errors[0].length > 20, JSON.stringify(end));
	assert.equal((await tickets()).length, from);
});

test("a role that may not make tickets: told in words, nothing is made", async () => {
	const from = (await tickets()).length;
	const edit = (deny) => request(`${sim.url}/_edit`, "POST", { body: { settings: { deny } } });
	await edit(["tickets.add"]);
	const end = await raise("c-1");
	await edit([]);
	assert.equal(end.status, "failed");
	assert.match(end.errors[0], /Service Tickets/);
	assert.equal((await tickets()).length, from);
});

test("a long title is cut to what the PSA takes", async () => {
	const end = await raise("d-1", "nw", { title: "Ü".repeat(300) });
	assert.equal(end.status, "success", JSON.stringify(end));
	assert.ok([...(await tickets()).at(-1).after.summary].length <= 100);
});

test("a PSA that takes no tickets from here: said in its abilities, and to the vendor in words", async () => {
	const kinds = (await server.api("GET", "/psa/kinds")).body.items;
	const takers = kinds.filter((k) => k.can.tickets).map((k) => k.kind);
	assert.deepEqual(takers.sort(), ["autotask", "connectwise", "halopsa", "syncro"]);
	const from = (await tickets()).length;
	const settings = { site: `${sim.url}/msp`, subdomain: "alderridge", api_token: "tok-so" };
	const put = await server.api("PUT", "/psa", { kind: "superops", settings });
	assert.equal(put.status, 200, put.text);
	const end = await raise("e-1");
	assert.equal(end.status, "failed");
	assert.match(end.errors[0], /SuperOps takes no tickets from Trueup/);
	assert.equal((await tickets()).length, from);
});

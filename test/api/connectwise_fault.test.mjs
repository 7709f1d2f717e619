// The server dies while a dated change is half done; alerts become tickets; administrators get mail. Each compared with
// what the simulated PSA, or the relay, truly got.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { request, until } from "../lib/server.mjs";
import { approve, card, count, mapService, readPsa, settled, startFeed, startMsp, sync } from "../lib/msp.mjs";
import { startRelay } from "../lib/relay.mjs";

const AGREEMENT = "/agreements/77/additions";
const settings = { mail_sync_done: true, mail_sync_failed: true };

let server, sim, feed, relay;

const subject = (mail) => mail.lines.find((l) => l.startsWith("Subject: "));
const body = (mail) =>
	Buffer.from(mail.lines.slice(mail.lines.indexOf("") + 1).join(""), "base64").toString("utf8");

const additions = async () => (await request(`${sim.url}/_state`, "GET")).body.additions;
const unitsOn = async (day) =>
	(await additions())
		.filter((a) => a.agreementId === 77 && a.product.id === 901)
		.filter((a) => a.effectiveDate.slice(0, 10) <= day && (!a.cancelledDate || a.cancelledDate.slice(0, 10) >= day))
		.reduce((sum, a) => sum + a.quantity, 0);
const changes = async (from) => (await sim.ledger()).items.filter((i) => i.n > from);
const ledgerEnd = async () => (await sim.ledger()).items.at(-1)?.n ?? 0;
const firstOf = (months) => {
	const now = new Date();
	return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + months, 1)).toISOString().slice(0, 10);
};
const dayBefore = (day) => new Date(Date.parse(day) - 86400000).toISOString().slice(0, 10);

before(async () => {
	relay = await startRelay();
	({ server, sim } = await startMsp({ env: { TRUEUP_SMTP_URL: relay.url, TRUEUP_MAIL_FROM: "Trueup <up@example.com>" } }));
	feed = await startFeed(server, "Nimbus", [{ id: "Northwind Dental", name: "Northwind Dental" }, { id: "loose", name: "Loose" }], ["EDR"]);
	await mapService(server, feed, "EDR", "CORO-EDR");
});
after(async () => {
	await server?.stop();
	await sim?.stop();
	relay?.stop();
});

async function alert(account, id, fault) {
	if (fault) await sim.faults([{ match: { method: "POST", path: "/service/tickets" }, ...fault }]);
	const sent = await feed.call("POST", `/alerting/${account}`, {
		title: `Backup failed ${id}`, description: "Job nightly failed twice", alertId: id, priority: 2, status: 1,
	});
	assert.equal(sent.status, 201, JSON.stringify(sent.body));
	const told = () => feed.call("GET", `/alerting/debug/${sent.body.messageId}`);
	return until(async () => {
		const { body: now } = await told();
		return now.status !== "pending" && now;
	}, { what: `the end of alert ${id}`, ms: 60000 });
}

const tickets = async () => (await request(`${sim.url}/_state`, "GET")).body.tickets;

test("an alert becomes one ticket of its customer, even when the answer is lost", async () => {
	const told = await alert("Northwind%20Dental", "a1");
	assert.equal(told.status, "success", JSON.stringify(told));
	const [ticket] = (await tickets()).filter((t) => String(t.id) === told.ticketId);
	assert.equal(ticket.summary, "Backup failed a1");
	assert.equal(ticket.company.id, 250);
	const lost = await alert("Northwind%20Dental", "a2", { do: "reset_after_apply" });
	assert.equal(lost.status, "success");
	assert.equal((await tickets()).filter((t) => t.summary === "Backup failed a2").length, 1);
});

test("an alert of nobody's fails with what is to be set; a refusal says why", async () => {
	const nobody = await alert("loose", "a3");
	assert.equal(nobody.status, "failed");
	assert.equal(nobody.statusCode, 422);
	assert.match(nobody.errors[0], /Company for alerts without a customer/);
	const refused = await alert("Northwind%20Dental", "a4", { do: "status", status: 403 });
	assert.equal(refused.status, "failed");
	assert.match(refused.errors[0], /Service Desk > Service Tickets: Add All/);
});

test("administrators get mail when a sync ends or fails, where the settings say so", async () => {
	const set = await server.api("PATCH", "/settings", settings);
	assert.equal(set.status, 200, set.text);
	const before = relay.mails.length;
	await readPsa(server, "quick");
	const done = await until(() => relay.mails.slice(before).find((m) => /is done/.test(subject(m))), { what: "the mail" });
	assert.deepEqual(done.to, ["RCPT TO:<anna@northwind.example>"]);
	assert.match(body(done), /accounts: \d/);
	await sim.faults([{ match: { path: "/company/companies" }, do: "status", status: 403 }]);
	const { body: asked } = await server.api("POST", "/psa/sync", { mode: "quick" });
	await until(async () => (await server.api("GET", `/jobs/${asked.job}`)).body.state === "failed", { what: "the failure" });
	const failed = await until(() => relay.mails.slice(before).find((m) => /failed/.test(subject(m))), { what: "the mail" });
	assert.match(body(failed), /Companies > Company Maintenance: Inquire All/);
});

async function openCard(units) {
	await count(server, feed, { "Northwind Dental": { EDR: units } });
	await sync(server, feed);
	return card(server, "Northwind Dental", "CORO-EDR", "open");
}

/** Approves, kills the server as soon as the PSA has got `posts` new additions, starts it again, waits for the end. */
async function killAfterPost(units, date, faults) {
	const open = await openCard(units);
	const from = await ledgerEnd();
	await sim.faults(faults);
	const answer = await server.api("POST", "/cards/approve", { ids: [open.id], effective_date: date });
	assert.equal(answer.status, 202, answer.text);
	await until(async () => (await changes(from)).some((c) => c.method === "POST"), { what: "the POST" });
	await server.kill();
	server = await server.restart();
	const [write] = await settled(server, answer.body.batch, { ms: 180000 });
	return { write, batch: answer.body.batch, made: await changes(from) };
}

test("killed before it heard of the new addition: found again, the old one ended, nothing twice; rolled back", async () => {
	const date = firstOf(1);
	const { write, batch, made } = await killAfterPost(27, date, [
		{ match: { method: "POST", path: AGREEMENT }, do: "timeout_after_apply", delay_ms: 20000 },
	]);
	assert.equal(write.state, "applied", write.detail);
	assert.deepEqual(made.map((c) => c.method), ["POST", "PATCH"]);
	assert.deepEqual([await unitsOn(dayBefore(date)), await unitsOn(date)], [24, 27]);

	const from = await ledgerEnd();
	const back = await server.api("POST", `/writes/batches/${batch}/rollback`, {});
	assert.equal(back.status, 202, back.text);
	await settled(server, back.body.batch, { ms: 60000 });
	assert.deepEqual([await unitsOn(dayBefore(date)), await unitsOn(date)], [24, 24]);
	assert.deepEqual((await changes(from)).map((c) => c.method), ["PATCH", "PATCH"]);
});

test("killed between the new addition and the end of the old one: the pair is finished, nothing twice", async () => {
	const date = firstOf(2);
	await readPsa(server, "full");
	const { write, made } = await killAfterPost(29, date, [
		{ match: { method: "PATCH", path: AGREEMENT }, do: "timeout_before", delay_ms: 20000 },
	]);
	assert.equal(write.state, "applied", write.detail);
	assert.deepEqual(made.map((c) => c.method), ["POST", "PATCH"]);
	assert.deepEqual([await unitsOn(dayBefore(date)), await unitsOn(date)], [24, 29]);
});

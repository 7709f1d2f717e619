// PostgreSQL: every connection of the server is ended again and again while counts come in over HTTP. What was answered 201 is
// there once, what was not is there once or not at all, and the server is well again without help.
import assert from "node:assert/strict";
import { test } from "node:test";
import { measured } from "../lib/measured.mjs";
import { startServer, until } from "../lib/server.mjs";
import { sql } from "../lib/store.mjs";
import { caller, connect, ledger, pair } from "../lib/vendor.mjs";

const LONG = process.env.TRUEUP_FAULT === "all";
const CUTS = LONG ? 400 : 60;
const SENDERS = 8;
const skip = process.env.TRUEUP_TEST_DB ? false : "SQLite has no connections to cut";

test("connections to the store cut under load", { skip, timeout: LONG ? 900000 : 240000 }, async () => {
	const server = await startServer({ env: { TRUEUP_PUSH_RATE: "0", TRUEUP_APP_RATE: "0" } });
	try {
		const vendor = await connect(server);
		const at = await pair(server, vendor);
		const { call } = caller(server, vendor.token);
		const told = new Set();
		const statuses = {};
		let value = 0;
		let over = false;
		const sender = async () => {
			while (!over) {
				const mine = ++value;
				const { status, text } = await call("POST", `/service/${at.service}/count`, { accountId: at.account, unitCount: mine });
				statuses[status] = (statuses[status] ?? 0) + 1;
				if (status === 201) told.add(String(mine));
				else assert.ok(status >= 500, `${status} ${text}`);
			}
		};
		const reader = async () => {
			while (!over) {
				const { status, text } = await server.api("GET", "/cards?limit=5");
				assert.ok(status === 200 || status >= 500, `${status} ${text}`);
			}
		};
		const work = [reader(), ...Array.from({ length: SENDERS }, sender)];
		let cut = 0;
		try {
			for (let i = 0; i < CUTS; i++) {
				const out = await sql(server, "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid();");
				cut += Number(out);
				const before = told.size;
				await until(async () => told.size > before, { ms: 60000, every: 5, what: `a count that is answered after cut ${i}` });
			}
		} finally {
			over = true;
			await Promise.all(work);
		}
		assert.ok(cut >= CUTS, `only ${cut} connections were cut`);
		const kept = (await ledger(server, vendor)).map((o) => o.units);
		const unique = new Set(kept);
		assert.equal(unique.size, kept.length, "a count is there twice");
		for (const v of told) assert.ok(unique.has(v), `count ${v} was answered 201 and is lost`);
		for (const v of unique) assert.ok(Number(v) <= value, `count ${v} was never sent`);
		assert.ok(told.size > CUTS, `${told.size} counts, ${JSON.stringify(statuses)}`);
		const chain = await server.cli(["audit", "verify"]);
		assert.equal(chain.status, 0, chain.stderr);
		measured(LONG ? "pg_cuts_http_long" : "pg_cuts_http", cut);
	} finally {
		await server.stop();
	}
});

// Every secret there is, each with a mark of its own: after a day's work, failures included, none of them is found in the
// store, its logs, backups and exports, what the server prints, or anything that it answers but the one time it should.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { measured } from "../lib/measured.mjs";
import { count, mapService, startFeed, sync } from "../lib/msp.mjs";
import { ADMIN, browser, jobDone, request, run, startServer, startSim } from "../lib/server.mjs";
import { totp } from "../lib/totp.mjs";

const mark = (what) => `CANARY${what}${randomBytes(8).toString("hex")}`;

/** A secret in every form it could be written in. */
function forms(secret) {
	const bytes = Buffer.from(secret);
	const b64 = (skip) => Buffer.concat([Buffer.alloc(skip, "x"), bytes]).toString("base64").replace(/=+$/, "").slice(skip ? 4 : 0, -1);
	return [secret, bytes.toString("hex"), b64(0), b64(1), b64(2), encodeURIComponent(secret)].filter((f, i, all) => f.length >= 8 && all.indexOf(f) === i);
}

function files(dir) {
	return readdirSync(dir, { withFileTypes: true }).flatMap((f) => (f.isDirectory() ? files(join(dir, f.name)) : [join(dir, f.name)]));
}

test("no secret is anywhere but in its owner's hands", async () => {
	const secrets = { master: randomBytes(32).toString("hex"), psa: mark("psa"), vendor: mark("vendor"), password: `${mark("pw")} long`, wrong: `${mark("typo")} long` };
	const env = { TRUEUP_MASTER_KEY: secrets.master, TRUEUP_APP_RATE: "0", TRUEUP_SIGNIN_RATE: "0", TRUEUP_LOG_LEVEL: "debug" };
	const fixture = JSON.parse(readFileSync("sim/fixtures/small.json", "utf8"));
	fixture.connectwise.settings.private_key = secrets.psa;
	const sim = await startSim("connectwise", fixture);
	const server = await startServer({ env });
	const answers = [];
	try {
		// What is shown once is a secret from then on, and its answer is not searched.
		const once = async (name, answer, pick) => {
			assert.ok(answer.status < 300, `${name}: ${answer.text}`);
			for (const [i, s] of [pick(answer.body)].flat().entries()) secrets[`${name}${i}`] = s;
			return answer.body;
		};
		const ask = async (api, ...rest) => {
			const answer = await api(...rest);
			answers.push(`${rest.join(" ")}\n${[...answer.headers].join("\n")}\n${answer.text}`);
			return answer;
		};
		secrets.admin = server.token;
		const keys = { site: sim.url, company_id: "alderridge", public_key: "pubSmall00000001", private_key: secrets.psa, client_id: "7d0c2a53-6a0a-4c39-9c4b-1f2a77a5b9b0" };
		assert.equal((await ask(server.api, "PUT", "/psa", { kind: "connectwise", settings: keys })).status, 200);
		await jobDone(server, (await ask(server.api, "POST", "/psa/sync", { mode: "full" })).body.job);
		const feed = await startFeed(server, "Nimbus", [{ id: "A", name: "Northwind Dental" }], ["S"]);
		Object.assign(secrets, { push: feed.token });
		const coro = await ask(server.api, "POST", "/integrations", { vendor: "coro", settings: { base_url: sim.url, client_id: "c", client_secret: secrets.vendor, channel_workspace_id: "w" } });
		assert.equal(coro.status, 201, coro.text);
		await ask(server.api, "POST", `/integrations/${coro.body.id}/test`);
		await jobDone(server, (await ask(server.api, "POST", `/integrations/${coro.body.id}/sync`, {})).body.job, { fail: true });
		await mapService(server, feed, "S", "CORO-EDR");
		await count(server, feed, { A: { S: 5 } });
		await sync(server, feed);
		await once("token", await server.api("POST", "/tokens", { name: "t", role: "viewer" }, { "idempotency-key": "canary" }), (b) => b.token);
		const invited = await once("link", await server.api("POST", "/users", { email: "bo@northwind.example", role: "approver" }), (b) => b.link.split("#")[1].split("=").at(-1));
		assert.ok(invited.user.id);
		const page = browser(server);
		assert.equal((await page.api("POST", "/session", { token: secrets.link0, password: secrets.password })).status, 200);
		secrets.cookie = page.cookies.get("trueup_session");
		const begun = await once("totp", await page.api("POST", "/me/second-factor"), (b) => b.secret);
		assert.ok(begun.uri);
		await once("recovery", await page.api("PUT", "/me/second-factor", { code: totp(secrets.totp0) }), (b) => b.recovery_codes);
		// What goes wrong must not tell either.
		for (const body of [{ email: "bo@northwind.example", password: secrets.wrong }, { email: ADMIN.email, password: secrets.wrong }, { email: "bo@northwind.example", password: secrets.password }, { token: secrets.link0, password: secrets.password }])
			assert.ok((await ask(browser(server).api, "POST", "/session", body)).status >= 400);
		await ask(server.api, "PUT", "/psa", { kind: "connectwise", settings: { ...keys, site: "http://127.0.0.1:9" } });
		await ask(server.api, "POST", "/psa/test");
		await ask(server.api, "PUT", "/psa", { kind: "connectwise", settings: { ...keys, private_key: secrets.wrong } });
		await jobDone(server, (await ask(server.api, "POST", "/psa/sync", {})).body.job, { fail: true });
		await ask(server.api, "PUT", "/psa", { kind: "connectwise", settings: keys });
		await ask(server.api, "GET", "/cards", undefined, { authorization: `Bearer ${secrets.token0}x` });
		const { body: api } = await request(`${server.url}/api/v1/openapi.json`, "GET");
		for (const [path, methods] of Object.entries(api.paths)) {
			if (!methods.get || path.endsWith("/events")) continue;
			for (const fill of [coro.body.id, feed.id]) await ask(server.api, "GET", path.replace(/\{[^}]*\}/g, fill));
		}
		const cli = [];
		for (const words of [["doctor", "--json"], ["audit", "verify"], ["backup", join(server.dir, "b.backup")], ["export", join(server.dir, "all.jsonl")]]) {
			const done = await server.cli(words);
			cli.push(done.stdout, done.stderr);
		}
		if (server.store.url) {
			const dump = await run("pg_dump", [server.store.url]);
			assert.equal(dump.status, 0, dump.stderr);
			writeFileSync(join(server.dir, "dump.sql"), dump.stdout);
		}
		const places = [["answers", answers.join("\n")], ["printed", server.stdout + server.stderr], ["commands", cli.join("\n")]];
		// The administrator's password file is the test's own.
		for (const f of files(server.dir).filter((name) => !name.endsWith("/password"))) places.push([f, readFileSync(f).toString("latin1")]);
		await server.pause();
		for (const f of files(server.dir).filter((name) => /\.db/.test(name))) places.push([`${f} at rest`, readFileSync(f).toString("latin1")]);
		assert.ok(places.length >= 6, `${places.map((p) => p[0])}`);
		assert.ok(Object.keys(secrets).length >= 18, Object.keys(secrets).join());
		secrets.adminPassword = ADMIN.password;
		let searches = 0;
		for (const [name, secret] of Object.entries(secrets)) {
			for (const form of forms(secret)) {
				for (const [place, text] of places) {
					assert.ok(!text.includes(form), `${name} is in ${place}`);
					searches++;
				}
			}
		}
		// The search finds what is there.
		assert.ok(places.some(([, text]) => text.includes("bo@northwind.example")));
		measured("canary", searches);
	} finally {
		await server.stop();
		await sim.stop();
	}
});

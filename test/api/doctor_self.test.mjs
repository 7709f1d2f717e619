// The doctor's checks, each broken on purpose: it must name the one that is broken, say what to do, and be content again
// when it is mended.
import assert from "node:assert/strict";
import { chmodSync, chownSync, mkdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { measured } from "../lib/measured.mjs";
import { ADMIN, browser, startServer } from "../lib/server.mjs";
import { sql } from "../lib/store.mjs";

let server;
before(async () => {
	server = await startServer({ env: { TRUEUP_SIGNIN_RATE: "10" } });
});
after(() => server?.stop());

const SQLITE = !process.env.TRUEUP_TEST_DB;
const broken = new Set();

async function failed(args = [], env = {}) {
	const done = await server.cli(["doctor", "--json", ...args], { env: { TRUEUP_ALLOW_PRIVATE_REMOTES: "0", ...env } });
	const names = done.json.checks.filter((c) => !c.ok).map((c) => c.name);
	assert.equal(done.status, names.length ? 3 : 0, done.stdout);
	return { names, checks: done.json.checks };
}

/** Breaks it, sees exactly this check fail and say what to do, mends it, sees all well. */
function breaks(name, words, { make, mend, args, env, others = [] }) {
	test(`broken: ${name}`, async () => {
		await make?.();
		try {
			const { names, checks } = await failed(args, env);
			// The server's own look at what waits may come in between and call it an alarm, too.
			const more = ["alarms", ...others].filter((n) => n !== name);
			assert.deepEqual(names.filter((n) => !more.includes(n)), [name], JSON.stringify(checks.filter((c) => !c.ok)));
			assert.match(checks.find((c) => c.name === name && !c.ok).detail, words);
			broken.add(name);
		} finally {
			await mend?.();
		}
		assert.deepEqual((await failed()).names.filter((n) => n !== "alarms" || name === "alarms"), []);
	});
}

const at = (name = "") => join(server.dir, name);
const ago = (hours) => (Date.now() - hours * 3600000) * 1000;
const serves = ["--public-url", "https://trueup.example"];
const mode = (path, wrong, right) => ({ make: () => chmodSync(at(path), wrong), mend: () => chmodSync(at(path), right) });
const put = (make, mend) => ({ make: () => sql(server, make), mend: () => sql(server, mend) });
/* What a server that people reach lacks in this test, whatever is broken. */
const TEST_BUILD = ["build", "mail", "role in the store"];

test("a sound one is content, after more than 25 checks", async () => {
	mkdirSync(at("backups"), { mode: 0o700 });
	const { names, checks } = await failed();
	assert.deepEqual(names, []);
	assert.ok(checks.length >= 25, `${checks.length}`);
	assert.equal(new Set(checks.map((c) => c.name)).size, checks.length);
});

breaks("rights on the data folder", /chmod go=/, mode("", 0o755, 0o700));
breaks("rights on the key file", /chmod go=/, mode("master.key", 0o644, 0o600));
if (SQLITE) breaks("rights on the store", /chmod go=/, mode("trueup.db", 0o640, 0o600));
breaks("rights on the backups", /chmod go=/, mode("backups", 0o755, 0o700));
if (process.getuid() === 0)
	breaks("owner", /another user/, { make: () => chownSync(at(), 65534, 65534), mend: () => chownSync(at(), 0, 0) });
breaks("backup", /every night/, {
	make: async () => {
		writeFileSync(at("backups/old.backup"), "");
		utimesSync(at("backups/old.backup"), Date.now() / 1000 - 9 * 86400, Date.now() / 1000 - 9 * 86400);
		// The chain of a copy of the first row would be broken: the whole log is set back.
		await sql(server, `INSERT INTO audit SELECT 'old', seq, ${ago(240)}, actor, actor_id, event, object, before, after, why, request_id, prev_hash, hash FROM audit WHERE seq = 1;`);
	},
	mend: async () => {
		await sql(server, "DELETE FROM audit WHERE org_id = 'old';");
		rmSync(at("backups/old.backup"));
	},
});
breaks("public address", /reverse proxy with TLS/, { args: ["--public-url", "http://trueup.example"], others: TEST_BUILD });
breaks("listening address", /127\.0\.0\.1/, { args: ["--listen", "0.0.0.0:8080"] });
breaks("mail", /nobody is told/, { args: serves, others: ["build", "role in the store"] });
breaks("own authorities", /TRUEUP_CA_FILE/, { args: ["--ca-file", "/nowhere/ca.pem"] });
breaks("mail password", /smtps/, { args: ["--smtp-url", "smtp://user:secret@mail.example"] });
breaks("private remotes", /Leave it out/, { args: serves, env: { TRUEUP_ALLOW_PRIVATE_REMOTES: "1" }, others: TEST_BUILD });
breaks("brake on sign-ins", /guessed/, { args: ["--signin-rate", "0"] });
breaks("brake on pushes", /all the time/, { args: [...serves, "--push-rate", "0"], others: TEST_BUILD });
breaks("log level", /info/, { args: ["--log-level", "debug"] });
breaks("build", /make release/, { args: serves, others: ["mail", "role in the store"] });
if (!SQLITE) breaks("role in the store", /superuser/, { args: serves, others: ["build", "mail"] });

test("broken: master key's text", async () => {
	const zeros = at("zeros");
	writeFileSync(zeros, "0".repeat(64), { mode: 0o600 });
	const { checks } = await failed(["--master-key-file", zeros]);
	assert.match(checks.find((c) => c.name === "master key's text" && !c.ok).detail, /rotate-key/);
	broken.add("master key's text");
});

test("broken: master key", async () => {
	const wrong = at("wrong");
	writeFileSync(wrong, "ab".repeat(32), { mode: 0o600 });
	const { checks } = await failed(["--master-key-file", wrong]);
	assert.match(checks.find((c) => c.name === "master key" && !c.ok).detail, /sealed with master key/);
	broken.add("master key");
});

breaks("administrators", /trueup link/, put("UPDATE users SET disabled_at = 1;", "UPDATE users SET disabled_at = NULL;"));
breaks("second factor required", /second_factor_required/, {
	make: () => server.api("PATCH", "/settings", { second_factor_required: false }),
	mend: () => server.api("PATCH", "/settings", { second_factor_required: null }),
});
breaks("second factors", /: 1 of those/, {
	make: () => server.api("PATCH", "/settings", { second_factor_grace_days: 0 }),
	mend: () => server.api("PATCH", "/settings", { second_factor_grace_days: null }),
});
breaks("unused tokens", /Revoke/, put(
	`INSERT INTO tokens (org_id, id, name, role, hash, created_at) SELECT id, 'idle', 'idle', 'viewer', 'x', ${ago(24 * 200)} FROM orgs;`,
	"DELETE FROM tokens WHERE id = 'idle';",
));
const write = (state) =>
	`INSERT INTO writes (org_id, id, seq, batch_id, card_id, decision_id, kind, state, account_id, contract_id, product_id, contract_remote_id, product_remote_id, expect, want, request, after, attempts, created_at, updated_at)
	SELECT id, 'w', 1, 'b', 'c', 'd', 'set_quantity', '${state}', 'a', 'k', 'p', '1', '2', 0, 0, '[]', '{}', 0, ${ago(2)}, 1 FROM orgs;`;
breaks("changes that wait", /over an hour/, put(write("planned"), "DELETE FROM writes;"));
breaks("unknown outcomes", /Look in the PSA/, put(write("unknown"), "DELETE FROM writes;"));
breaks("jobs", /trueup serve/, {
	make: async () => {
		await server.pause();
		await sql(server, `INSERT INTO jobs (org_id, id, kind, state, args, done, total, attempts, run_at, created_at) SELECT id, 'j', 'retain', 'queued', '{}', 0, 0, 0, ${ago(2)}, 1 FROM orgs;`);
	},
	mend: async () => {
		await sql(server, "DELETE FROM jobs WHERE id = 'j';");
		server = await server.restart();
	},
});
breaks("vendors", /See Integrations/, {
	make: async () => {
		const made = await server.api("POST", "/integrations", { vendor: "custom", name: "n" });
		assert.equal(made.status, 201);
		await sql(server, "UPDATE integrations SET state = 'error';");
	},
	mend: () => sql(server, "UPDATE integrations SET state = 'inactive';"),
});
breaks("alarms", /GET \/api\/v1\/alarms/, put("INSERT INTO alarms SELECT id, 'disk', 1, 'full' FROM orgs;", "DELETE FROM alarms;"));
breaks("clock", /Set this machine's clock right/, put(
	`INSERT INTO audit SELECT 'new', seq, ${ago(-24)}, actor, actor_id, event, object, before, after, why, request_id, prev_hash, hash FROM audit WHERE seq = 1;`,
	"DELETE FROM audit WHERE org_id = 'new';",
));
breaks("audit log", /broken at row 1/, put("UPDATE audit SET actor = actor || '!' WHERE seq = 1;", "UPDATE audit SET actor = substr(actor, 1, length(actor) - 1) WHERE seq = 1;"));

test("the reading of the PSA", async () => {
	await sql(server, `INSERT INTO psa (org_id, kind, settings, configured_at, state, watermark) SELECT id, 'connectwise', '{}', ${ago(51)}, 'configured', 0 FROM orgs;`);
	const { names } = await failed();
	assert.ok(names.includes("reading of the PSA"), `${names}`);
	broken.add("reading of the PSA");
	await sql(server, "DELETE FROM psa;");
});

test("enough of them were broken", async () => {
	// Somebody who signed in is as well looked after as before.
	assert.equal((await browser(server).signIn(ADMIN.email)).status, 200);
	assert.ok(broken.size >= 25, `${broken.size}: ${[...broken]}`);
	measured("doctor_checks", broken.size);
});

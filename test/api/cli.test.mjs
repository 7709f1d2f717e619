// The command line: usage, exit status, one JSON document, and one clear line for each thing that can be wrong.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { ADMIN, BUILD, TOP, freshStore, launch, request, startServer, tempDir, trueup } from "../lib/server.mjs";

const SQLITE = !process.env.TRUEUP_TEST_DB;

function passwordFile(dir, text = ADMIN.password) {
	const file = join(dir, "password");
	writeFileSync(file, text);
	return file;
}

async function setUp(dir = tempDir(), store) {
	store ??= await freshStore();
	const common = ["--data", dir, ...store.args];
	const words = ["setup", "--org", ADMIN.org, "--admin", ADMIN.email, "--password-file", passwordFile(dir), "--json"];
	const done = await trueup([...words, ...common]);
	assert.equal(done.status, 0, done.stderr);
	return { dir, store, common, done };
}

/** Starts `serve`, which must fail: {status, line}. */
async function failing(args, env = {}) {
	const done = await trueup(["serve", "--listen", "127.0.0.1:0", ...args], { env });
	const lines = done.stderr.trim().split("\n");
	assert.equal(lines.length, 1, `one line, not:\n${done.stderr}`);
	return { status: done.status, line: lines[0] };
}

test("wrong usage is told with status 2", async () => {
	const cases = [
		[[], /usage: trueup/],
		[["dance"], /no command "dance"/],
		[["token"], /no command "token"/],
		[["serve"], /needs --data/],
		[["serve", "--data"], /--data needs a value/],
		[["serve", "--nonsense", "1"], /does not know --nonsense/],
		[["serve", "--data", "x", "more"], /does not know what to do with "more"/],
		[["serve", "--org", "x"], /does not know --org/],
		[["serve", "--data", "x", "--workers", "0"], /whole number from 1/],
		[["serve", "--data", "x", "--workers", "2x"], /whole number/],
		[["serve", "--data", "x", "--log-level", "loud"], /log level/],
		[["serve", "--data", "x", "--read-only=perhaps"], /must be 1 or 0/],
		[["serve", "--data", "x", "--master-key", "00"], /--master-key-file/],
		[["setup", "--data", "x", "--org", "x", "--admin", "a@b.example"], /--password-file/],
		[["token", "create", "--data", "x", "--name", "n", "--role", "king"], /admin, approver or viewer/],
		[["token", "create", "--data", "x", "--name", "n", "--role", "viewer", "--expires", "soon"], /not a date/],
	];
	for (const [args, words] of cases) {
		const done = await trueup(args);
		assert.equal(done.status, 2, `${args.join(" ")}: ${done.stderr}`);
		assert.match(done.stderr, words);
		assert.equal(done.stdout, "");
	}
});

test("help names every command, and status is 0", async () => {
	const help = await trueup(["--help"]);
	assert.equal(help.status, 0);
	for (const word of ["serve", "setup", "token create", "doctor", "audit verify", "backup", "restore", "export"])
		assert.ok(help.stdout.includes(word), word);
	const one = await trueup(["token", "create", "--help"]);
	assert.equal(one.status, 0);
	assert.match(one.stdout, /--role/);
});

test("every setting is described in docs/operate/settings.md, and nothing else is", async () => {
	const { stdout } = await trueup(["--help"]);
	const known = [...stdout.split("Settings:")[1].matchAll(/^ {2}(--[a-z-]+)/gm)].map((m) => m[1]).sort();
	const page = readFileSync(join(TOP, "docs/operate/settings.md"), "utf8");
	const rows = [...page.matchAll(/^\| `(--[a-z-]+)` \| `(TRUEUP_[A-Z_]+)`/gm)];
	assert.deepEqual(rows.map((m) => m[1]).sort(), known);
	// A secret's argument names a file, and its variable holds the secret itself.
	for (const [, flag, variable] of rows) {
		const name = stdout.includes(`${flag} FILE\n`) ? flag.replace(/-file$/, "") : flag;
		assert.equal(variable, `TRUEUP_${name.slice(2).replaceAll("-", "_").toUpperCase()}`);
	}
});

test("a failure with --json is one document as well", async () => {
	const done = await trueup(["token", "create", "--data", tempDir(), "--name", "n", "--role", "viewer", "--json"]);
	assert.equal(done.status, 1);
	assert.equal(done.json.error, "not_found");
	assert.match(done.json.detail, /trueup setup/);
});

test("settings come from arguments, variables and files, in this order", async () => {
	const { dir, store } = await setUp();
	const file = join(dir, "where");
	writeFileSync(file, `${dir}\n`);
	const words = ["token", "create", "--name", "n", "--role", "viewer", "--json", ...store.args];
	assert.equal((await trueup(words, { env: { TRUEUP_DATA: dir } })).status, 0);
	assert.equal((await trueup(words, { env: { TRUEUP_DATA_FILE: file } })).status, 0);
	assert.equal((await trueup([...words, `--data=${dir}`], { env: { TRUEUP_DATA: "/nowhere" } })).status, 0);
	assert.equal((await trueup(words, { env: { TRUEUP_DATA: "/nowhere" } })).status, 1);
	const both = await trueup(words, { env: { TRUEUP_DATA: dir, TRUEUP_DATA_FILE: file } });
	assert.equal(both.status, 2);
	assert.match(both.stderr, /Both TRUEUP_DATA and TRUEUP_DATA_FILE/);
	const gone = await trueup(words, { env: { TRUEUP_DATA_FILE: "/nowhere/file" } });
	assert.match(gone.stderr, /TRUEUP_DATA_FILE: \/nowhere\/file/);
});

test("setup works once, and checks what it is given", async () => {
	const { dir, common, done } = await setUp();
	assert.match(done.json.organization, /^[0-9a-f]{24}$/);
	assert.match(done.json.user, /^[0-9a-f]{24}$/);
	const words = ["setup", "--org", "Other", "--admin", "b@c.example", "--password-file", passwordFile(dir)];
	const again = await trueup([...words, ...common]);
	assert.equal(again.status, 1);
	assert.match(again.stderr, /set up already, for Northwind IT/);
	const empty = await freshStore();
	const fresh = ["--data", tempDir(), ...empty.args];
	const short = ["setup", "--org", "O", "--admin", "b@c.example", "--password-file", passwordFile(dir, "short\n")];
	assert.equal((await trueup([...short, ...fresh])).status, 2);
	const bad = ["setup", "--org", "O", "--admin", "not an address", "--password-file", passwordFile(dir)];
	const address = await trueup([...bad, ...fresh]);
	assert.equal(address.status, 2);
	assert.match(address.stderr, /e-mail address/);
	await empty.drop();
});

test("the data folder and the store are for our user only", async () => {
	const dir = join(tempDir(), "data");
	await setUpIn(dir);
	assert.equal(statSync(dir).mode & 0o777, 0o700);
	if (SQLITE) assert.equal(statSync(join(dir, "trueup.db")).mode & 0o777, 0o600);
});

async function setUpIn(dir) {
	const store = await freshStore();
	const words = ["setup", "--org", "O", "--admin", "b@c.example", "--password-file", passwordFile(tempDir())];
	const done = await trueup([...words, "--data", dir, ...store.args]);
	assert.equal(done.status, 0, done.stderr);
	await store.drop();
}

test("serve says where it listens, and tidies up when it is told to end", async () => {
	const server = await startServer();
	assert.match(server.url, /^http:\/\/127\.0\.0\.1:\d+$/);
	assert.equal(readFileSync(join(server.dir, "address"), "utf8"), `${server.url}\n`);
	assert.equal((await request(`${server.url}/healthz`, "GET")).status, 200);
	assert.equal((await request(`${server.url}/readyz`, "GET")).status, 200);
	assert.equal(statSync(join(server.dir, "master.key")).mode & 0o777, 0o600);
	assert.equal(await server.pause(), 0);
	assert.ok(!existsSync(join(server.dir, "address")));
	await server.stop();
});

test("a token made while the server runs works at once", async () => {
	const server = await startServer();
	const made = await server.cli(["token", "create", "--name", "later", "--role", "viewer", "--json"]);
	assert.equal(made.status, 0);
	const answer = await server.api("GET", "/me", undefined, { authorization: `Bearer ${made.json.token}` });
	assert.equal(answer.status, 200);
	assert.equal(answer.body.role, "viewer");
	const plain = await server.cli(["token", "create", "--name", "plain", "--role", "viewer"]);
	assert.match(plain.stdout, /^tu_[0-9a-f]{24}_[A-Za-z0-9_-]+\n$/);
	await server.stop();
});

test("serve: what is in the way is told in one line", async () => {
	const dir = tempDir();
	const taken = createServer().listen(0, "127.0.0.1");
	await new Promise((r) => taken.once("listening", r));
	const port = taken.address().port;
	const used = await trueup(["serve", "--data", dir, "--db", `sqlite:${dir}/s.db`, "--listen", `127.0.0.1:${port}`]);
	taken.close();
	assert.equal(used.status, 1);
	assert.match(used.stderr, new RegExp(`^trueup: .*${port}: another program uses this port.*\n$`));

	const file = join(dir, "file");
	writeFileSync(file, "");
	assert.match((await failing(["--data", file])).line, /not a folder/);
	assert.match((await failing(["--data", join(file, "below")])).line, /cannot be made/);
	assert.match((await failing(["--data", dir, "--listen", "nonsense"])).line, /nonsense/);
	assert.match((await failing(["--data", dir, "--db", "mysql://x"])).line, /sqlite:PATH or postgresql/);
	assert.match((await failing(["--data", dir, "--db", "sqlite:/nowhere/x.db"])).line, /\/nowhere\/x\.db/);
	assert.match((await failing(["--data", dir], { TRUEUP_MASTER_KEY: "short" })).line, /openssl rand -hex 32/);
	assert.match((await failing(["--data", dir, "--db", "postgresql://127.0.0.1:1/x"])).line, /PostgreSQL server is not reachable/);
});

test("serve refuses a folder it may not write", { skip: process.getuid() === 0 && "root may write anywhere" }, async () => {
	const dir = tempDir();
	const locked = join(dir, "locked");
	mkdirSync(locked, { mode: 0o500 });
	assert.match((await failing(["--data", locked])).line, /not writable/);
});

test("serve refuses a store of a newer program, and leaves it as it is", { skip: !SQLITE }, async () => {
	const { dir, common } = await setUp();
	const db = join(dir, "trueup.db");
	sqlite(db, "INSERT INTO schema_version (number, name, applied_at) VALUES (999, 'future', 0)");
	const { status, line } = await failing(common);
	assert.equal(status, 1);
	assert.match(line, /newer version/);
	const doctor = await trueup(["doctor", "--json", ...common]);
	assert.equal(doctor.status, 3);
	assert.equal(doctor.json.ok, false);
});

test("serve refuses a file that is not ours", { skip: !SQLITE }, async () => {
	const dir = tempDir();
	writeFileSync(join(dir, "trueup.db"), "this is no database, it is a letter to somebody, and quite a long one ".repeat(100));
	assert.match((await failing(["--data", dir])).line, /not an SQLite database/);
	const other = tempDir();
	sqlite(join(other, "trueup.db"), "CREATE TABLE theirs (a)");
	assert.match((await failing(["--data", other])).line, /tables of another program/);
});

/** Changes the file with Python's own SQLite: no other tool is needed for the build either. */
function sqlite(file, sql) {
	const code = "import sqlite3,sys; c=sqlite3.connect(sys.argv[1]); c.executescript(sys.argv[2]); c.commit()";
	execFileSync("python3", ["-c", code, file, sql]);
}

test("serve refuses another master key than the store's own", async () => {
	const server = await startServer();
	await server.pause();
	const args = ["--data", server.dir, ...server.store.args];
	const { line } = await failing(args, { TRUEUP_MASTER_KEY: "ab".repeat(32) });
	assert.match(line, /master key/);
	const doctor = await trueup(["doctor", "--json", ...args], { env: { TRUEUP_MASTER_KEY: "ab".repeat(32) } });
	assert.equal(doctor.status, 3);
	assert.equal(doctor.json.checks.find((c) => c.name === "master key").ok, false);
	await server.stop();
});

test("read-only serves, and refuses every change", async () => {
	const server = await startServer({ env: { TRUEUP_READ_ONLY: "1" } });
	assert.equal((await server.api("GET", "/organization")).status, 200);
	const refused = await server.api("PATCH", "/organization", { name: "Other" });
	assert.equal(refused.status, 403);
	assert.match(refused.body.detail, /read-only/);
	await server.stop();
});

test("doctor is content with a sound store, before any PSA, while the server runs and before setup", async () => {
	const server = await startServer();
	const done = await server.cli(["doctor", "--json"]);
	assert.equal(done.status, 0, done.stdout);
	assert.equal(done.json.ok, true);
	for (const name of ["data folder", "disk", "schema", "integrity", "clock", "audit log", "master key", "PSA"])
		assert.equal(done.json.checks.find((c) => c.name === name)?.ok, true, name);
	const words = await server.cli(["doctor"]);
	assert.match(words.stdout, /^ok {4}integrity: /m);
	await server.stop();

	const empty = await startServer({ setup: false });
	assert.equal((await empty.cli(["doctor", "--json"])).status, 0);
	await empty.stop();
});

test("doctor says what is wrong, and changes nothing", { skip: !SQLITE }, async () => {
	const nowhere = await trueup(["doctor", "--data", "/nowhere", "--json"]);
	assert.equal(nowhere.status, 3);
	const bare = tempDir();
	const none = await trueup(["doctor", "--data", bare, "--json"]);
	assert.equal(none.status, 3);
	assert.ok(!existsSync(join(bare, "trueup.db")));
	assert.ok(!existsSync(join(bare, "master.key")));

	const { dir, common } = await setUp();
	sqlite(join(dir, "trueup.db"), "UPDATE audit SET actor = 'nobody' WHERE seq = 1");
	const changed = await trueup(["doctor", "--json", ...common]);
	assert.equal(changed.status, 3);
	assert.equal(changed.json.checks.find((c) => c.name === "audit log").ok, false);
	const verify = await trueup(["audit", "verify", "--json", ...common]);
	assert.equal(verify.status, 3);
	assert.equal(verify.json.ok, false);
	assert.equal(verify.json.organizations[0].audit.broken_at, 1);
});

test("doctor names a lost master key", async () => {
	const server = await startServer();
	await server.pause();
	execFileSync("rm", [join(server.dir, "master.key")]);
	const done = await server.cli(["doctor", "--json"]);
	assert.equal(done.status, 3);
	assert.match(done.json.checks.find((c) => c.name === "master key").detail, /missing/);
	assert.ok(!existsSync(join(server.dir, "master.key")));
	await server.stop();
});

test("export holds the tables and no secret", async () => {
	const server = await startServer();
	const file = join(server.dir, "all.jsonl");
	const done = await server.cli(["export", file, "--json"]);
	assert.equal(done.status, 0, done.stderr);
	const text = readFileSync(file, "utf8");
	const rows = text.trim().split("\n").map((line) => JSON.parse(line));
	assert.equal(rows.length, done.json.rows);
	assert.equal(rows.find((r) => r.table === "orgs").row.name, ADMIN.org);
	assert.equal(rows.filter((r) => r.table === "tokens").length, 1);
	for (const { table, row } of rows) {
		assert.ok(!["secrets", "sessions", "links", "push_keys", "idempotency", "commit_marks"].includes(table), table);
		for (const column of Object.keys(row))
			if (!table.startsWith("audit")) assert.doesNotMatch(column, /hash|sealed|wrapped|password/, `${table}.${column}`);
	}
	assert.ok(!text.includes("$argon2"));
	assert.equal((await server.cli(["export", file])).status, 1);
	const stream = await server.cli(["export"]);
	assert.equal(stream.stdout.trim().split("\n").length, rows.length);
	await server.stop();
});

test("SIGINT ends a server as well", async () => {
	const store = await freshStore();
	const self = launch(join(BUILD, "trueup"), ["serve", "--listen", "127.0.0.1:0", "--data", tempDir(), ...store.args]);
	await self.ready;
	self.child.kill("SIGINT");
	await self.ended;
	assert.equal(self.status, 0);
	await store.drop();
});

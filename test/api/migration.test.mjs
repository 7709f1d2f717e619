// Stores that earlier versions made (test/releases), brought to this version's schema: a backup is made first, every row is
// as it was, the schema is a fresh store's, and a program killed at any step of it leaves a store that the next one takes.
import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { armory, pointsOf } from "../lib/failpoint.mjs";
import { measured } from "../lib/measured.mjs";
import { run, startServer, tempDir, TOP, trueup } from "../lib/server.mjs";

const FOLDER = join(TOP, "test/releases");
const KEPT = readdirSync(FOLDER).filter((f) => f.endsWith(".sql.gz"));
const skip = process.env.TRUEUP_TEST_DB ? "the kept stores are SQLite's; a backup takes them to PostgreSQL" : false;

async function sqlite(file, text) {
	const done = await run("sqlite3", ["-batch", file], { input: text });
	assert.equal(done.stderr, "");
	return done.stdout;
}

/** A data folder with an old store in it: {dir, file, store}. */
async function old(name) {
	const dir = tempDir();
	const file = join(dir, "trueup.db");
	await sqlite(file, gunzipSync(readFileSync(join(FOLDER, name))).toString());
	chmodSync(file, 0o600);
	return { dir, file, store: { args: [], async drop() {} } };
}

const step = async (file) => Number(await sqlite(file, "SELECT MAX(number) FROM schema_version;"));
const schema = async (file) => (await sqlite(file, "SELECT type, name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY 1, 2; SELECT m.name, p.name, p.type, p.\"notnull\", p.pk FROM sqlite_master m, pragma_table_info(m.name) p WHERE m.type = 'table' ORDER BY 1, 2;"));

/** Table -> the text of all rows, of the columns that the old store has. */
async function rows(file, columns) {
	const out = {};
	for (const [table, names] of Object.entries(columns)) out[table] = await sqlite(file, `SELECT ${names} FROM ${table} ORDER BY 1, 2;`);
	return out;
}

async function columnsOf(file) {
	const list = await sqlite(file, "SELECT m.name || '|' || group_concat('\"' || p.name || '\"') FROM sqlite_master m, pragma_table_info(m.name) p WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' GROUP BY m.name;");
	const all = list.trim().split("\n").map((l) => l.split("|"));
	// What a server that starts changes by itself, and what a later step takes away.
	return Object.fromEntries(all.filter(([t]) => !["import_lines", "schema_version", "schedule_marks", "jobs", "secrets", "links", "signin_tries"].includes(t)));
}

async function fresh() {
	const server = await startServer();
	await server.pause();
	const file = join(server.dir, "trueup.db");
	return { schema: await schema(file), step: await step(file) };
}

test("there are stores of earlier versions", () => assert.ok(KEPT.length >= 2, `${KEPT}`));

for (const name of skip ? [] : KEPT) {
	test(`${name}: every row as it was, the schema of a fresh store, and a backup from before`, async () => {
		const want = await fresh();
		const { dir, file, store } = await old(name);
		const was = await step(file);
		const columns = await columnsOf(file);
		const before = await rows(file, columns);
		assert.ok(Object.values(before).join("").includes("株式会社"), "the store holds awkward names");
		// The store was made with a master key that is gone; its mark goes with it.
		await sqlite(file, "DELETE FROM secrets;");
		const whole = await trueup(["audit", "verify", "--data", dir]);
		assert.equal(whole.status, 0, whole.stderr);
		assert.equal(await step(file), want.step);
		assert.equal(await schema(file), want.schema);
		assert.deepEqual(await rows(file, columns), before);
		const set = await trueup(["token", "create", "--name", "t", "--role", "admin", "--json", "--data", dir]);
		assert.equal(set.status, 0, set.stderr);
		const backup = join(dir, "backups", `before-step-${want.step}.backup`);
		assert.equal(existsSync(backup), was < want.step);
		const server = await startServer({ dir, store, token: set.json.token });
		const doctor = await server.cli(["audit", "verify"]);
		assert.equal(doctor.status, 0, doctor.stdout);
		assert.equal((await server.api("GET", "/cards")).status, 200);
		await server.stop();
		if (was < want.step) {
			assert.equal(statSync(backup).mode & 0o777, 0o600);
			const target = tempDir();
			const back = await trueup(["restore", "--json", "--data", target, backup]);
			assert.ok([0, 3].includes(back.status), back.stderr);
			assert.equal(back.json.schema, was);
			await trueup(["audit", "verify", "--data", target]);
			assert.equal(await schema(join(target, "trueup.db")), want.schema);
		}
	});
}

test("killed or failed at each point of it, the next program finishes", { skip }, async () => {
	const want = await fresh();
	let fired = 0;
	for (const point of pointsOf("migrate.")) {
		for (const kind of ["kill", "error"]) {
			const { dir, file } = await old("step-6.sql.gz");
			const columns = await columnsOf(file);
			const before = await rows(file, columns);
			const weapon = armory();
			weapon.arm(point, kind, 2);
			const first = await trueup(["audit", "verify", "--data", dir], { env: weapon.env });
			assert.equal(weapon.fired(), point, `${point} ${kind} never fired: ${first.stderr}`);
			assert.notEqual(first.status, 0);
			const second = await trueup(["audit", "verify", "--data", dir]);
			assert.equal(second.status, 0, `${point} ${kind}: ${second.stderr}`);
			assert.equal(await schema(file), want.schema, `${point} ${kind}`);
			assert.deepEqual(await rows(file, columns), before, `${point} ${kind}`);
			fired++;
		}
	}
	assert.ok(fired >= 12);
	measured("migrations", KEPT.length);
});

test("without a backup there is no migration", { skip }, async () => {
	const { dir, file } = await old("step-6.sql.gz");
	mkdirSync(join(dir, "other"));
	writeFileSync(join(dir, "backups"), "in the way");
	const refused = await trueup(["audit", "verify", "--data", dir]);
	assert.equal(refused.status, 1);
	assert.match(refused.stderr, /was not changed, because no backup/);
	assert.equal(await step(file), 6);
});

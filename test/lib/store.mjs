// The store itself, past the server: for tests that compare it before and after, or put into it what no route would.
import { createHash } from "node:crypto";
import { join } from "node:path";
import { run } from "./server.mjs";

/** Runs SQL on the store of a server, on either engine; gives what it printed, one row a line. */
export async function sql(server, text) {
	const [file, args] = server.store.url
		? ["psql", [server.store.url, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"]]
		: ["sqlite3", ["-batch", "-cmd", ".timeout 10000", join(server.dir, "trueup.db")]];
	const done = await run(file, args, { input: text });
	if (done.status !== 0 || (!server.store.url && done.stderr)) throw new Error(`${file}: ${done.stderr}`);
	return done.stdout;
}

/* What changes by itself, or by a request that is refused: sign-in tries, last uses, jobs of the clock. */
const RESTLESS = new Set(["sessions", "signin_tries", "tokens", "schedule_marks", "jobs", "schema_version", "push_keys", "commit_marks"]);

async function tables(server) {
	const list = server.store.url
		? "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1;"
		: "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY 1;";
	return (await sql(server, list)).trim().split("\n").filter((t) => t && !RESTLESS.has(t));
}

/** Table name -> digest of all its rows, and the number of tokens and users' keys by count. */
export async function digests(server) {
	const names = await tables(server);
	const all = names.map((t) => `SELECT '${t}', x.* FROM ${t} x ORDER BY 2, 3;`).join("\n");
	const out = {};
	for (const line of (await sql(server, `${all}\nSELECT 'tokens', COUNT(*) FROM tokens;`)).split("\n")) {
		const name = line.split("|")[0];
		(out[name] ??= createHash("sha256")).update(line).update("\n");
	}
	return Object.fromEntries(Object.entries(out).map(([name, h]) => [name, h.digest("hex")]));
}

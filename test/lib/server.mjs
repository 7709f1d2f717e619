// Starts the real programs for black-box tests: build/trueup and build/trueup-sim, on free ports of the loopback
// address, each with a temporary folder of its own. With TRUEUP_TEST_DB=postgresql://... each server gets a database
// of its own on that server, which is dropped when it stops.
import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { guard, search, searchDatabase, watch } from "./guard.mjs";

export const TOP = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
export const BUILD = resolve(TOP, process.env.TRUEUP_BUILD || "build");
export const ADMIN = { org: "Northwind IT", email: "anna@northwind.example", password: "correct horse battery" };
const START_MS = 60000;

const cleanups = new Set();
process.on("exit", () => {
	search();
	for (const f of cleanups) f();
});

/** A temporary folder, removed when this process ends. */
export function tempDir() {
	const dir = mkdtempSync(join(tmpdir(), "trueup-test-"));
	cleanups.add(() => rmSync(dir, { recursive: true, force: true }));
	return dir;
}

/** Runs a program to its end: {status, signal, stdout, stderr}. `input` goes to its stdin. */
export function run(file, args, { env = {}, input, cwd } = {}) {
	return new Promise((done) => {
		const child = execFile(
			file,
			args,
			{ env: { ...process.env, ...env }, cwd, maxBuffer: 256 << 20 },
			(error, stdout, stderr) =>
				done({ status: error ? error.code : 0, signal: error?.signal ?? null, stdout, stderr }),
		);
		child.stdin.on("error", () => {});
		child.stdin.end(input ?? "");
	});
}

/** Runs `trueup ...`. With `json` the one document on stdout is parsed into `.json`. */
export async function trueup(args, options = {}) {
	const result = await run(join(BUILD, "trueup"), args, options);
	if (args.includes("--json")) result.json = JSON.parse(result.stdout);
	return result;
}

async function psql(url, sql) {
	const result = await run("psql", [url, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", sql]);
	if (result.status !== 0) throw new Error(`psql: ${result.stderr}`);
}

/** A fresh store: {args, drop()}. On SQLite that is the file in `dir`; nothing needs to be dropped. */
export async function freshStore() {
	const base = process.env.TRUEUP_TEST_DB;
	if (!base) return { args: [], async drop() {} };
	const name = `trueup_${randomBytes(8).toString("hex")}`;
	await psql(base, `CREATE DATABASE ${name}`);
	const url = new URL(base);
	url.pathname = `/${name}`;
	return {
		url: url.href,
		args: ["--db", url.href],
		drop: () => psql(base, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
	};
}

/** Starts a program and waits for its line {"event":"listening","address":...} on stderr. */
export function launch(file, args, { env = {} } = {}) {
	const child = spawn(file, args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
	const self = { child, url: null, stdout: "", stderr: "", exited: false, status: null, signal: null };
	const kill = () => self.exited || child.kill("SIGKILL");
	cleanups.add(kill);
	self.ended = new Promise((done) =>
		child.on("close", (status, signal) => {
			Object.assign(self, { exited: true, status, signal });
			cleanups.delete(kill);
			done();
		}),
	);
	child.stdout.on("data", (d) => (self.stdout += d));
	self.ready = new Promise((done, fail) => {
		const late = setTimeout(() => {
			kill();
			fail(new Error(`${file} did not say where it listens:\n${self.stderr}`));
		}, START_MS);
		let rest = "";
		child.stderr.on("data", (d) => {
			self.stderr += d;
			rest += d;
			const lines = rest.split("\n");
			rest = lines.pop();
			for (const line of self.url ? [] : lines) {
				let event = null;
				try {
					event = JSON.parse(line);
				} catch {
					continue;
				}
				if (event?.event !== "listening") continue;
				clearTimeout(late);
				self.url = event.address;
				done(self);
			}
		});
		self.ended.then(() => {
			clearTimeout(late);
			fail(new Error(`${file} ended (${self.status ?? self.signal}):\n${self.stdout}${self.stderr}`));
		});
	});
	self.ready.catch(() => {});
	return self;
}

async function end(self, signal) {
	if (!self.exited) self.child.kill(signal);
	await self.ended;
	return self.status ?? self.signal;
}

/** One request; `body` an object goes as JSON. Gives {status, headers, text, body}. */
export async function request(url, method, { headers = {}, body, raw } = {}) {
	const init = { method, headers: { ...headers }, redirect: "manual" };
	if (raw !== undefined) init.body = raw;
	else if (body !== undefined) {
		init.body = JSON.stringify(body);
		init.headers["content-type"] ??= "application/json";
	}
	const answer = await fetch(url, init);
	const text = await answer.text();
	let parsed = null;
	if ((answer.headers.get("content-type") || "").includes("json") && text) parsed = JSON.parse(text);
	return { status: answer.status, headers: answer.headers, text, body: parsed };
}

/**
 * A server. Options: `env`, `args` (more of the command line), `dir` and `store` (of an earlier one, to start it again),
 * `setup: false` (no organization, no token).
 * Gives {url, dir, store, token, api(method, path, body, headers), stop(), kill(), restart(), cli(args)}; `path` begins
 * behind /api/v1, unless it begins with /api.
 */
export async function startServer({ env = {}, args = [], dir, store, setup = true, token = null } = {}) {
	const again = dir !== undefined;
	dir ??= tempDir();
	store ??= await freshStore();
	const common = ["--data", dir, ...store.args];
	const variables = { TRUEUP_ALLOW_PRIVATE_REMOTES: "1", ...env };
	const cli = (words, options = {}) => trueup([...words, ...common], { env: variables, ...options });
	if (setup && !again) {
		const file = join(dir, "password");
		writeFileSync(file, `${ADMIN.password}\n`);
		const words = ["setup", "--org", ADMIN.org, "--admin", ADMIN.email, "--password-file", file];
		const done = await cli(words);
		if (done.status !== 0) throw new Error(`setup: ${done.stderr}`);
		token = (await cli(["token", "create", "--name", "tests", "--role", "admin", "--json"])).json.token;
	}
	const self = launch(join(BUILD, "trueup"), ["serve", "--listen", "127.0.0.1:0", ...common, ...args], {
		env: variables,
	});
	guard(token, ADMIN.password);
	watch(dir, self);
	await self.ready;
	const address = (path) => self.url + (path.startsWith("/api") ? path : `/api/v1${path}`);
	const stop = async () => {
		const status = await end(self, "SIGTERM");
		if (store.url) await searchDatabase(store.url);
		await store.drop();
		return status;
	};
	return Object.assign(self, {
		dir,
		store,
		token,
		cli,
		stop,
		api: (method, path, body, headers = {}) =>
			request(address(path), method, { body, headers: { authorization: `Bearer ${token}`, ...headers } }),
		// At once, without a chance to tidy up; the store stays for restart().
		kill: () => end(self, "SIGKILL"),
		pause: () => end(self, "SIGTERM"),
		restart: async (more = {}) => {
			await end(self, "SIGTERM");
			return startServer({ env, args, dir, store, token, ...more });
		},
	});
}

/** Makes a token of a role and gives an api() that uses it. */
export async function as(server, role) {
	const made = await server.cli(["token", "create", "--name", `as ${role}`, "--role", role, "--json"]);
	guard(made.json.token);
	const headers = { authorization: `Bearer ${made.json.token}` };
	const api = (method, path, body, more = {}) => server.api(method, path, body, { ...headers, ...more });
	return Object.assign(api, { token: made.json.token });
}

/** A browser's view: keeps cookies and repeats the CSRF cookie in its header. Starts with nobody signed in. */
export function browser(server) {
	const cookies = new Map();
	const api = async (method, path, body, headers = {}) => {
		const all = { ...headers };
		if (cookies.size) all.cookie = [...cookies].map(([k, v]) => `${k}=${v}`).join("; ");
		if (cookies.has("trueup_csrf")) all["x-csrf-token"] ??= cookies.get("trueup_csrf");
		const answer = await request(`${server.url}/api/v1${path}`, method, { body, headers: all });
		for (const line of answer.headers.getSetCookie?.() ?? []) {
			const [, name, value] = line.match(/^([^=]+)=([^;]*)/);
			if (value === "" || /max-age=0/i.test(line)) cookies.delete(name);
			else cookies.set(name, value);
		}
		return answer;
	};
	const signIn = (email = ADMIN.email, password = ADMIN.password) => api("POST", "/session", { email, password });
	return { api, cookies, signIn };
}

/**
 * A simulator of one remote system. `fixture` is a file or an object. `ledger()` is what truly happened there,
 * `faults(list)` asks for failures to come.
 */
export async function startSim(kind, fixture, { args = [] } = {}) {
	let file = fixture;
	if (typeof fixture === "object") {
		file = join(tempDir(), "fixture.json");
		writeFileSync(file, JSON.stringify(fixture));
	}
	const words = [kind, "--listen", "127.0.0.1:0", "--fixture", resolve(TOP, file), ...args];
	const self = launch(join(BUILD, "trueup-sim"), words);
	await self.ready;
	return Object.assign(self, {
		ledger: async () => (await request(`${self.url}/_ledger`, "GET")).body,
		faults: async (list) => {
			const answer = await request(`${self.url}/_faults`, "POST", { body: list });
			if (answer.status >= 300) throw new Error(`_faults: ${answer.status} ${answer.text}`);
		},
		stop: () => end(self, "SIGTERM"),
		kill: () => end(self, "SIGKILL"),
	});
}

/** Waits until `probe()` gives something true, and gives it back. */
export async function until(probe, { ms = 30000, every = 50, what = "the condition" } = {}) {
	const deadline = Date.now() + ms;
	for (;;) {
		const got = await probe();
		if (got) return got;
		if (Date.now() > deadline) throw new Error(`${what} did not come true within ${ms} ms`);
		await new Promise((r) => setTimeout(r, every));
	}
}

/** Waits for a job to end; throws its sentence when it failed, unless `fail` is set. */
export async function jobDone(server, id, { fail = false, ms = 60000 } = {}) {
	const job = await until(
		async () => {
			const { body } = await server.api("GET", `/jobs/${id}`);
			return body.state === "done" || body.state === "failed" ? body : null;
		},
		{ ms, what: `job ${id}` },
	);
	if (job.state === "failed" && !fail) throw new Error(`job ${id}: ${job.error}`);
	return job;
}

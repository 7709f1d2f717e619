// Answers that would never end, or that are small until they are unpacked: each way of fetching ends them by its limit, and what
// it took before stays.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { tempDir, trueup } from "../lib/server.mjs";

const dir = tempDir();
const env = { TRUEUP_ALLOW_PRIVATE_REMOTES: "1" };
// 270 MB of blanks in 270 kB: more than any connector takes of one answer.
const bomb = gzipSync(Buffer.alloc(270 << 20, " "), { level: 9 });
const piece = Buffer.alloc(1 << 20, " ");

/** A server that signs anybody in, and floods whoever asks for more; gives its address. */
async function flood(t, how) {
	const server = createServer((request, answer) => {
		request.resume();
		answer.on("error", () => undefined);
		if (/token|session-start/.test(request.url)) {
			answer.writeHead(200, { "Content-Type": "application/json" });
			answer.end(JSON.stringify({ access_token: "t", expires_in: 3600, SessionKey: "k", Status: 200, Message: "" }));
		} else if (how === "bomb") {
			answer.writeHead(200, { "Content-Type": "application/json", "Content-Encoding": "gzip" });
			answer.end(bomb);
		} else {
			answer.writeHead(200, { "Content-Type": "application/json", "Content-Length": String(10 * 1024 ** 3) });
			const more = () => {
				while (!answer.destroyed && answer.write(piece));
			};
			answer.on("drain", more);
			more();
		}
	});
	await new Promise((done) => server.listen(0, "127.0.0.1", done));
	t.after(() => {
		server.closeAllConnections();
		server.close();
	});
	return `http://127.0.0.1:${server.address().port}`;
}

const declaration = {
	trueup_vendor: 1,
	id: "flooded",
	name: "Flooded",
	description: "For a test.",
	how: "For a test.",
	verified: "documentation",
	settings: [
		{ name: "url", label: "Address", type: "url", required: true },
		{ name: "token", label: "Token", type: "password", secret: true, required: true },
	],
	auth: { kind: "bearer", token: "{token}" },
	limits: { answer_mb: 1, per_minute: 100000 },
	steps: [{ id: "row", url: "{url}/rows", rows: "rows", fields: { id: "id", n: "n" } }],
	accounts: [{ from: "row", id: "{id}", name: "{id}" }],
	counts: [{ from: "row", account: "{id}", service: "S", agg: "sum", field: "n" }],
};

const connectors = {
	declared: (url) => [join(dir, "flooded.json"), { url, token: "t" }],
	coro: (url) => ["coro", { base_url: url, client_id: "a", client_secret: "b", channel_workspace_id: "w" }],
	comet: (url) => ["comet", { url, username: "admin", password: "p" }],
};

test("a gzip bomb and a body of 10 GB are ended by limits, whoever fetches", async (t) => {
	writeFileSync(join(dir, "flooded.json"), JSON.stringify(declaration));
	for (const how of ["bomb", "endless"])
		await Promise.all(
			Object.entries(connectors).map(async ([name, settings]) => {
				const [what, set] = settings(await flood(t, how));
				const words = Object.entries(set).flatMap(([k, v]) => ["--set", `${k}=${v}`]);
				const got = await trueup(["vendor", "try", what, ...words, "--json"], { env });
				assert.equal(got.status, 1, `${name}, ${how}: ${got.stdout} ${got.stderr}`);
				assert.match(got.json.detail, /longer than|larger than|too long/, `${name}, ${how}`);
			}),
		);
});

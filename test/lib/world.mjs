// A whole small world for end-to-end tests: a server, a ConnectWise PSA and Coro on one fixture, connected and mapped.
import { jobDone, request, startServer, startSim, until } from "./server.mjs";

const CODES = {
	"Cloud Security": "CORO-CLOUD",
	"Email Security": "CORO-EMAIL",
	"Endpoint Security": "CORO-ENDPOINT",
	EDR: "CORO-EDR",
};

/** The settings of the simulated PSA, as its fixture says them. */
export async function psaSettings(psa) {
	const { settings: s } = (await request(`${psa.url}/_state`, "GET")).body;
	return {
		site: psa.url,
		company_id: s.company,
		public_key: s.public_key,
		private_key: s.private_key,
		client_id: "7d0c2a53-6a0a-4c39-9c4b-1f2a77a5b9b0",
		requests_per_minute: "6000",
	};
}

const CONNECTWISE = { kind: "connectwise", sim: "connectwise", settings: psaSettings, codes: CODES };

/**
 * Starts all three and plays the set-up to its end. `accounts` maps Coro's names to the PSA's where they differ. `system` is
 * another PSA than ConnectWise: {kind, sim, fixture, settings(psa), codes}, codes (or names of products) by the name of the service.
 * Gives {server, psa, coro, integration, ok, all, job, sync, push, use, card, approve, settled, edit, restart, stop}.
 */
export async function startWorld({
	fixture = "sim/fixtures/small.json",
	accounts = {},
	env = {},
	system = CONNECTWISE,
} = {}) {
	const [first, psa, coro] = await Promise.all([
		startServer({ env }),
		startSim(system.sim, system.fixture ?? fixture),
		startSim("coro", fixture),
	]);
	let server = first;
	const ok = async (method, path, body) => {
		const answer = await server.api(method, path, body);
		if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
		return answer.body;
	};
	const all = async (path) => (await ok("GET", `${path}${path.includes("?") ? "&" : "?"}limit=200`)).items;
	const job = async (path, body = {}) => jobDone(server, (await ok("POST", path, body)).job);

	await ok("PUT", "/psa", { kind: system.kind, settings: await system.settings(psa) });
	await job("/psa/sync", { mode: "full" });
	const integration = await ok("POST", "/integrations", { vendor: "coro", modules: ["billing"] });
	const { token } = await ok("POST", `/integrations/${integration.id}/token`);
	const base = `/integrations/${integration.id}`;

	const tell = async (path, body) => {
		const answer = await request(`${coro.url}${path}`, "POST", { body });
		if (answer.status >= 300 || answer.body.refused) throw new Error(`${path}: ${answer.status} ${answer.text}`);
		return answer.body;
	};
	await tell("/_connect", { token, target: server.url });
	for (const account of await all(`${base}/accounts`)) {
		if (!(account.name in accounts)) continue;
		const found = (await all("/psa/accounts")).find((a) => a.name === accounts[account.name]);
		await ok("PUT", `${base}/accounts/${account.id}/mapping`, { status: "mapped", psa_account_id: found.id });
	}
	const products = await all("/psa/products");
	for (const service of await all(`${base}/services`)) {
		const product = products.find((p) => [p.code, p.name].includes(system.codes[service.name]));
		const body = product ? { status: "mapped", product_ids: [product.id], mode: "copy" } : { status: "excluded" };
		await ok("PUT", `${base}/services/${service.id}/mapping`, body);
	}
	await job(`${base}/finish`);

	const sync = async () => {
		await job("/psa/sync", { mode: "full" });
		await job(`${base}/sync`);
	};
	await sync();
	const settled = (batch, ms = 120000) =>
		until(
			async () => {
				const writes = await all(`/writes?batch=${batch}`);
				const busy = writes.some((w) => ["planned", "sending", "unknown"].includes(w.state));
				return writes.length && !busy ? writes : null;
			},
			{ ms, what: `the writes of ${batch}` },
		);
	const find = async (account, code) =>
		(await all("/cards")).find((c) => c.account.name === account && c.product?.code === code);
	return {
		get server() {
			return server;
		},
		/** Kills the server as a power cut would, and starts it again on the same store; `here`: at the same address. */
		restart: async ({ here = false, meanwhile = async () => {} } = {}) => {
			const args = here ? ["--listen", new URL(server.url).host] : [];
			await server.kill();
			await meanwhile();
			server = await startServer({ env, args, dir: server.dir, store: server.store, token: server.token });
		},
		psa,
		coro,
		integration,
		ok,
		all,
		job,
		sync,
		settled,
		push: () => tell("/_push"),
		/** Another count at the vendor. */
		use: (workspace, service, count) => tell("/_usage", { workspace, service, count }),
		/** The card of an account and a Product ID, whole; null when there is none. */
		card: async (account, code) => {
			const found = await find(account, code);
			return found ? ok("GET", `/cards/${found.id}`) : null;
		},
		/** Approves and waits for the end: the writes. */
		approve: async (body) => settled((await ok("POST", "/cards/approve", body)).batch),
		/** Changes something in the PSA behind Trueup's back. */
		edit: async (body) => {
			const answer = await request(`${psa.url}/_edit`, "POST", { body });
			if (answer.status >= 300) throw new Error(`_edit: ${answer.text}`);
		},
		stop: () => Promise.all([server.stop(), psa.stop(), coro.stop()]),
	};
}

// A server with a ConnectWise simulator behind it and a vendor's counts in front: what tests of mapping and cards need.
import { guard } from "./guard.mjs";
import { jobDone, startServer, startSim, until } from "./server.mjs";
import { connect, list } from "./vendor.mjs";

export const SMALL = "sim/fixtures/small.json";

/** Connects the PSA and reads it. */
export async function connectPsa(server, sim, more = {}) {
	const settings = {
		site: sim.url,
		company_id: "alderridge",
		public_key: "pubSmall00000001",
		private_key: "prvSmall00000001",
		client_id: "7d0c2a53-6a0a-4c39-9c4b-1f2a77a5b9b0",
		...more,
	};
	guard(settings.private_key);
	const put = await server.api("PUT", "/psa", { kind: "connectwise", settings });
	if (put.status !== 200) throw new Error(`psa: ${put.status} ${put.text}`);
	await readPsa(server, "full");
}

/** Reads the PSA; the cards are made when it is done. */
export async function readPsa(server, mode = "quick") {
	await jobDone(server, (await server.api("POST", "/psa/sync", { mode })).body.job);
}

/** {server, sim}: the small book of the fixture, read. `psa`: more settings of the PSA. */
export async function startMsp({ fixture = SMALL, psa = {}, ...options } = {}) {
	const sim = await startSim("connectwise", fixture);
	const server = await startServer({ env: { TRUEUP_PUSH_RATE: "0", TRUEUP_APP_RATE: "0", ...options.env } });
	try {
		await connectPsa(server, sim, psa);
	} catch (e) {
		await Promise.all([server.stop(), sim.stop()]);
		throw e;
	}
	return { server, sim };
}

/** Many counts at once: {"account": {"service": units}}. */
export async function count(server, vendor, counts, more = {}) {
	const items = Object.entries(counts).flatMap(([account, services]) =>
		Object.entries(services).map(([service, units]) => ({ account, service, units: String(units) })),
	);
	const answer = await server.api("POST", `/integrations/${vendor.id}/observations`, { items, ...more });
	if (answer.status !== 201) throw new Error(`observations: ${answer.status} ${answer.text}`);
}

/** A vendor with accounts [{id, name}] and services [name]; gives it with `service(name)` and `account(vendorId)` ids. */
export async function startFeed(server, name, accounts, services) {
	const vendor = await connect(server, { name });
	await vendor.call("POST", "/organization/accounts", accounts);
	await vendor.call("POST", "/organization/services", services.map((s) => ({ id: s, name: s })));
	const find = async (what, id) => {
		const item = (await list(server, `/integrations/${vendor.id}/${what}`)).find((x) => x.vendor_id === id);
		if (!item) throw new Error(`no ${what} ${id}`);
		return item;
	};
	return Object.assign(vendor, {
		account: (id) => find("accounts", id),
		service: (id) => find("services", id),
	});
}

/** Maps one service to products given by their code. */
export async function mapService(server, vendor, service, codes, more = {}) {
	const product_ids = [];
	for (const code of [codes].flat()) product_ids.push((await product(server, code)).id);
	const { id } = await vendor.service(service);
	const path = `/integrations/${vendor.id}/services/${id}/mapping`;
	const answer = await server.api("PUT", path, { status: "mapped", product_ids, ...more });
	if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.text}`);
	return answer.body;
}

/** A product by its code. */
export async function product(server, code) {
	const found = (await list(server, `/psa/products?q=${code}`)).find((p) => p.code === code);
	if (!found) throw new Error(`no product ${code}`);
	return found;
}

/** Takes in what the vendor sent; the cards are made when it is done. */
export async function sync(server, vendor) {
	return jobDone(server, (await server.api("POST", `/integrations/${vendor.id}/sync`, {})).body.job);
}

export const cards = (server, query = "") => list(server, `/cards?limit=100${query}`);

/** The one card of an account and a product code. */
export async function card(server, account, code, state = "") {
	const found = (await cards(server)).filter(
		(c) => c.account.name === account && c.product.code === code && (!state || c.state === state),
	);
	if (found.length !== 1) throw new Error(`${found.length} cards of ${account}, ${code}`);
	return (await server.api("GET", `/cards/${found[0].id}`)).body;
}

/** Waits until all writes of a batch have come to an end; gives them. */
export async function settled(server, batch, options = {}) {
	return until(
		async () => {
			const writes = await list(server, `/writes?batch=${batch}`);
			const busy = writes.some((w) => ["planned", "sending", "unknown"].includes(w.state));
			return writes.length && !busy ? writes : null;
		},
		{ ms: 60000, what: `batch ${batch}`, ...options },
	);
}

/** Approves and waits. */
export async function approve(server, body) {
	const answer = await server.api("POST", "/cards/approve", body);
	if (answer.status !== 202) throw new Error(`approve: ${answer.status} ${answer.text}`);
	return settled(server, answer.body.batch);
}

// A vendor that pushes: an integration with a token, and requests as vendors' programs send them.
import { guard } from "./guard.mjs";
import { request, startServer } from "./server.mjs";

export const PUSH = "/api/vendor-api";
export const JSON_TYPE = "application/json; charset=utf-8";

/** Connects a vendor and gives {id, token, vendor_key, partner_key, call(method, path, body|options)}. */
export async function connect(server, fields = {}) {
	const made = await server.api("POST", "/integrations", { vendor: "custom", name: "Nimbus Vault", ...fields });
	if (made.status !== 201) throw new Error(`integration: ${made.status} ${made.text}`);
	const keys = await server.api("POST", `/integrations/${made.body.id}/token`);
	if (keys.status !== 201) throw new Error(`token: ${keys.status} ${keys.text}`);
	guard(keys.body.token);
	return Object.assign({ id: made.body.id, ...keys.body }, caller(server, keys.body.token));
}

/** Requests with a token. A string body goes as it is; `raw` is bytes; `type` null sends no Content-Type. */
export function caller(server, token) {
	const call = (method, path, body, { headers = {}, type = "application/json", header = "Gradient-Token" } = {}) => {
		const all = { [header]: token, ...headers };
		const raw = body === undefined || typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body);
		if (raw !== undefined && type) all["content-type"] = type;
		return request(server.url + PUSH + path, method, { headers: all, raw });
	};
	return { call };
}

/** A server and a connected vendor. */
export async function startVendor({ fields, ...options } = {}) {
	const server = await startServer({ env: { TRUEUP_PUSH_RATE: "0", TRUEUP_APP_RATE: "0" }, ...options });
	return { server, vendor: await connect(server, fields) };
}

/** One account and one service of the vendor's own naming: {account, service} with our ids. */
export async function pair(server, vendor, account = "20817", service = "Protected Servers") {
	await vendor.call("POST", "/organization/accounts", { id: account, name: `Name of ${account}` });
	const made = await vendor.call("POST", "/organization/services", { id: service, name: service });
	return { account, service: made.body[0]._id };
}

/** All items of a list route. */
export async function list(server, path) {
	const items = [];
	for (let cursor = ""; cursor !== null; ) {
		const glue = path.includes("?") ? "&" : "?";
		const { status, body, text } = await server.api("GET", path + (cursor ? `${glue}cursor=${encodeURIComponent(cursor)}` : ""));
		if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
		items.push(...body.items);
		cursor = body.next_cursor;
	}
	return items;
}

/** The ledger of one integration. */
export const ledger = (server, vendor, query = "") => list(server, `/integrations/${vendor.id}/observations?limit=1000${query}`);

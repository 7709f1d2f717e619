// Calls to /api/v1: JSON in and out, problem documents as errors, the CSRF header, and one Idempotency-Key for each
// thing a person does, so that a POST whose answer got lost is sent again without being done twice.
import { BASE } from "../lib/router";
import { sessionEnded } from "./session";

export type FieldError = { pointer: string; detail: string };

/** What the server said no with. `status` 0: it could not be reached. */
export class ApiError extends Error {
	constructor(
		readonly status: number,
		readonly detail: string,
		readonly requestId: string | null = null,
		readonly errors: FieldError[] = [],
	) {
		super(detail);
		this.name = "ApiError";
	}
	/** The sentence about one member of the body: "/password". */
	at(pointer: string) {
		return this.errors.find((e) => e.pointer === pointer)?.detail;
	}
}

export type Query = Record<string, string | number | boolean | null | undefined>;
type Options = { query?: Query; body?: unknown; raw?: Blob; signal?: AbortSignal; quiet401?: boolean };

const TRIES = 4;
const PAUSE_MS = 700;

/** An address of the API from the root of the server, for links. */
export const apiPath = (path: string, query: Query = {}) => {
	const params = new URLSearchParams();
	for (const [name, value] of Object.entries(query)) {
		if (value !== null && value !== undefined && value !== "") params.set(name, String(value));
	}
	const text = params.toString();
	return `/api/v1${path}${text ? `?${text}` : ""}`;
};

export const apiUrl = (path: string, query: Query = {}) => BASE + apiPath(path, query).slice(1);

function cookie(name: string) {
	const found = document.cookie.split("; ").find((c) => c.startsWith(`${name}=`));
	return found ? found.slice(name.length + 1) : "";
}

export function randomKey() {
	const bytes = crypto.getRandomValues(new Uint8Array(16));
	return Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
}

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

async function send(url: string, init: RequestInit): Promise<Response> {
	for (let n = 1; ; n++) {
		try {
			return await fetch(url, init);
		} catch (error) {
			if (init.signal?.aborted) throw error;
			// A GET is tried again by the cache above; anything else here, under the same key.
			if (init.method === "GET" || n === TRIES) throw new ApiError(0, "");
			await pause(PAUSE_MS * n);
		}
	}
}

async function problem(answer: Response): Promise<ApiError> {
	let body: Record<string, unknown> = {};
	try {
		body = (await answer.json()) as Record<string, unknown>;
	} catch {
		// Not ours: a proxy in between.
	}
	const detail = [body.detail, body.title, answer.statusText].find(
		(x): x is string => typeof x === "string" && x !== "",
	);
	const id = typeof body.request_id === "string" ? body.request_id : answer.headers.get("x-request-id");
	const errors = Array.isArray(body.errors) ? (body.errors as FieldError[]) : [];
	return new ApiError(answer.status, detail ?? String(answer.status), id, errors);
}

export async function call<T>(method: string, path: string, options: Options = {}): Promise<T> {
	const headers: Record<string, string> = { accept: "application/json" };
	let body: BodyInit | undefined;
	if (options.raw) {
		body = options.raw;
		headers["content-type"] = "application/octet-stream";
	} else if (options.body !== undefined) {
		body = JSON.stringify(options.body);
		headers["content-type"] = "application/json";
	}
	if (method !== "GET") headers["x-csrf-token"] = cookie("trueup_csrf");
	if (method === "POST") headers["idempotency-key"] = randomKey();
	const init: RequestInit = { method, headers, credentials: "same-origin" };
	if (body !== undefined) init.body = body;
	if (options.signal) init.signal = options.signal;
	const answer = await send(apiUrl(path, options.query), init);
	if (!answer.ok) {
		if (answer.status === 401 && !options.quiet401) sessionEnded();
		throw await problem(answer);
	}
	if (answer.status === 204) return undefined as T;
	const text = await answer.text();
	return (text ? JSON.parse(text) : undefined) as T;
}

/** Asks for what answers with another address when it went well, and does not go there. */
export async function enter(path: string): Promise<void> {
	const answer = await send(apiUrl(path), { method: "GET", credentials: "same-origin", redirect: "manual" });
	if (answer.type !== "opaqueredirect" && !answer.ok) throw await problem(answer);
}

export const get = <T>(path: string, query: Query = {}, signal?: AbortSignal) =>
	call<T>("GET", path, signal ? { query, signal } : { query });
export const post = <T>(path: string, body?: unknown) => call<T>("POST", path, { body });
export const put = <T>(path: string, body: unknown) => call<T>("PUT", path, { body });
export const patch = <T>(path: string, body: unknown) => call<T>("PATCH", path, { body });
export const del = <T>(path: string) => call<T>("DELETE", path);

export type Page<T> = { items: T[]; next_cursor: string | null };

/** All pages of a list, at most `max` items. */
export async function all<T>(path: string, query: Query = {}, signal?: AbortSignal, max = 200000): Promise<T[]> {
	const items: T[] = [];
	let cursor: string | null = null;
	do {
		const page: Page<T> = await get<Page<T>>(path, { limit: 1000, ...query, cursor }, signal);
		items.push(...page.items);
		cursor = page.next_cursor;
	} while (cursor && items.length < max);
	return items;
}

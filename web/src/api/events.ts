// Server-sent events: one connection for the page, reconnecting by itself. Data in caches is marked as old, never
// pushed into: what is shown changes when the person presses Refresh, or where a page asks for live results.
import { useEffect } from "react";
import { BASE } from "../lib/router";

export type ServerEvent =
	| { event: "job"; data: { id: string; kind: string; state: string; done: number; total: number } }
	| { event: "sync" | "cards" | "writes" | "integration"; data: Record<string, unknown> }
	| { event: "open"; data: Record<string, never> };

const NAMES = ["job", "sync", "cards", "writes", "integration"] as const;
const FIRST_MS = 1000;
const LAST_MS = 30000;

const listeners = new Set<(e: ServerEvent) => void>();
let source: EventSource | null = null;
let retry = FIRST_MS;
let timer = 0;
let opened = false;

function tell(e: ServerEvent) {
	for (const f of listeners) f(e);
}

function connect() {
	if (source || listeners.size === 0) return;
	const mine = new EventSource(`${BASE}api/v1/events`);
	source = mine;
	mine.onopen = () => {
		retry = FIRST_MS;
		// What happened while the line was down is not known: say so, and let everybody look again.
		if (opened) tell({ event: "open", data: {} });
		opened = true;
	};
	for (const name of NAMES) {
		mine.addEventListener(name, (e) => {
			try {
				tell({ event: name, data: JSON.parse((e as MessageEvent<string>).data) } as ServerEvent);
			} catch {
				// Not JSON: nothing we know how to use.
			}
		});
	}
	mine.onerror = () => {
		if (mine.readyState !== EventSource.CLOSED) return;
		source = null;
		clearTimeout(timer);
		timer = window.setTimeout(connect, retry);
		retry = Math.min(LAST_MS, retry * 2);
	};
}

function disconnect() {
	clearTimeout(timer);
	source?.close();
	source = null;
	opened = false;
}

/** Calls `f` for every event while the component is shown. */
export function useEvents(f: (e: ServerEvent) => void) {
	useEffect(() => {
		listeners.add(f);
		connect();
		return () => {
			listeners.delete(f);
			if (listeners.size === 0) disconnect();
		};
	}, [f]);
}

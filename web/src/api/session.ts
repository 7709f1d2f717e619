// Whether the session ended while somebody was at work: then a sign-in dialog covers the page, and nothing is lost.
import { useSyncExternalStore } from "react";

let ended = false;
const listeners = new Set<() => void>();

function set(value: boolean) {
	if (ended === value) return;
	ended = value;
	for (const f of listeners) f();
}

export const sessionEnded = () => set(true);
export const sessionBack = () => set(false);

export const useSessionEnded = () =>
	useSyncExternalStore(
		(f) => {
			listeners.add(f);
			return () => listeners.delete(f);
		},
		() => ended,
	);

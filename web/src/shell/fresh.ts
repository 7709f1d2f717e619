// New data: the server says that cards changed; what is shown stays until the person presses Refresh.
import { useSyncExternalStore } from "react";
import { client } from "../api/hooks";

let fresh = false;
const listeners = new Set<() => void>();

function set(value: boolean) {
	if (fresh === value) return;
	fresh = value;
	for (const f of listeners) f();
}

export const markFresh = () => set(true);

/** What follows from one's own decision is shown as it comes. */
const OWN_MS = 15000;
let ownUntil = 0;
export const noteOwn = () => {
	ownUntil = Date.now() + OWN_MS;
};

/** The server says that cards changed. */
export function cardsChanged() {
	if (Date.now() < ownUntil) client.invalidateQueries({ queryKey: ["cards"] });
	else markFresh();
}

/** Loads the newest of everything that is on the screen; filters, selection and scroll stay. */
export async function refresh() {
	set(false);
	await client.invalidateQueries({ predicate: (q) => q.queryKey[0] !== "me" });
}

export const useFresh = () =>
	useSyncExternalStore(
		(f) => {
			listeners.add(f);
			return () => listeners.delete(f);
		},
		() => fresh,
	);

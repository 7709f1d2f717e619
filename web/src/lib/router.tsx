// Addresses: a small router over the History API that knows the base path of the server.
import { type ReactNode, useMemo, useSyncExternalStore } from "react";
import { RouterProvider } from "react-aria-components";

/** "/" or "/trueup/": where the UI lives on its host, from <base href>. */
export const BASE = new URL(document.baseURI).pathname;

export const hrefOf = (to: string) => BASE + to.replace(/^\//, "");

const CHANGED = "trueup:navigate";

export function navigate(to: string, { replace = false } = {}) {
	const href = hrefOf(to);
	if (href === location.pathname + location.search + location.hash) return;
	if (replace) history.replaceState(null, "", href);
	else history.pushState(null, "", href);
	window.dispatchEvent(new Event(CHANGED));
	if (!replace && !to.startsWith("?")) document.getElementById("main")?.scrollTo(0, 0);
}

function subscribe(f: () => void) {
	window.addEventListener("popstate", f);
	window.addEventListener(CHANGED, f);
	return () => {
		window.removeEventListener("popstate", f);
		window.removeEventListener(CHANGED, f);
	};
}

const decode = (part: string) => {
	try {
		return decodeURIComponent(part);
	} catch {
		return part;
	}
};

export type Place = { path: string; parts: string[]; query: URLSearchParams };

export function usePlace(): Place {
	const pathname = useSyncExternalStore(subscribe, () => location.pathname);
	const search = useSyncExternalStore(subscribe, () => location.search);
	return useMemo(() => {
		const path = `/${pathname.startsWith(BASE) ? pathname.slice(BASE.length) : ""}`;
		return { path, parts: path.split("/").filter(Boolean).map(decode), query: new URLSearchParams(search) };
	}, [pathname, search]);
}

/** Changes parts of the query and keeps the rest; null or "" removes one. */
export function setQuery(change: Record<string, string | null>, { replace = true } = {}) {
	const query = new URLSearchParams(location.search);
	for (const [name, value] of Object.entries(change)) {
		if (value) query.set(name, value);
		else query.delete(name);
	}
	const text = query.toString();
	const path = location.pathname.startsWith(BASE) ? location.pathname.slice(BASE.length) : "";
	navigate(`/${path}${text ? `?${text}` : ""}`, { replace });
}

export function Router({ children }: { children: ReactNode }) {
	return (
		<RouterProvider navigate={(to) => navigate(to)} useHref={hrefOf}>
			{children}
		</RouterProvider>
	);
}

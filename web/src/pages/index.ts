// The pages behind the tabs, by the first part of their address. Each comes when it is opened for the first time.
import { type ComponentType, lazy, type LazyExoticComponent } from "react";
import type { Key } from "../i18n";
import { preloadPieces } from "../ui";

type Page = { title: Key; component: LazyExoticComponent<ComponentType>; load: () => Promise<unknown> };

/** One import of a page's script, however often it is asked for; one that failed is asked for again. */
function page<N extends string>(title: Key, name: N, get: () => Promise<Record<N, ComponentType>>): Page {
	let asked: Promise<{ default: ComponentType }> | null = null;
	const load = () => {
		asked ??= get().then(
			(m) => ({ default: m[name] }),
			(error) => {
				asked = null;
				throw error;
			},
		);
		return asked;
	};
	return { title, load, component: lazy(load) };
}

export const PAGES: Record<string, Page> = {
	"": page("nav.dashboard", "Dashboard", () => import("./dashboard/Dashboard")),
	integrations: page("nav.integrations", "Integrations", () => import("./integrations/Integrations")),
	imports: page("nav.imports", "Imports", () => import("./imports/Imports")),
	sync: page("nav.sync", "Sync", () => import("./sync/Sync")),
	mapping: page("nav.mapping", "Mapping", () => import("./mapping/Mapping")),
	settings: page("nav.settings", "Settings", () => import("./settings/Settings")),
	worklist: page("worklist.title", "Worklist", () => import("./worklist/Worklist")),
	costs: page("costs.title", "Costs", () => import("./costs/Costs")),
	activity: page("nav.activity", "Activity", () => import("./activity/Activity")),
};

/** Asks for a page's script before it is drawn. What fails here is told when the page is drawn. */
export const preload = (name: string) => void PAGES[name]?.load().catch(() => {});

const IDLE_MS = 2500;

/** The other pages and what opens over this one, when nothing else is to be done: they open at once, and are those of the same version. */
export function preloadAll() {
	const all = () => {
		preloadPieces();
		Object.keys(PAGES).forEach(preload);
	};
	const timer = setTimeout(() => ("requestIdleCallback" in window ? requestIdleCallback(all) : all()), IDLE_MS);
	return () => clearTimeout(timer);
}

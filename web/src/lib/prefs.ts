// What a person chose for this browser: appearance, language, shortcuts, density. Kept in localStorage.

export type Prefs = {
	theme: "auto" | "light" | "dark";
	language: "auto" | "en" | "de";
	shortcuts: boolean;
	view: "cards" | "list";
};

const KEY = "trueup.prefs";
const DEFAULTS: Prefs = { theme: "auto", language: "auto", shortcuts: true, view: "cards" };

function read(): Prefs {
	try {
		const stored = JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Prefs>;
		return { ...DEFAULTS, ...stored };
	} catch {
		return DEFAULTS;
	}
}

let current = read();
const listeners = new Set<() => void>();

export const prefs = () => current;

export const languageOf = (p: Prefs): "en" | "de" =>
	p.language !== "auto" ? p.language : navigator.language.toLowerCase().startsWith("de") ? "de" : "en";

export function applyPrefs() {
	document.documentElement.dataset.theme = current.theme;
	document.documentElement.lang = languageOf(current);
}

export function setPrefs(change: Partial<Prefs>) {
	current = { ...current, ...change };
	try {
		localStorage.setItem(KEY, JSON.stringify(current));
	} catch {
		// A browser that keeps nothing still gets the choice for this page.
	}
	applyPrefs();
	for (const f of listeners) f();
}

// Another tab of the same browser.
window.addEventListener("storage", (e) => {
	if (e.key !== KEY) return;
	current = read();
	applyPrefs();
	for (const f of listeners) f();
});

/** Tells of changes; gives back the way to end it. */
export function onPrefs(f: () => void) {
	listeners.add(f);
	return () => {
		listeners.delete(f);
	};
}

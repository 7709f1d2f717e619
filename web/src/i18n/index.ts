// The catalogue of words. English is the source; every other language has the same keys, checked by the compiler.
import { languageOf, prefs } from "../lib/prefs";
import { en } from "./en";

/** A text with {names}, or one for each plural form chosen by {count}. */
export type Message = string | { one: string; other: string };
export type Key = keyof typeof en;
export type Catalogue = Record<Key, Message>;
export type Values = Record<string, string | number>;

type Language = ReturnType<typeof languageOf>;

const catalogues: Partial<Record<Language, Catalogue>> = { en };

export const language = () => languageOf(prefs());

/** True when its words are here. Until then everything is in English. */
export const hasWords = (of: Language) => of in catalogues;

export async function loadWords(of: Language) {
	if (of === "de") catalogues.de ??= (await import("./de")).de;
}

/** Dates and numbers follow the browser's region when it speaks the same language, e.g. en-GB. */
export const locale = () => {
	const wanted = language();
	return navigator.languages.find((l) => l.toLowerCase().startsWith(wanted)) ?? wanted;
};

const formats = new Map<string, { number: Intl.NumberFormat; plural: Intl.PluralRules }>();

function formatsOf(tag: string) {
	const known = formats.get(tag);
	if (known) return known;
	const made = { number: new Intl.NumberFormat(tag), plural: new Intl.PluralRules(tag) };
	formats.set(tag, made);
	return made;
}

const number = (value: number) => formatsOf(locale()).number.format(value);
const plural = (value: number) => (formatsOf(locale()).plural.select(value) === "one" ? "one" : "other");

export function t(key: Key, values: Values = {}): string {
	const message = (catalogues[language()] ?? en)[key];
	const text = typeof message === "string" ? message : message[plural(Number(values.count))];
	return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
		const value = values[name];
		if (value === undefined) return whole;
		return typeof value === "number" ? number(value) : value;
	});
}

/** A word that a server sent as a code: its translation when the catalogue has one, otherwise the code itself. */
export function word(prefix: string, code: string): string {
	const key = `${prefix}.${code}`;
	return key in en ? t(key as Key) : code.replaceAll("_", " ");
}

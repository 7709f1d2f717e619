// The catalogue of words. English is the source; every other language has the same keys, checked by the compiler.
import { languageOf, prefs } from "../lib/prefs";
import type { English } from "./en";
import "./en/common";
import { english, type Message } from "./words";

export type { Message };
export type Key = keyof English;
export type Catalogue = Record<Key, Message>;
export type Values = Record<string, string | number>;

type Language = ReturnType<typeof languageOf>;

const catalogues: Partial<Record<Language, Record<string, Message>>> = { en: english };

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
	const message = (catalogues[language()] ?? english)[key] ?? key;
	const text = typeof message === "string" ? message : message[plural(Number(values.count))];
	return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
		const value = values[name];
		if (value === undefined) return whole;
		return typeof value === "number" ? number(value) : value;
	});
}

/** Whether there is a text of this name. */
export const isKey = (name: string): name is Key => name in english;

/** A word that a server sent as a code: its translation when the catalogue has one, otherwise the code itself. */
export function word(prefix: string, code: string): string {
	const key = `${prefix}.${code}`;
	return isKey(key) ? t(key) : code.replaceAll("_", " ");
}

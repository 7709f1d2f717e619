// Quantities, money and times as a person of this region reads them. Quantities and money stay decimal texts: they
// are never turned into floating point numbers, only dressed.
import { locale, t } from "../i18n";

const cache = new Map<string, unknown>();
function cached<T>(key: string, make: () => T): T {
	const full = `${locale()} ${key}`;
	if (!cache.has(full)) cache.set(full, make());
	return cache.get(full) as T;
}

// Intl formats decimal strings exactly, but the type library does not say so.
const exact = (f: Intl.NumberFormat, text: string) => (f.format as (v: string) => string)(text);

const DECIMAL = /^-?\d+(\.\d+)?$/;

/** "14.000000" -> "14". What is no decimal is shown as it is. */
export function qty(text: string): string {
	if (!DECIMAL.test(text)) return text;
	return exact(
		cached("qty", () => new Intl.NumberFormat(locale(), { maximumFractionDigits: 6 })),
		text,
	);
}

/** With its sign: "+3", "−2". */
export function signed(text: string): string {
	if (!DECIMAL.test(text)) return text;
	return exact(
		cached("signed", () => new Intl.NumberFormat(locale(), { maximumFractionDigits: 6, signDisplay: "exceptZero" })),
		text,
	);
}

let displayCurrency: string | null = null;

/** Of amounts whose contract names none: the organization's. */
export const setDisplayCurrency = (currency: string) => {
	displayCurrency = currency;
};

/** The currency of an amount; "" where neither it nor the organization names one. */
export const currencyOf = (of: string | null | undefined) => of || displayCurrency || "";

export function money(text: string, of: string | null, { sign = false } = {}): string {
	if (!DECIMAL.test(text)) return text;
	const currency = currencyOf(of);
	const f = cached(`money ${currency} ${sign}`, () => {
		const common = { maximumFractionDigits: 4, signDisplay: sign ? "exceptZero" : "auto" } as const;
		try {
			return new Intl.NumberFormat(
				locale(),
				currency
					? { ...common, style: "currency", currency, minimumFractionDigits: 2 }
					: { ...common, minimumFractionDigits: 2 },
			);
		} catch {
			return new Intl.NumberFormat(locale(), { ...common, minimumFractionDigits: 2 });
		}
	});
	return exact(f, text);
}

export const integer = (n: number) => cached("int", () => new Intl.NumberFormat(locale())).format(n);

export const percent = (part: number, whole: number) =>
	cached("percent", () => new Intl.NumberFormat(locale(), { style: "percent", maximumFractionDigits: 0 })).format(
		whole > 0 ? Math.min(1, part / whole) : 0,
	);

/** "2026-03-01" -> "1 Mar 2026", without any time zone in between. */
export function date(day: string | null): string {
	if (!day) return "–";
	return cached("date", () => new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeZone: "UTC" })).format(
		new Date(`${day}T00:00:00Z`),
	);
}

export function time(at: string | null): string {
	if (!at) return t("state.never");
	return cached("time", () => new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeStyle: "short" })).format(
		new Date(at),
	);
}

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
	["day", 86400],
	["hour", 3600],
	["minute", 60],
	["second", 1],
];

/** "3 minutes ago". */
export function ago(at: string | null, now = Date.now()): string {
	if (!at) return t("state.never");
	const seconds = (Date.parse(at) - now) / 1000;
	const f = cached("ago", () => new Intl.RelativeTimeFormat(locale(), { numeric: "auto" }));
	for (const [unit, size] of STEPS) {
		if (Math.abs(seconds) >= size) return f.format(Math.trunc(seconds / size), unit);
	}
	return f.format(0, "second");
}

/** Sign of a decimal text: -1, 0, 1. */
export function sign(text: string | null): number {
	if (!text || !/[1-9]/.test(text)) return 0;
	return text.startsWith("-") ? -1 : 1;
}

const SCALE = 6;
const toUnits = (text: string) => {
	const [whole = "0", part = ""] = text.replace("-", "").split(".");
	const n = BigInt(whole + part.padEnd(SCALE, "0").slice(0, SCALE));
	return text.startsWith("-") ? -n : n;
};

/** Sum of decimal texts, exact to six places. */
export function sum(texts: (string | null)[]): string {
	let n = 0n;
	for (const x of texts) if (x && DECIMAL.test(x)) n += toUnits(x);
	const negative = n < 0n;
	const digits = (negative ? -n : n).toString().padStart(SCALE + 1, "0");
	const part = digits.slice(-SCALE).replace(/0+$/, "");
	return `${negative ? "-" : ""}${digits.slice(0, -SCALE)}${part ? `.${part}` : ""}`;
}

export const subtract = (a: string, b: string) => sum([a, b.startsWith("-") ? b.slice(1) : `-${b}`]);

/** Today as YYYY-MM-DD in this browser's time zone. */
export function today(now = new Date()): string {
	const two = (n: number) => String(n).padStart(2, "0");
	return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

import type { Integration } from "../../api/types";

const HUES = 6;

const hueOf = (id: string) => [...id].reduce((n, c) => (n * 31 + (c.codePointAt(0) ?? 0)) % 9973, 7) % HUES;

/** A placeholder of two letters in a colour of its own: we show no vendor's trade mark. */
export function VendorLogo({ id, name }: { id: string; name: string }) {
	const words = name.split(/\s+/).filter(Boolean);
	const letters = words.length > 1 ? words.slice(0, 2).map((w) => [...w][0]) : [...(words[0] ?? "?")].slice(0, 2);
	return (
		<span className={`vendor-logo vendor-hue-${hueOf(id)}`} aria-hidden="true">
			{letters.join("")}
		</span>
	);
}

/** Of an integration: one that a person named has the letters of that name. */
export const IntegrationLogo = ({ of }: { of: Integration }) =>
	of.vendor === "custom" ? (
		<VendorLogo id={of.id} name={of.name} />
	) : (
		<VendorLogo id={of.vendor} name={of.vendor_name} />
	);

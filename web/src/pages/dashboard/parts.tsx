// Small pieces of a card that both views and the drawer share.
import { type Key, t, word } from "../../i18n";
import { money, qty, sign, signed } from "../../lib/format";
import { Chip, cx, Icon, type Tone } from "../../ui";
import type { Card, Kind, State, ValueState } from "./data";

const KIND_TONE: Record<Kind, Tone> = {
	reconcile: "accent",
	new_revenue: "fresh",
	no_change: "good",
	no_usage: "warn",
	no_vendor: "neutral",
};
const STATE_TONE: Record<State, Tone> = {
	open: "accent",
	approved: "good",
	dismissed: "neutral",
	confirmed: "good",
	stale: "warn",
};
const VALUE_TONE: Record<ValueState, Tone> = { known: "neutral", zero: "neutral", missing: "warn", stale: "warn" };

export const isChange = (c: Card) => c.kind === "reconcile" || c.kind === "new_revenue";
export const canApprove = (c: Card) => c.state === "open" && isChange(c);
export const canConfirm = (c: Card) => c.state === "open" && c.kind === "no_change";
export const canDismiss = (c: Card) => c.state === "open" || c.state === "stale";

export const cardName = (c: Card) => `${c.account.name}, ${c.product.name}`;

export function KindChip({ card }: { card: Card }) {
	return (
		<Chip tone={KIND_TONE[card.kind]} title={t(`card.kind_tip.${card.kind}`)}>
			{card.kind === "new_revenue" ? t("card.new") : t(`card.kind.${card.kind}`)}
		</Chip>
	);
}

export function StateChip({ card }: { card: Card }) {
	return (
		<Chip tone={STATE_TONE[card.state]} title={card.state_why ?? ""}>
			{t(`card.state.${card.state}`)}
		</Chip>
	);
}

/** Zero, missing and stale are always said; a plain count needs no word. */
export function ValueChip({ state }: { state: ValueState }) {
	if (state === "known") return null;
	return (
		<Chip tone={VALUE_TONE[state]} title={t(`card.value_tip.${state}`)}>
			{t(`card.value.${state}`)}
		</Chip>
	);
}

export function PsaUnits({ card }: { card: Card }) {
	if (card.psa_units === null) return <span className="muted small">{t("card.no_line")}</span>;
	return <span className="units">{qty(card.psa_units)}</span>;
}

/** The vendor's units; a dash when no count arrives, a crossed-out plug when nothing is connected, with words for both. */
export function VendorUnits({ card, words = false }: { card: Card; words?: boolean }) {
	if (card.vendor_units !== null) return <span className="units">{qty(card.vendor_units)}</span>;
	const key: Key = card.kind === "no_vendor" ? "card.not_connected" : "card.no_count";
	return (
		<span className="no-units" title={t(key)}>
			<Icon name={card.kind === "no_vendor" ? "unplug" : "dash"} size={18} />
			<span className={words ? "small" : "visually-hidden"}>{t(key)}</span>
		</span>
	);
}

export function ReconciledUnits({ card }: { card: Card }) {
	if (card.reconciled_units === null) return <span className="muted">–</span>;
	return <span className="units">{qty(card.reconciled_units)}</span>;
}

const trend = (value: string) => (sign(value) > 0 ? "up" : sign(value) < 0 ? "down" : "muted");

export function ChangeUnits({ card }: { card: Card }) {
	if (!isChange(card) || sign(card.change_units) === 0) return <span className="muted">–</span>;
	return <span className={cx("units", trend(card.change_units))}>{signed(card.change_units)}</span>;
}

export function Money({ value, currency }: { value: string | null | undefined; currency: string | null | undefined }) {
	if (!value || sign(value) === 0) return <span className="muted">–</span>;
	return <span className={trend(value)}>{money(value, currency || null, { sign: true })}</span>;
}

export const basisWord = (c: Card) => (c.unit_basis ? word("card.basis", c.unit_basis) : null);

// Small pieces of a card that both views and the drawer share.
import { type Key, t, word } from "../../i18n";
import { date, money, qty, sign, signed } from "../../lib/format";
import { Chip, cx, Icon, Name, type Tone } from "../../ui";
import { useActions } from "./actions";
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
export const canDismiss = (c: Card) => c.state === "open";
export const canReopen = (c: Card) => c.state === "dismissed" || c.state === "confirmed";

export const cardName = (c: Card) => `${c.account.name}, ${c.product.name}`;

/** What stands in the place of a contract when a card has none. */
export const noContract = (c: Card) =>
	c.choices.length && c.kind !== "new_revenue"
		? t("card.several_lines", { count: c.choices.length })
		: t("card.no_contract");

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

/** What it is while it is open, what was decided afterwards. */
export const MainChip = ({ card }: { card: Card }) =>
	card.state === "open" ? <KindChip card={card} /> : <StateChip card={card} />;

/** Zero, missing and stale are always said; a plain count needs no word, and where no vendor is there is no count. */
export function ValueChip({ card }: { card: Card }) {
	const state = card.value_state;
	if (state === "known" || card.kind === "no_vendor") return null;
	return <ValueStateChip state={state} />;
}

export function ValueStateChip({ state }: { state: ValueState }) {
	if (state === "known") return null;
	return (
		<Chip tone={VALUE_TONE[state]} title={t(`card.value_tip.${state}`)}>
			{t(`card.value.${state}`)}
		</Chip>
	);
}

/** Why a card is here again, or from when its decision holds, in one line. */
export function Remark({ card, className }: { card: Card; className?: string }) {
	const first = useActions().awaiting.get(card.id);
	if (first)
		return (
			<span className={cx("remark remark-warn", className)}>
				<Icon name="user" size={14} />
				<Name>{t("card.awaiting", { name: first.asked_by })}</Name>
			</span>
		);
	if (card.effective_date && card.state === "approved")
		return (
			<span className={cx("remark muted", className)}>{t("decide.from", { date: date(card.effective_date) })}</span>
		);
	if (!card.state_why || card.state !== "open") return null;
	return (
		<span className={cx("remark remark-warn", className)}>
			<Icon name="warning" size={14} />
			<Name>{card.state_why}</Name>
		</span>
	);
}

/** Tags by name, notes by number. */
export function Labels({ card }: { card: Card }) {
	if (!card.tags?.length && !card.note_count) return null;
	return (
		<span className="labels">
			{card.tags?.map((x) => (
				<span key={x.id} className="label">
					<Icon name="tag" size={12} />
					<Name>{x.name}</Name>
				</span>
			))}
			{!!card.note_count && (
				<span className="label">
					<Icon name="note" size={12} />
					{t("card.notes", { count: card.note_count })}
				</span>
			)}
		</span>
	);
}

export function PsaUnits({ card }: { card: Card }) {
	if (card.psa_units === null) return <span className="muted small">{t("card.no_line")}</span>;
	return <span className="units">{qty(card.psa_units)}</span>;
}

/** The vendor's units; a dash when no count arrives, a crossed-out plug when nothing is connected, with words for both. */
export function VendorUnits({ card }: { card: Card }) {
	if (card.vendor_units !== null) return <span className="units">{qty(card.vendor_units)}</span>;
	const key: Key = card.kind === "no_vendor" ? "card.not_connected" : "card.no_count";
	return (
		<span className="no-units" title={t(`card.kind_tip.${card.kind === "no_vendor" ? "no_vendor" : "no_usage"}`)}>
			<Icon name={card.kind === "no_vendor" ? "unplug" : "dash"} size={18} />
			<span className="no-units-words">{t(key)}</span>
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

/** What the change comes to each time the contract bills; how often is said when it is not by the month. */
export function ChangeMoney({ card }: { card: Card }) {
	const often = card.billed && !/month/i.test(card.billed) ? card.billed : null;
	return (
		<>
			<Money value={card.change_money} currency={card.currency} />
			{often && card.change_money && <Name className="small muted">{often}</Name>}
		</>
	);
}

import type { ReactNode } from "react";
import { t } from "../../i18n";
import { integer, money, qty, sign } from "../../lib/format";
import type { Sums } from "./data";

function Amounts({ sums, side }: { sums: Sums; side: "up" | "down" }) {
	const amounts = sums.money.filter((m) => sign(m[side]) !== 0);
	if (amounts.length === 0) return <span className="counter-value muted">–</span>;
	return (
		<span className={`counter-value ${side}`}>
			{amounts.map((m) => (
				<span key={m.currency ?? ""}>{money(m[side], m.currency, { sign: true })}</span>
			))}
		</span>
	);
}

function Counter({
	label,
	short,
	title,
	children,
}: {
	label: string;
	/** On a phone. */
	short?: string;
	title?: string;
	children: ReactNode;
}) {
	return (
		<div className="counter" title={title}>
			<dt>
				<span className={short ? "counter-long" : ""}>{label}</span>
				{short && (
					<span className="counter-short" aria-hidden="true">
						{short}
					</span>
				)}
			</dt>
			<dd>{children}</dd>
		</div>
	);
}

/** What the cards that fit come to: how many wait, the units on each side, and what the open ones change by the month. */
export function Counters({ sums }: { sums: Sums | undefined }) {
	const waiting = sums ? sums.open.reconcile + sums.open.new_revenue : 0;
	const done = sums ? sums.states.approved + sums.states.dismissed + sums.states.confirmed : 0;
	const value = (text: string | undefined) => <span className="counter-value">{text ?? "…"}</span>;
	return (
		<dl className="counters" aria-busy={!sums}>
			<Counter label={t("cards.counter.changes")}>
				{value(sums && integer(waiting))}
				<span className="small muted">
					{sums && t("cards.counter.of", { count: sums.total })}
					{done > 0 && ` · ${t("cards.counter.done", { count: done })}`}
				</span>
			</Counter>
			<Counter label={t("cards.psa_units")} short={t("cards.col.psa")} title={t("cards.psa_units_tip")}>
				{value(sums && qty(sums.units.psa))}
			</Counter>
			<Counter label={t("cards.vendor_units")} short={t("cards.col.vendor")} title={t("cards.vendor_units_tip")}>
				{value(sums && qty(sums.units.vendor))}
			</Counter>
			<Counter
				label={t("cards.reconciled_units")}
				short={t("cards.col.reconciled")}
				title={t("cards.reconciled_units_tip")}
			>
				{value(sums && qty(sums.units.reconciled))}
			</Counter>
			<Counter label={t("cards.counter.up")} title={t("cards.counter.month_tip")}>
				{sums ? <Amounts sums={sums} side="up" /> : value(undefined)}
			</Counter>
			<Counter label={t("cards.counter.down")} title={t("cards.counter.month_tip")}>
				{sums ? <Amounts sums={sums} side="down" /> : value(undefined)}
			</Counter>
		</dl>
	);
}

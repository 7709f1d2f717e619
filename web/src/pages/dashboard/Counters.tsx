import { t } from "../../i18n";
import { integer, money, sign } from "../../lib/format";
import type { Summary } from "./data";

function Amounts({ summary, side }: { summary: Summary; side: "up" | "down" }) {
	const sums = summary.money.filter((m) => sign(m[side]) !== 0);
	if (sums.length === 0) return <span className="counter-value muted">–</span>;
	return (
		<span className={`counter-value ${side}`}>
			{sums.map((m) => (
				<span key={m.currency ?? ""}>{money(m[side], m.currency, { sign: true })}</span>
			))}
		</span>
	);
}

/** What the cards that fit come to: how many wait, what they change, how many are done. */
export function Counters({ summary }: { summary: Summary | undefined }) {
	const waiting = summary ? summary.open.reconcile + summary.open.new_revenue : 0;
	const done = summary ? summary.states.approved + summary.states.dismissed + summary.states.confirmed : 0;
	return (
		<dl className="counters" aria-busy={!summary}>
			<div className="counter">
				<dt>{t("cards.counter.changes")}</dt>
				<dd>
					<span className="counter-value">{summary ? integer(waiting) : "…"}</span>
					<span className="small muted">{summary && t("cards.counter.of", { total: summary.total })}</span>
				</dd>
			</div>
			<div className="counter">
				<dt>{t("cards.counter.up")}</dt>
				<dd>{summary ? <Amounts summary={summary} side="up" /> : <span className="counter-value">…</span>}</dd>
			</div>
			<div className="counter">
				<dt>{t("cards.counter.down")}</dt>
				<dd>{summary ? <Amounts summary={summary} side="down" /> : <span className="counter-value">…</span>}</dd>
			</div>
			<div className="counter">
				<dt>{t("cards.counter.done")}</dt>
				<dd>
					<span className="counter-value">{summary ? integer(done) : "…"}</span>
				</dd>
			</div>
		</dl>
	);
}

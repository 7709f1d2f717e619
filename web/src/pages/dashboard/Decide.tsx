// Approving: the exact effect first, then the results one by one as they come, and the way back.
import { keepPreviousData, useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { ApiError } from "../../api/client";
import { client, usePsaWords } from "../../api/hooks";
import { t } from "../../i18n";
import { date, qty, sum } from "../../lib/format";
import { noteOwn } from "../../shell/fresh";
import {
	Button,
	Chip,
	Confirm,
	DateField,
	Dialog,
	ErrorNotice,
	Icon,
	Loading,
	Name,
	Notice,
	Progress,
	Select,
	TextField,
	type Tone,
	toastError,
} from "../../ui";
import { type Ask, type Card, decide, isEnded, type Preview, preview, rollback, useWrites, type Write } from "./data";
import { cardName, Money } from "./parts";

const TONE: Record<Write["state"], Tone> = {
	planned: "neutral",
	sending: "accent",
	applied: "good",
	conflict: "warn",
	refused: "bad",
	failed: "bad",
	unknown: "warn",
	rolled_back: "neutral",
	listed: "accent",
};
const DRAWN = 200;
const WAIT_MS = 350;

/** The value a moment after it stopped changing. */
function useSettled<T>(value: T): T {
	const [settled, setSettled] = useState(value);
	useEffect(() => {
		const timer = setTimeout(() => setSettled(value), WAIT_MS);
		return () => clearTimeout(timer);
	}, [value]);
	return settled;
}

/** `common`: its warnings are said once for all. */
function Effect({ p, card, common }: { p: Preview; card: Card | undefined; common: boolean }) {
	const account = p.account?.name ?? card?.account.name ?? "";
	const product = p.product?.name ?? card?.product.name ?? "";
	return (
		<li className="effect">
			<div className="effect-row">
				<span className="grow">
					<Name className="strong">{account}</Name>
					<Name className="small muted">{[product, p.contract?.name].filter(Boolean).join(" · ")}</Name>
				</span>
				{p.ok && p.after ? (
					<>
						<span className="effect-units">
							<span className="muted">{p.before ? qty(p.before.quantity) : t("decide.new_line")}</span>
							<Icon name="arrow" size={14} />
							<span className="strong">{qty(p.after.quantity)}</span>
						</span>
						<span className="effect-money">
							<Money value={p.change_money} currency={p.currency} />
						</span>
					</>
				) : (
					<span className="small down">{p.detail}</span>
				)}
			</div>
			{p.ok && (
				<p className="small muted">
					{p.effective_date ? t("decide.from", { date: date(p.effective_date) }) : t("decide.now")}
				</p>
			)}
			{!common &&
				p.warnings.map((w) => (
					<p key={w} className="effect-warning small">
						<Icon name="warning" size={14} /> {w}
					</p>
				))}
			{p.calls && p.calls.length > 0 && (
				<details className="effect-calls">
					<summary className="small">{t("decide.calls", { count: p.calls.length })}</summary>
					{p.calls.map((c) => (
						<div key={`${c.method} ${c.path} ${c.purpose}`} className="effect-call">
							<p className="small muted">{c.purpose}</p>
							<pre className="code">{`${c.method} ${c.path}${c.body ? `\n${JSON.stringify(c.body, null, 2)}` : ""}`}</pre>
						</div>
					))}
				</details>
			)}
		</li>
	);
}

/** The same sentence for many cards is said once, with how many it is about. */
function Warnings({ items }: { items: Preview[] }) {
	const counts = new Map<string, number>();
	for (const w of items.flatMap((i) => i.warnings)) counts.set(w, (counts.get(w) ?? 0) + 1);
	if (counts.size === 0) return null;
	return (
		<Notice tone="warn">
			<ul className="stack-s">
				{[...counts].map(([w, count]) => (
					<li key={w}>
						<span className="strong">{t("cards.count", { count })}:</span> {w}
					</li>
				))}
			</ul>
		</Notice>
	);
}

function Totals({ items }: { items: Preview[] }) {
	const currencies = [...new Set(items.map((i) => i.currency ?? ""))];
	const totals = currencies.map((currency) => ({
		currency,
		value: sum(items.filter((i) => (i.currency ?? "") === currency).map((i) => i.change_money ?? null)),
	}));
	return (
		<p className="effect-total">
			<span>{t("decide.total")}</span>
			<span className="row strong">
				{totals.map((x) => (
					<Money key={x.currency} value={x.value} currency={x.currency} />
				))}
			</span>
		</p>
	);
}

/** What became of each write of a batch, live, with the way back. */
export function Results({ batch, cards, onClose }: { batch: string; cards: Card[]; onClose: () => void }) {
	const writes = useWrites(batch);
	const [asking, setAsking] = useState(false);
	const [undone, setUndone] = useState<string | null>(null);
	const back = useMutation({
		mutationFn: () => rollback(batch),
		onSuccess: (r) => {
			noteOwn();
			setAsking(false);
			setUndone(r.batch);
		},
		onError: toastError,
	});
	const list = writes.data ?? [];
	const ended = list.filter(isEnded).length;
	const all = list.length > 0 && ended === list.length;
	const applied = list.filter((w) => w.state === "applied").length;
	const bad = list.filter((w) => isEnded(w) && !["applied", "rolled_back", "listed"].includes(w.state)).length;
	useEffect(() => {
		if (all) client.invalidateQueries({ queryKey: ["cards"] });
	}, [all]);
	if (undone) return <Results key={undone} batch={undone} cards={cards} onClose={onClose} />;
	const nameOf = (w: Write) => {
		const card = cards.find((c) => c.id === w.card_id);
		return card ? cardName(card) : w.card_id;
	};
	const isRollback = list.some((w) => w.rollback_of);
	return (
		<Dialog
			title={isRollback ? t("decide.undoing") : t("decide.results")}
			isOpen
			onClose={onClose}
			size="large"
			footer={
				<>
					{applied > 0 && all && !isRollback && (
						<Button icon="undo" onPress={() => setAsking(true)}>
							{t("decide.undo")}
						</Button>
					)}
					<Button variant="primary" onPress={onClose}>
						{t("action.close")}
					</Button>
				</>
			}
		>
			<div className="stack">
				{writes.error && <ErrorNotice error={writes.error} onRetry={() => writes.refetch()} />}
				{!all && (
					<Progress label={t("decide.running", { done: ended, total: list.length })} value={ended} max={list.length} />
				)}
				{all && applied > 0 && (
					<Notice tone="good" live>
						{isRollback ? t("decide.undone") : t("decide.all_done", { count: applied })}
					</Notice>
				)}
				{all && bad > 0 && (
					<Notice tone="bad" live>
						{t("decide.some_bad", { count: bad })}
					</Notice>
				)}
				<ul className="effects">
					{list.slice(0, DRAWN).map((w) => (
						<li key={w.id} className="effect">
							<div className="effect-row">
								<Name className="strong grow">{nameOf(w)}</Name>
								<span className="effect-units">
									<span className="muted">{qty(w.expect)}</span>
									<Icon name="arrow" size={14} />
									<span className="strong">{qty(w.want)}</span>
								</span>
								<span className="effect-state">
									<Chip tone={TONE[w.state]}>{t(`write.state.${w.state}`)}</Chip>
								</span>
							</div>
							{w.detail && <p className="small muted">{w.detail}</p>}
						</li>
					))}
				</ul>
			</div>
			<Confirm
				title={t("decide.undo_title")}
				isOpen={asking}
				onClose={() => setAsking(false)}
				onConfirm={() => back.mutate()}
				isPending={back.isPending}
				action={t("decide.undo")}
			>
				<p>{t("decide.undo_text")}</p>
			</Confirm>
		</Dialog>
	);
}

function ChoiceField({ card, value, onChange }: { card: Card; value: string; onChange: (v: string) => void }) {
	const isNew = card.kind === "new_revenue";
	const options = card.choices.map((c) => ({
		id: (isNew ? c.contract.id : c.line_id) ?? "",
		label: isNew
			? c.contract.name
			: t("decide.choice_line", { contract: c.contract.name, quantity: qty(c.quantity ?? "0") }),
	}));
	return (
		<Select
			label={t(isNew ? "decide.contract" : "decide.line")}
			value={value}
			onChange={onChange}
			options={[...(value ? [] : [{ id: "", label: t("decide.choose") }]), ...options]}
		/>
	);
}

const needsChoice = (c: Card) => c.kind === "new_revenue" || (!c.line_id && c.choices.length > 0);

const DECIMAL = /^\d+([.,]\d+)?$/;

export function Decide({
	cards,
	onClose,
	onDecided,
}: {
	cards: Card[];
	onClose: () => void;
	onDecided: (cards: Card[]) => void;
}) {
	const one = cards.length === 1 ? cards[0] : undefined;
	const can = usePsaWords()?.can;
	const only = one?.choices.length === 1 ? one.choices[0] : undefined;
	const [quantity, setQuantity] = useState(one?.target_units ?? "");
	const [day, setDay] = useState("");
	const [note, setNote] = useState("");
	const [choice, setChoice] = useState((one?.kind === "new_revenue" ? only?.contract.id : only?.line_id) ?? "");
	const [batch, setBatch] = useState<{ id: string; cards: Card[] } | null>(null);

	const typed = quantity.trim().replace(",", ".");
	const badQuantity = one && typed !== "" && !DECIMAL.test(quantity.trim());
	const ask: Ask = { ids: cards.map((c) => c.id) };
	if (one && typed !== "" && !badQuantity && typed !== one.target_units) ask.quantity = typed;
	if (day) ask.effective_date = day;
	if (one && choice && one.kind === "new_revenue") ask.contract_id = choice;
	else if (one && choice) ask.line_id = choice;
	const settled = useSettled(JSON.stringify(ask));
	const effect = useQuery({
		queryKey: ["preview", settled],
		queryFn: () => preview(JSON.parse(settled) as Ask),
		placeholderData: keepPreviousData,
		staleTime: 0,
		gcTime: 0,
	});
	const items = effect.data?.items ?? [];
	const good = items.filter((i) => i.ok);
	const refused = items.filter((i) => !i.ok);
	const waiting = effect.isFetching || settled !== JSON.stringify(ask);
	const approve = useMutation({
		mutationFn: () =>
			decide(
				"approve",
				note.trim()
					? { ...ask, ids: good.map((i) => i.card_id), note: note.trim() }
					: { ...ask, ids: good.map((i) => i.card_id) },
			),
		onSuccess: (r) => {
			noteOwn();
			const done = cards.filter((c) => good.some((g) => g.card_id === c.id));
			setBatch({ id: r.batch, cards: done });
			onDecided(done);
		},
		// The book moved meanwhile: show what is true now.
		onError: () => effect.refetch(),
	});
	if (batch) return <Results batch={batch.id} cards={batch.cards} onClose={onClose} />;
	const error = approve.error ?? effect.error;
	const at = error instanceof ApiError ? error : null;
	return (
		<Dialog
			title={one ? cardName(one) : t("decide.title", { count: cards.length })}
			isOpen
			onClose={onClose}
			size="large"
			footer={
				<>
					<Button onPress={onClose}>{t("action.cancel")}</Button>
					<Button
						variant="primary"
						onPress={() => approve.mutate()}
						isPending={approve.isPending}
						isDisabled={good.length === 0 || waiting || !!badQuantity}
					>
						{t("decide.submit", { count: Math.max(1, good.length) })}
					</Button>
				</>
			}
		>
			<div className="stack">
				<p className="muted">{t("decide.text")}</p>
				{one && needsChoice(one) && <ChoiceField card={one} value={choice} onChange={setChoice} />}
				<div className="form-row">
					{one && (
						<TextField
							label={t("decide.quantity")}
							help={t("decide.quantity_help")}
							inputMode="decimal"
							value={quantity}
							onChange={setQuantity}
							error={badQuantity ? t("decide.quantity_help") : at?.at("/quantity")}
						/>
					)}
					{can?.effective_date && (
						<DateField
							label={t("decide.date")}
							help={t("decide.date_now")}
							value={day}
							onChange={setDay}
							error={at?.at("/effective_date")}
						/>
					)}
				</div>
				{error && <ErrorNotice error={error} />}
				{!effect.data && !effect.error && <Loading rows={2} label={t("decide.loading")} />}
				{effect.data && good.length === 0 && !waiting && (
					<Notice tone="warn">{one ? refused[0]?.detail : t("decide.none")}</Notice>
				)}
				{good.length > 0 && (
					<>
						<ul className="effects" aria-busy={waiting}>
							{good.slice(0, DRAWN).map((p) => (
								<Effect key={p.card_id} p={p} card={cards.find((c) => c.id === p.card_id)} common={!one} />
							))}
						</ul>
						<Totals items={good} />
						{!one && <Warnings items={good} />}
					</>
				)}
				{refused.length > 0 && !one && (
					<details open={good.length === 0}>
						<summary className="down">{t("decide.refused", { count: refused.length })}</summary>
						<ul className="effects">
							{refused.slice(0, DRAWN).map((p) => (
								<Effect key={p.card_id} p={p} card={cards.find((c) => c.id === p.card_id)} common={!one} />
							))}
						</ul>
					</details>
				)}
				<TextField
					label={`${t("decide.note")} (${t("field.optional")})`}
					help={t("decide.note_help")}
					value={note}
					onChange={setNote}
					maxLength={2000}
				/>
			</div>
		</Dialog>
	);
}

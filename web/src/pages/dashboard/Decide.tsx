// Approving: the exact effect in the PSA and in money, before anything is sent.
import { keepPreviousData, useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { ApiError } from "../../api/client";
import { usePsaWords } from "../../api/hooks";
import { t } from "../../i18n";
import { currencyOf, date, qty, sum } from "../../lib/format";
import { Button, DateField, Dialog, ErrorNotice, Icon, Loading, Name, Notice, Select, TextField } from "../../ui";
import { type Ask, type Call as SentCall, type Card, decide, type Preview, preview } from "./data";
import { cardName, Money } from "./parts";
import { Some } from "./Some";
import "../../i18n/en/decide";
import "../../i18n/en/dashboard";

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

const Call = ({ call }: { call: SentCall }) => (
	<pre className="code">{`${call.method} ${call.path}${call.body ? `\n${JSON.stringify(call.body, null, 2)}` : ""}`}</pre>
);

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
			{!common &&
				p.warnings.map((w) => (
					<p key={w} className="effect-warning small">
						<Icon name="warning" size={14} /> {w}
					</p>
				))}
			{p.two_persons && (
				<p className="effect-warning small">
					<Icon name="user" size={14} /> {t("decide.two_persons", { rule: p.two_persons })}
				</p>
			)}
			{p.ok && p.calls && (
				<details className="effect-calls">
					<summary className="small">
						{p.effective_date ? t("decide.from", { date: date(p.effective_date) }) : t("decide.now")}
						{" · "}
						{p.by_hand ? t("decide.by_hand") : t("decide.calls", { count: p.calls.length })}
					</summary>
					{p.calls.map((c) => (
						<div key={`${c.method} ${c.path} ${c.purpose}`} className="effect-call">
							<p className="small muted">{p.by_hand ? `${c.path}: ${c.purpose}` : c.purpose}</p>
							{!p.by_hand && <Call call={c} />}
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
	const currencies = [...new Set(items.map((i) => currencyOf(i.currency)))];
	const totals = currencies.map((currency) => ({
		currency,
		value: sum(items.filter((i) => currencyOf(i.currency) === currency).map((i) => i.change_money ?? null)),
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

function ChoiceField({ card, value, onChange }: { card: Card; value: string; onChange: (v: string) => void }) {
	const isNew = card.kind === "new_revenue";
	if (isNew && card.choices.length === 0) return <Notice tone="warn">{t("decide.no_contract")}</Notice>;
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
	dated,
	onClose,
	onDecided,
}: {
	cards: Card[];
	/** A day must be given. */
	dated: boolean;
	onClose: () => void;
	/** `waiting`: so many wait for a second person, and nothing was sent for them. */
	onDecided: (batch: string, cards: Card[], waiting: number) => void;
}) {
	const one = cards.length === 1 ? cards[0] : undefined;
	const can = usePsaWords()?.can;
	const only = one?.choices.length === 1 ? one.choices[0] : undefined;
	const [quantity, setQuantity] = useState(one?.target_units ?? "");
	const [day, setDay] = useState("");
	const [note, setNote] = useState("");
	const [choice, setChoice] = useState((one?.kind === "new_revenue" ? only?.contract.id : only?.line_id) ?? "");
	const byId = useMemo(() => new Map(cards.map((c) => [c.id, c])), [cards]);

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
			const done = new Set(good.map((g) => g.card_id));
			onDecided(
				r.batch,
				cards.filter((c) => done.has(c.id)),
				r.awaiting?.length ?? 0,
			);
		},
		// The book moved meanwhile: show what is true now.
		onError: () => effect.refetch(),
	});
	/** What only a person can say is not said yet. */
	const open = one && needsChoice(one) && one.choices.length > 0 && !choice;
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
						isDisabled={good.length === 0 || waiting || !!badQuantity || (dated && !day)}
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
							help={dated ? t("decide.date_needed") : t("decide.date_now")}
							autoFocus={dated}
							value={day}
							onChange={setDay}
							error={at?.at("/effective_date")}
						/>
					)}
				</div>
				{error && <ErrorNotice error={error} />}
				{!effect.data && !effect.error && <Loading rows={2} label={t("decide.loading")} />}
				{open ? (
					<Notice>{t(one.kind === "new_revenue" ? "decide.choose_contract" : "decide.choose_line")}</Notice>
				) : (
					effect.data &&
					good.length === 0 &&
					!waiting && <Notice tone="warn">{one ? refused[0]?.detail : t("decide.none")}</Notice>
				)}
				{good.length > 0 && (
					<>
						{!one && <Totals items={good} />}
						{!one && <Warnings items={good} />}
						<Some items={good} className="effects" busy={waiting}>
							{(p) => <Effect key={p.card_id} p={p} card={byId.get(p.card_id)} common={!one} />}
						</Some>
					</>
				)}
				{refused.length > 0 && !one && (
					<details open={good.length === 0}>
						<summary className="down">{t("decide.refused", { count: refused.length })}</summary>
						<Some items={refused} className="effects">
							{(p) => <Effect key={p.card_id} p={p} card={byId.get(p.card_id)} common={!one} />}
						</Some>
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

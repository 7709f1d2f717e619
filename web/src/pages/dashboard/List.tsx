// The list: one row a card, only those on the screen are drawn, more are loaded when their place comes near.
import { useVirtualizer } from "@tanstack/react-virtual";
import { type RefObject, useEffect, useMemo, useRef } from "react";
import { t } from "../../i18n";
import { Checkbox, cx, Name } from "../../ui";
import { useActions } from "./actions";
import type { Card, GroupBy } from "./data";
import {
	basisWord,
	cardName,
	ChangeUnits,
	isChange,
	KindChip,
	Money,
	PsaUnits,
	ReconciledUnits,
	StateChip,
	ValueChip,
	VendorUnits,
} from "./parts";
import { RowActions } from "./RowActions";

type Head = { type: "head"; id: string; name: string; cards: Card[] };
type Entry =
	| { type: "card"; card: Card }
	| { type: "head"; id: string; name: string; cards: Card[] }
	| { type: "more" };

const ROW = 56;
const ROW_PHONE = 148;
const HEAD = 40;
const AHEAD = 30;

const groupName = (card: Card, group: GroupBy) =>
	group === "account" ? card.account : group === "product" ? card.product : card.contract;

function entriesOf(cards: Card[], group: GroupBy, more: boolean): Entry[] {
	const entries: Entry[] = [];
	let head = null as Head | null;
	for (const card of cards) {
		if (group !== "none") {
			const of = groupName(card, group);
			const id = of?.id ?? "";
			if (head?.id !== id) {
				head = { type: "head", id, name: of?.name ?? t("card.no_contract"), cards: [] };
				entries.push(head);
			}
			head.cards.push(card);
		}
		entries.push({ type: "card", card });
	}
	if (more) entries.push({ type: "more" });
	return entries;
}

function Row({ card, index }: { card: Card; index: number }) {
	const { selection, focused, focus, open } = useActions();
	const name = cardName(card);
	return (
		// biome-ignore lint/a11y/useKeyWithClickEvents: the keys are handled for the whole page, and e opens the card
		<div
			role="row"
			aria-rowindex={index + 2}
			aria-selected={selection.has(card.id)}
			data-card={card.id}
			tabIndex={focused === card.id ? 0 : -1}
			className={cx(
				"list-row",
				selection.has(card.id) && "list-row-selected",
				focused === card.id && "list-row-focused",
			)}
			onFocus={() => focus(card.id)}
			onClick={(e) => {
				if (!(e.target as HTMLElement).closest("button, label, a, input")) open(card);
			}}
		>
			<span role="gridcell" className="cell-check">
				<Checkbox
					aria-label={t("cards.select", { name })}
					isSelected={selection.has(card.id)}
					onChange={() => selection.toggle(card)}
				/>
			</span>
			<span role="gridcell" className="cell-account">
				<Name className="strong">{card.account.name}</Name>
				<Name className="small muted cell-phone">{card.product.name}</Name>
			</span>
			<span role="gridcell" className="cell-product">
				<Name>{card.product.name}</Name>
				<Name className="small muted">{card.product.code}</Name>
			</span>
			<span role="gridcell" className="cell-contract">
				{card.contract ? (
					<Name>{card.contract.name}</Name>
				) : (
					<span className="muted">
						{card.choices.length && card.kind !== "new_revenue"
							? t("card.several_lines", { count: card.choices.length })
							: t("card.no_contract")}
					</span>
				)}
			</span>
			<span role="gridcell" className="cell-number" data-label={t("cards.col.psa")}>
				<PsaUnits card={card} />
			</span>
			<span role="gridcell" className="cell-number" data-label={t("cards.col.vendor")}>
				<VendorUnits card={card} />
				<span className="cell-note">
					<ValueChip state={card.vendor_units === null && card.kind === "no_vendor" ? "known" : card.value_state} />
				</span>
			</span>
			<span role="gridcell" className="cell-number" data-label={t("cards.col.reconciled")}>
				<ReconciledUnits card={card} />
				{basisWord(card) && <span className="small muted cell-note">{basisWord(card)}</span>}
			</span>
			<span role="gridcell" className="cell-number" data-label={t("cards.col.change")}>
				<ChangeUnits card={card} />
				{isChange(card) && (
					<span className="cell-note">
						<Money value={card.change_money} currency={card.currency} />
					</span>
				)}
			</span>
			<span role="gridcell" className="cell-state">
				{card.state === "open" ? <KindChip card={card} /> : <StateChip card={card} />}
			</span>
			<span role="gridcell" className="cell-actions">
				<RowActions card={card} />
			</span>
		</div>
	);
}

function GroupHead({ entry }: { entry: Head }) {
	const { selection } = useActions();
	const selected = entry.cards.filter((c) => selection.has(c.id)).length;
	return (
		<div role="row" className="list-group">
			<span role="gridcell" className="cell-check">
				<Checkbox
					aria-label={`${t("cards.select_shown")}: ${entry.name}`}
					isSelected={selected === entry.cards.length}
					isIndeterminate={selected > 0 && selected < entry.cards.length}
					onChange={(on) => (on ? selection.add(entry.cards) : selection.remove(entry.cards))}
				/>
			</span>
			<span role="gridcell" className="list-group-name">
				<Name className="strong">{entry.name}</Name>
			</span>
		</div>
	);
}

export function List({
	cards,
	total,
	group,
	scroller,
	hasMore,
	onMore,
	phone,
}: {
	cards: Card[];
	total: number;
	group: GroupBy;
	scroller: RefObject<HTMLDivElement | null>;
	hasMore: boolean;
	onMore: () => void;
	phone: boolean;
}) {
	const { focused } = useActions();
	const entries = useMemo(() => entriesOf(cards, group, hasMore), [cards, group, hasMore]);
	const body = useRef<HTMLDivElement>(null);
	const height = phone ? ROW_PHONE : ROW;
	const virtual = useVirtualizer({
		count: entries.length,
		getScrollElement: () => scroller.current,
		estimateSize: (i) => (entries[i]?.type === "head" ? HEAD : height),
		getItemKey: (i) => {
			const e = entries[i];
			return e?.type === "card" ? e.card.id : e?.type === "head" ? `head ${e.id} ${i}` : "more";
		},
		scrollMargin: body.current?.offsetTop ?? 0,
		overscan: 10,
	});
	const items = virtual.getVirtualItems();
	const last = items.at(-1)?.index ?? 0;
	useEffect(() => {
		if (hasMore && last > entries.length - AHEAD) onMore();
	}, [hasMore, last, entries.length, onMore]);
	const { measure, scrollToIndex } = virtual;
	// biome-ignore lint/correctness/useExhaustiveDependencies: another height of rows asks for new places
	useEffect(() => measure(), [height, group, measure]);
	useEffect(() => {
		if (!focused) return;
		const index = entries.findIndex((e) => e.type === "card" && e.card.id === focused);
		if (index < 0) return;
		scrollToIndex(index, { align: "auto" });
		requestAnimationFrame(() => {
			const row = document.querySelector<HTMLElement>(`[data-card="${CSS.escape(focused)}"]`);
			if (row && !row.contains(document.activeElement) && !document.querySelector("[role=dialog]"))
				row.focus({ preventScroll: true });
		});
	}, [focused, entries, scrollToIndex]);
	const margin = virtual.options.scrollMargin;
	return (
		<div
			role="grid"
			aria-label={t("cards.region")}
			aria-rowcount={total + 1}
			aria-multiselectable="true"
			className="list"
		>
			<div role="row" aria-rowindex={1} className="list-head">
				<span role="columnheader">
					<span className="visually-hidden">{t("cards.select_all")}</span>
				</span>
				<span role="columnheader">{t("cards.col.account")}</span>
				<span role="columnheader">{t("cards.col.product")}</span>
				<span role="columnheader">{t("cards.col.contract")}</span>
				<span role="columnheader" className="number">
					{t("cards.col.psa")}
				</span>
				<span role="columnheader" className="number">
					{t("cards.col.vendor")}
				</span>
				<span role="columnheader" className="number">
					{t("cards.col.reconciled")}
				</span>
				<span role="columnheader" className="number">
					{t("cards.col.change")}
				</span>
				<span role="columnheader">{t("cards.col.state")}</span>
				<span role="columnheader">
					<span className="visually-hidden">{t("cards.col.actions")}</span>
				</span>
			</div>
			<div ref={body} role="rowgroup" className="list-body" style={{ height: virtual.getTotalSize() }}>
				{items.map((item) => {
					const entry = entries[item.index];
					if (!entry) return null;
					return (
						<div
							key={item.key}
							role="presentation"
							className="list-place"
							style={{ height: item.size, transform: `translateY(${item.start - margin}px)` }}
						>
							{entry.type === "card" ? (
								<Row card={entry.card} index={item.index} />
							) : entry.type === "head" ? (
								<GroupHead entry={entry} />
							) : (
								<div role="row" className="list-more">
									<span role="gridcell" className="muted small">
										{t("cards.loading_more")}
									</span>
								</div>
							)}
						</div>
					);
				})}
			</div>
		</div>
	);
}

// The list: one row a card, only those on the screen are drawn, more are loaded when their place comes near.
import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, type RefObject, useEffect, useMemo, useRef } from "react";
import { Button } from "react-aria-components";
import { type Key, t } from "../../i18n";
import { setQuery } from "../../lib/router";
import { Checkbox, cx, Icon, Name } from "../../ui";
import { focusSoon, useActions } from "./actions";
import type { Card, Filters, GroupBy } from "./data";
import { type By, GroupCheck } from "./GroupCheck";
import {
	basisWord,
	cardName,
	ChangeMoney,
	ChangeUnits,
	isChange,
	Labels,
	MainChip,
	noContract,
	PsaUnits,
	ReconciledUnits,
	Remark,
	ValueChip,
	VendorUnits,
} from "./parts";
import { RowActions } from "./RowActions";

type Heading = { type: "head"; id: string; name: string; cards: Card[] };
type Entry =
	| { type: "card"; card: Card }
	| { type: "head"; id: string; name: string; cards: Card[] }
	| { type: "more" };

const ROW = 60;
const ROW_PHONE = 156;
const HEAD = 40;
const AHEAD = 30;

const groupName = (card: Card, group: GroupBy) =>
	group === "account" ? card.account : group === "product" ? card.product : card.contract;

function entriesOf(cards: Card[], group: GroupBy, more: boolean): Entry[] {
	const entries: Entry[] = [];
	let head = null as Heading | null;
	for (const card of cards) {
		if (group !== "none") {
			const of = groupName(card, group);
			const id = of?.id ?? "";
			if (head?.id !== id) {
				const whose = group === "contract" && card.contract ? `${card.account.name} · ` : "";
				head = { type: "head", id, name: whose + (of?.name ?? t("card.no_contract")), cards: [] };
				entries.push(head);
			}
			head.cards.push(card);
		}
		entries.push({ type: "card", card });
	}
	if (more) entries.push({ type: "more" });
	return entries;
}

const Row = memo(function Row({ card, index }: { card: Card; index: number }) {
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
				<Labels card={card} />
			</span>
			<span role="gridcell" className="cell-product">
				<Name>{card.product.name}</Name>
				<Name className="small muted">{card.product.code}</Name>
			</span>
			<span role="gridcell" className="cell-contract">
				{card.contract ? <Name>{card.contract.name}</Name> : <span className="muted">{noContract(card)}</span>}
			</span>
			<span role="gridcell" className="cell-number" data-label={t("cards.col.psa")}>
				<PsaUnits card={card} />
			</span>
			<span role="gridcell" className="cell-number" data-label={t("cards.col.vendor")}>
				<VendorUnits card={card} />
				<span className="cell-note">
					<ValueChip card={card} />
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
						<ChangeMoney card={card} />
					</span>
				)}
			</span>
			<span role="gridcell" className="cell-state">
				<MainChip card={card} />
				<Remark card={card} />
			</span>
			<span role="gridcell" className="cell-actions">
				<RowActions card={card} />
			</span>
		</div>
	);
});

function GroupHead({ entry, filters, group, sort }: { entry: Heading; filters: Filters; group: By; sort: string }) {
	return (
		<div role="row" className="list-group">
			<span role="gridcell" className="cell-check">
				<GroupCheck
					of={{ id: entry.id, name: entry.name, total: entry.cards.length }}
					filters={filters}
					group={group}
					sort={sort}
				/>
			</span>
			<span role="gridcell" className="list-group-name">
				<Name className="strong">{entry.name}</Name>
			</span>
		</div>
	);
}

const COLUMNS: { key: Key; sort?: string; down?: boolean; number?: boolean }[] = [
	{ key: "cards.col.account", sort: "account" },
	{ key: "cards.col.product", sort: "product" },
	{ key: "cards.col.contract", sort: "contract" },
	{ key: "cards.col.psa", number: true },
	{ key: "cards.col.vendor", number: true },
	{ key: "cards.col.reconciled", number: true },
	{ key: "cards.col.change", sort: "change", down: true, number: true },
	{ key: "cards.col.state" },
];

/** A press sorts by the column, another the other way round; changes begin with the largest. */
function Head({ sort }: { sort: string }) {
	return (
		<div role="row" aria-rowindex={1} className="list-head">
			<span role="columnheader">
				<span className="visually-hidden">{t("cards.col.select")}</span>
			</span>
			{COLUMNS.map((c) => {
				const by = c.sort && sort.replace("-", "") === c.sort;
				const down = by && sort.startsWith("-");
				const first = c.down ? `-${c.sort}` : (c.sort ?? "");
				const other = c.down ? (c.sort ?? "") : `-${c.sort}`;
				return (
					<span
						key={c.key}
						role="columnheader"
						className={cx(c.number && "number")}
						aria-sort={by ? (down ? "descending" : "ascending") : undefined}
					>
						{c.sort ? (
							<Button className="list-sort" onPress={() => setQuery({ sort: sort === first ? other : first })}>
								{t(c.key)}
								{by && <Icon name={down ? "arrowDown" : "arrowUp"} size={14} />}
							</Button>
						) : (
							t(c.key)
						)}
					</span>
				);
			})}
			<span role="columnheader">
				<span className="visually-hidden">{t("cards.col.actions")}</span>
			</span>
		</div>
	);
}

export function List({
	cards,
	total,
	filters,
	group,
	sort,
	scroller,
	hasMore,
	onMore,
	phone,
}: {
	cards: Card[];
	total: number;
	filters: Filters;
	group: GroupBy;
	sort: string;
	scroller: RefObject<HTMLDivElement | null>;
	hasMore: boolean;
	onMore: () => void;
	phone: boolean;
}) {
	const { focused, selection } = useActions();
	const { renew } = selection;
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
		scrollPaddingStart: 72,
		scrollPaddingEnd: 24,
	});
	const items = virtual.getVirtualItems();
	const last = items.at(-1)?.index ?? 0;
	useEffect(() => {
		if (hasMore && last > entries.length - AHEAD) onMore();
	}, [hasMore, last, entries.length, onMore]);
	const { measure, scrollToIndex } = virtual;
	// biome-ignore lint/correctness/useExhaustiveDependencies: another height of rows asks for new places
	useEffect(() => measure(), [height, group, measure]);
	// Only a step of the keyboard moves the page, never data that comes in.
	const places = useRef(entries);
	places.current = entries;
	useEffect(() => {
		if (!focused) return;
		const index = places.current.findIndex((e) => e.type === "card" && e.card.id === focused);
		if (index < 0) return;
		scrollToIndex(index, { align: "auto" });
		return focusSoon(focused);
	}, [focused, scrollToIndex]);
	useEffect(() => renew(cards), [cards, renew]);
	const margin = virtual.options.scrollMargin;
	return (
		<div
			role="grid"
			aria-label={t("cards.region")}
			aria-rowcount={total + 1}
			aria-multiselectable="true"
			className="list"
		>
			<Head sort={sort} />
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
								<GroupHead entry={entry} filters={filters} group={group as By} sort={sort} />
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

// The card view: a fold for each service (or account, or contract) with its sums; its cards are loaded when it opens.
// Folds are drawn only where the screen is, and so are the rows of cards within an open one.
import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, type RefObject, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { Button } from "react-aria-components";
import { t } from "../../i18n";
import { qty } from "../../lib/format";
import { setQuery, usePlace } from "../../lib/router";
import { Checkbox, cx, ErrorNotice, Icon, Loading, Name } from "../../ui";
import { focusSoon, useActions } from "./actions";
import { type Card, type Filters, type Group, type GroupBy, useCards } from "./data";
import {
	basisWord,
	cardName,
	ChangeMoney,
	ChangeUnits,
	isChange,
	Labels,
	MainChip,
	Money,
	noContract,
	PsaUnits,
	ReconciledUnits,
	Remark,
	ValueChip,
	VendorUnits,
} from "./parts";
import { type By, GroupCheck, within } from "./GroupCheck";
import { RowActions } from "./RowActions";

const HEAD = 64;
const TILE_ROW = 176;
const TILE_WIDTH = 330;
const GAP = 12;
/** Rows of tiles ahead of the screen at which the next page is asked for. */
const AHEAD = 12;
/** So few folds are all open at first. */
const FEW = 3;

/** Where the keyboard can go: the cards of each open fold, as far as they are loaded, and the fold it waits for. */
export type Order = { cards: Map<string, Card[]>; wanted: string | null };

const Tile = memo(function Tile({ card, group }: { card: Card; group: GroupBy }) {
	const { selection, focused, focus, open } = useActions();
	const selected = selection.has(card.id);
	return (
		// biome-ignore lint/a11y/useKeyWithClickEvents: the keys are handled for the whole page, and e opens the card
		<li
			data-card={card.id}
			tabIndex={focused === card.id ? 0 : -1}
			className={cx("tile", selected && "tile-selected", focused === card.id && "tile-focused", `tile-${card.kind}`)}
			onFocus={() => focus(card.id)}
			onClick={(e) => {
				if (!(e.target as HTMLElement).closest("button, label, a, input")) open(card);
			}}
		>
			<div className="tile-top">
				<span className="grow">
					<Name className="strong">{group === "account" ? card.product.name : card.account.name}</Name>
					<Name className="small muted">
						{[
							group === "account" ? card.product.code : group === "contract" ? card.product.name : null,
							card.contract?.name ?? noContract(card),
						]
							.filter(Boolean)
							.join(" · ")}
					</Name>
				</span>
				<Checkbox
					aria-label={t("cards.select", { name: cardName(card) })}
					isSelected={selected}
					onChange={() => selection.toggle(card)}
				/>
			</div>
			<dl className="tile-units">
				<div>
					<dt>{t("cards.col.psa")}</dt>
					<dd>
						<PsaUnits card={card} />
					</dd>
				</div>
				<div>
					<dt>{t("cards.col.vendor")}</dt>
					<dd>
						<VendorUnits card={card} />
					</dd>
				</div>
				<div>
					<dt>{t("cards.col.reconciled")}</dt>
					<dd>
						<ReconciledUnits card={card} />
					</dd>
				</div>
				<div className="tile-change">
					<dt>{t("cards.col.change")}</dt>
					<dd>
						<ChangeUnits card={card} />
						{isChange(card) && (
							<span className="small">
								<ChangeMoney card={card} />
							</span>
						)}
					</dd>
				</div>
			</dl>
			<Remark card={card} />
			<Labels card={card} />
			<div className="tile-foot">
				<span className="tile-chips">
					<MainChip card={card} />
					<ValueChip card={card} />
					{basisWord(card) && <span className="small muted">{basisWord(card)}</span>}
				</span>
				<RowActions card={card} />
			</div>
		</li>
	);
});

function Tiles({
	cards,
	group,
	columns,
	top,
	scroller,
	onMore,
}: {
	cards: Card[];
	group: GroupBy;
	columns: number;
	top: number;
	scroller: RefObject<HTMLDivElement | null>;
	onMore: (() => void) | null;
}) {
	const { focused } = useActions();
	const rows = Math.ceil(cards.length / columns);
	const virtual = useVirtualizer({
		count: rows,
		getScrollElement: () => scroller.current,
		estimateSize: () => TILE_ROW,
		gap: GAP,
		scrollMargin: top,
		overscan: 3,
		scrollPaddingStart: 72,
		scrollPaddingEnd: 24,
	});
	const items = virtual.getVirtualItems();
	const last = items.at(-1)?.index ?? 0;
	useEffect(() => {
		if (onMore && last > rows - AHEAD) onMore();
	}, [onMore, last, rows]);
	const { scrollToIndex } = virtual;
	const places = useRef(cards);
	places.current = cards;
	useEffect(() => {
		const at = focused ? places.current.findIndex((c) => c.id === focused) : -1;
		if (!focused || at < 0) return;
		scrollToIndex(Math.floor(at / columns), { align: "auto" });
		return focusSoon(focused);
	}, [focused, columns, scrollToIndex]);
	return (
		<div className="tiles" style={{ height: virtual.getTotalSize() }}>
			{items.map((item) => (
				<ul
					key={item.key}
					ref={virtual.measureElement}
					data-index={item.index}
					className="tiles-row"
					style={{
						transform: `translateY(${item.start - top}px)`,
						gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`,
					}}
				>
					{cards.slice(item.index * columns, (item.index + 1) * columns).map((c) => (
						<Tile key={c.id} card={c} group={group} />
					))}
				</ul>
			))}
		</div>
	);
}

function Inside({
	filters,
	group,
	of,
	sort,
	columns,
	top,
	scroller,
	order,
}: {
	filters: Filters;
	group: By;
	of: Group;
	sort: string;
	columns: number;
	top: number;
	scroller: RefObject<HTMLDivElement | null>;
	order: RefObject<Order>;
}) {
	const { selection, focus } = useActions();
	const { renew } = selection;
	const found = useCards(within(filters, group, of.id), sort, "none");
	const cards = useMemo(() => found.data?.pages.flatMap((p) => p.items) ?? [], [found.data]);
	useEffect(() => {
		const known = order.current;
		known.cards.set(of.id, cards);
		renew(cards);
		if (known.wanted === of.id && cards[0]) {
			known.wanted = null;
			focus(cards[0].id);
		}
		return () => {
			known.cards.delete(of.id);
		};
	}, [cards, of.id, order, renew, focus]);
	const { fetchNextPage, isFetchingNextPage, hasNextPage } = found;
	const onMore = useMemo(
		() => (hasNextPage && !isFetchingNextPage ? () => void fetchNextPage() : null),
		[hasNextPage, isFetchingNextPage, fetchNextPage],
	);
	if (found.error) return <ErrorNotice error={found.error} onRetry={() => found.refetch()} />;
	if (!found.data) return <Loading rows={Math.min(of.total, 4)} label={t("cards.loading_more")} />;
	return <Tiles cards={cards} group={group} columns={columns} top={top} scroller={scroller} onMore={onMore} />;
}

function FoldHead({ of, isOpen, onToggle }: { of: Group; isOpen: boolean; onToggle: () => void }) {
	const changes = of.open.reconcile + of.open.new_revenue;
	return (
		<Button className="fold-button" aria-expanded={isOpen} onPress={onToggle}>
			<Icon name={isOpen ? "down" : "right"} />
			<span className="grow fold-name">
				<Name className="strong">{of.name || t("card.no_contract")}</Name>
				<span className="small muted fold-words">
					{of.account && `${of.account} · `}
					{t("cards.count", { count: of.total })}
					{" · "}
					{changes ? t("cards.change_count", { count: changes }) : t("cards.no_changes")}
				</span>
			</span>
			<span className="fold-units small">
				{(["psa", "vendor", "reconciled"] as const).map((side) => (
					<span key={side}>
						<span className="muted">{t(`cards.col.${side}`)}</span>{" "}
						{/* Nothing counts what no vendor is connected for: that is no zero. */}
						<span className="units">
							{side !== "psa" && of.kinds.no_vendor === of.total ? "–" : qty(of.units[side])}
						</span>
					</span>
				))}
			</span>
			<span className="fold-money">
				{of.money.map((m) => (
					<span key={m.currency ?? ""} className="fold-sum">
						{m.up !== "0" && <Money value={m.up} currency={m.currency} />}
						{m.down !== "0" && <Money value={m.down} currency={m.currency} />}
					</span>
				))}
			</span>
		</Button>
	);
}

/** How many tiles fit side by side, and how wide the folds are. */
function useColumns(body: RefObject<HTMLDivElement | null>) {
	const [columns, setColumns] = useState(1);
	useLayoutEffect(() => {
		const node = body.current;
		if (!node) return;
		const measure = () => {
			const inner = node.clientWidth - 2 * GAP;
			setColumns(Math.max(1, Math.floor((inner + GAP) / (TILE_WIDTH + GAP))));
		};
		const watch = new ResizeObserver(measure);
		watch.observe(node);
		measure();
		return () => watch.disconnect();
	}, [body]);
	return columns;
}

export function Cards({
	groups,
	filters,
	group,
	sort,
	scroller,
	order,
	hasMore,
	onMore,
}: {
	groups: Group[];
	filters: Filters;
	group: By;
	sort: string;
	scroller: RefObject<HTMLDivElement | null>;
	order: RefObject<Order>;
	hasMore: boolean;
	onMore: () => void;
}) {
	const { query } = usePlace();
	const body = useRef<HTMLDivElement>(null);
	const columns = useColumns(body);
	const open = openFolds(groups, query.get("open"));
	const toggle = (id: string) => {
		const next = new Set(open);
		if (!next.delete(id)) next.add(id);
		setQuery({ open: openText(next) });
	};
	const virtual = useVirtualizer({
		count: groups.length,
		getScrollElement: () => scroller.current,
		estimateSize: () => HEAD,
		getItemKey: (i) => groups[i]?.id ?? i,
		scrollMargin: body.current?.offsetTop ?? 0,
		overscan: 6,
	});
	const margin = virtual.options.scrollMargin;
	const items = virtual.getVirtualItems();
	const last = items.at(-1)?.index ?? 0;
	useEffect(() => {
		if (hasMore && last > groups.length - AHEAD) onMore();
	}, [hasMore, last, groups.length, onMore]);
	return (
		<div ref={body} className="folds" style={{ height: virtual.getTotalSize() }}>
			{items.map((item) => {
				const of = groups[item.index];
				if (!of) return null;
				const isOpen = open.has(of.id);
				return (
					<div
						key={item.key}
						ref={virtual.measureElement}
						data-index={item.index}
						className="fold-place"
						style={{ transform: `translateY(${item.start - margin}px)` }}
					>
						<section className="fold">
							<h2 className="fold-head">
								<GroupCheck of={of} filters={filters} group={group} sort={sort} />
								<FoldHead of={of} isOpen={isOpen} onToggle={() => toggle(of.id)} />
							</h2>
							{isOpen && (
								<div className="fold-body">
									<Inside
										filters={filters}
										group={group}
										of={of}
										sort={sort}
										columns={columns}
										top={item.start + HEAD}
										scroller={scroller}
										order={order}
									/>
								</div>
							)}
						</section>
					</div>
				);
			})}
		</div>
	);
}

const CLOSED = "-";
export const openText = (ids: Set<string>) => [...ids].map((id) => id || "none").join(",") || CLOSED;

/** Which folds are open: what the address says, so that a link shows what its sender saw; otherwise the first that matters. */
export function openFolds(groups: Group[], asked: string | null): Set<string> {
	if (asked !== null)
		return new Set(
			asked
				.split(",")
				.filter((id) => id !== CLOSED)
				.map((id) => (id === "none" ? "" : id)),
		);
	const first = groups.find((g) => g.open.reconcile + g.open.new_revenue > 0) ?? groups[0];
	return new Set((groups.length <= FEW ? groups : first ? [first] : []).map((g) => g.id));
}

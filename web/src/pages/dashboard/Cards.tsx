// The card view: a fold for each service (or account, or contract) with its sums; its cards are loaded when it opens.
import { useVirtualizer } from "@tanstack/react-virtual";
import { type RefObject, useEffect, useRef } from "react";
import { Button } from "react-aria-components";
import { t } from "../../i18n";
import { setQuery, usePlace } from "../../lib/router";
import { Checkbox, cx, ErrorNotice, Icon, Loading, Name, Button as OurButton } from "../../ui";
import { useActions } from "./actions";
import { type Card, type Filters, type Group, type GroupBy, useCards } from "./data";
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

const HEAD = 64;
/** So few folds are all open at first. */
const FEW = 3;

function Tile({ card, group }: { card: Card; group: GroupBy }) {
	const { selection, focused, focus } = useActions();
	const selected = selection.has(card.id);
	return (
		<li
			data-card={card.id}
			tabIndex={focused === card.id ? 0 : -1}
			className={cx("tile", selected && "tile-selected", focused === card.id && "tile-focused", `tile-${card.kind}`)}
			onFocus={() => focus(card.id)}
		>
			<div className="tile-top">
				<span className="grow">
					<Name className="strong">{group === "account" ? card.product.name : card.account.name}</Name>
					<Name className="small muted">
						{[
							group === "account" ? card.product.code : group === "contract" ? card.product.name : null,
							card.contract?.name ??
								(card.choices.length && card.kind !== "new_revenue"
									? t("card.several_lines", { count: card.choices.length })
									: t("card.no_contract")),
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
								<Money value={card.change_money} currency={card.currency} />
							</span>
						)}
					</dd>
				</div>
			</dl>
			<div className="tile-foot">
				<span className="tile-chips">
					{card.state === "open" ? <KindChip card={card} /> : <StateChip card={card} />}
					{card.kind !== "no_vendor" && <ValueChip state={card.value_state} />}
					{basisWord(card) && <span className="small muted">{basisWord(card)}</span>}
				</span>
				<RowActions card={card} />
			</div>
		</li>
	);
}

const FILTER: Record<Exclude<GroupBy, "none">, "product" | "account" | "contract"> = {
	product: "product",
	account: "account",
	contract: "contract",
};

function Inside({
	filters,
	group,
	id,
	sort,
}: {
	filters: Filters;
	group: Exclude<GroupBy, "none">;
	id: string;
	sort: string;
}) {
	const cards = useCards({ ...filters, [FILTER[group]]: id }, sort, "none");
	if (cards.error) return <ErrorNotice error={cards.error} onRetry={() => cards.refetch()} />;
	if (!cards.data) return <Loading rows={2} />;
	return (
		<>
			<ul className="tiles">
				{cards.data.pages
					.flatMap((p) => p.items)
					.filter((c) => id || group !== "contract" || !c.contract)
					.map((c) => (
						<Tile key={c.id} card={c} group={group} />
					))}
			</ul>
			{cards.hasNextPage && (
				<OurButton onPress={() => cards.fetchNextPage()} isPending={cards.isFetchingNextPage}>
					{t("action.load_more")}
				</OurButton>
			)}
		</>
	);
}

function Fold({
	of,
	filters,
	group,
	sort,
	isOpen,
	onToggle,
}: {
	of: Group;
	filters: Filters;
	group: Exclude<GroupBy, "none">;
	sort: string;
	isOpen: boolean;
	onToggle: () => void;
}) {
	const changes = of.open.reconcile + of.open.new_revenue;
	return (
		<section className="fold">
			<h2 className="fold-head">
				<Button className="fold-button" aria-expanded={isOpen} onPress={onToggle}>
					<Icon name={isOpen ? "down" : "right"} />
					<span className="grow">
						<Name className="strong">{of.name || t("card.no_contract")}</Name>
						<span className="small muted">
							{t("cards.count", { count: of.total })}
							{" · "}
							{changes ? t("cards.change_count", { count: changes }) : t("cards.no_changes")}
						</span>
					</span>
					<span className="fold-money">
						{of.money.map((m) => (
							<span key={m.currency ?? ""} className="fold-sum">
								<Money value={m.up} currency={m.currency} />
								{m.down !== "0" && <Money value={m.down} currency={m.currency} />}
							</span>
						))}
					</span>
				</Button>
			</h2>
			{isOpen && (
				<div className="fold-body">
					<Inside filters={filters} group={group} id={of.id} sort={sort} />
				</div>
			)}
		</section>
	);
}

export function Cards({
	groups,
	filters,
	group,
	sort,
	scroller,
}: {
	groups: Group[];
	filters: Filters;
	group: Exclude<GroupBy, "none">;
	sort: string;
	scroller: RefObject<HTMLDivElement | null>;
}) {
	const { query } = usePlace();
	const { focused } = useActions();
	const body = useRef<HTMLDivElement>(null);
	// Which folds are open is in the address too: a link shows what its sender saw.
	const asked = query.get("open");
	const first = groups.find((g) => g.open.reconcile + g.open.new_revenue > 0) ?? groups[0];
	const unasked = groups.length <= FEW ? groups : first ? [first] : [];
	const open = new Set(asked?.split(",") ?? unasked.map((g) => g.id));
	const toggle = (id: string) => {
		const next = new Set(open);
		if (!next.delete(id)) next.add(id);
		setQuery({ open: [...next].join(",") || "-" });
	};
	const virtual = useVirtualizer({
		count: groups.length,
		getScrollElement: () => scroller.current,
		estimateSize: () => HEAD,
		getItemKey: (i) => groups[i]?.id ?? i,
		scrollMargin: body.current?.offsetTop ?? 0,
		overscan: 6,
	});
	useEffect(() => {
		if (!focused) return;
		const tile = document.querySelector<HTMLElement>(`[data-card="${CSS.escape(focused)}"]`);
		if (tile && !tile.contains(document.activeElement) && !document.querySelector("[role=dialog]")) tile.focus();
	}, [focused]);
	const margin = virtual.options.scrollMargin;
	return (
		<div ref={body} className="folds" style={{ height: virtual.getTotalSize() }}>
			{virtual.getVirtualItems().map((item) => {
				const of = groups[item.index];
				if (!of) return null;
				return (
					<div
						key={item.key}
						ref={virtual.measureElement}
						data-index={item.index}
						className="fold-place"
						style={{ transform: `translateY(${item.start - margin}px)` }}
					>
						<Fold
							of={of}
							filters={filters}
							group={group}
							sort={sort}
							isOpen={open.has(of.id)}
							onToggle={() => toggle(of.id)}
						/>
					</div>
				);
			})}
		</div>
	);
}

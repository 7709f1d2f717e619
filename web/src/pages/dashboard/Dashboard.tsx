// Contract reconciliation: what was counted against what is billed, and the decisions about it.
import { useMutation } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { client, useCan } from "../../api/hooks";
import { t } from "../../i18n";
import { setQuery, usePlace } from "../../lib/router";
import { usePrefs } from "../../lib/usePrefs";
import { noteOwn } from "../../shell/fresh";
import { Button, ButtonLink, Confirm, Empty, ErrorNotice, Loading, toast, toastError } from "../../ui";
import { type Actions, ActionsContext } from "./actions";
import { Cards } from "./Cards";
import { Counters } from "./Counters";
import {
	type Card,
	cardsThatFit,
	DECIDE_MAX,
	decide,
	filtersOf,
	GROUPS,
	type GroupBy,
	SORTS,
	useCards,
	useSummary,
} from "./data";
import { Decide } from "./Decide";
import { Details } from "./Details";
import { FilterBar } from "./Filters";
import { KeysHelp, useKeys } from "./keys";
import { List } from "./List";
import { canApprove, canConfirm, canDismiss } from "./parts";
import { useSelection } from "./selection";
import "./dashboard.css";

const PHONE = window.matchMedia("(max-width: 860px)");
const usePhone = () =>
	useSyncExternalStore(
		(f) => {
			PHONE.addEventListener("change", f);
			return () => PHONE.removeEventListener("change", f);
		},
		() => PHONE.matches,
	);

/** Cards as they stand on the screen, for j and k. */
const drawnCards = () => [...document.querySelectorAll<HTMLElement>("[data-card]")].map((n) => n.dataset.card ?? "");

function SelectionBar({ actions, onAll, gathering }: { actions: Actions; onAll: () => void; gathering: boolean }) {
	const { selection, approve, dismiss, confirm, mayDecide } = actions;
	const { cards } = selection;
	if (cards.length === 0) return null;
	const forApproval = cards.filter(canApprove);
	const forConfirmation = cards.filter(canConfirm);
	const forDismissal = cards.filter(canDismiss);
	return (
		<section className="selection-bar" aria-label={t("cards.selected", { count: cards.length })}>
			<span className="strong" role="status">
				{t("cards.selected", { count: cards.length })}
			</span>
			<Button size="small" variant="quiet" onPress={onAll} isPending={gathering}>
				{t("cards.select_all")}
			</Button>
			<Button size="small" variant="quiet" onPress={selection.clear}>
				{t("cards.clear_selection")}
			</Button>
			{mayDecide && (
				<span className="selection-actions">
					<Button size="small" onPress={() => dismiss(forDismissal)} isDisabled={forDismissal.length === 0}>
						{t("cards.dismiss")}
					</Button>
					<Button size="small" onPress={() => confirm(forConfirmation)} isDisabled={forConfirmation.length === 0}>
						{t("cards.confirm")}
					</Button>
					<Button
						size="small"
						icon="calendar"
						onPress={() => approve(forApproval)}
						isDisabled={forApproval.length === 0}
					>
						{t("cards.set_date")}
					</Button>
					<Button
						size="small"
						variant="primary"
						onPress={() => approve(forApproval)}
						isDisabled={forApproval.length === 0}
					>
						{t("cards.approve")}
					</Button>
				</span>
			)}
		</section>
	);
}

function Nothing({ state, filtered, total }: { state: string; filtered: boolean; total: number }) {
	if (total === 0 && !filtered && state !== "open")
		return (
			<Empty
				icon="dashboard"
				title={t("cards.empty_none")}
				action={<ButtonLink href="/integrations">{t("nav.integrations")}</ButtonLink>}
			>
				{t("cards.empty_none_text")}
			</Empty>
		);
	if (filtered)
		return (
			<Empty
				icon="filter"
				title={t("cards.empty_filtered")}
				action={<ButtonLink href="/">{t("cards.filter.clear")}</ButtonLink>}
			/>
		);
	return (
		<Empty
			icon="check"
			title={total === 0 ? t("cards.empty_none") : t("cards.empty_done")}
			action={
				<>
					<ButtonLink href="/?state=all">{t("cards.show_decided")}</ButtonLink>
					<ButtonLink href="/integrations">{t("nav.integrations")}</ButtonLink>
				</>
			}
		>
			{t("cards.empty_done_text")}
		</Empty>
	);
}

export function Dashboard() {
	const place = usePlace();
	const { query } = place;
	const { view } = usePrefs();
	const phone = usePhone();
	const can = useCan();
	const filters = useMemo(() => filtersOf(place), [place]);
	const asked = query.get("group") as GroupBy | null;
	const group: GroupBy = asked && GROUPS.includes(asked) ? asked : view === "cards" ? "product" : "none";
	const sort = SORTS.find((s) => s === query.get("sort")) ?? "account";
	const folds = view === "cards" && group !== "none";
	const list = useCards(filters, sort, group, !folds);
	const summary = useSummary(filters, group);
	const whole = useSummary(
		useMemo(() => ({ ...filters, kind: "", state: "" }), [filters]),
		"none",
	);
	const scroller = useRef<HTMLDivElement>(null);
	const search = useRef<HTMLInputElement>(null);
	const selection = useSelection();
	const [focused, focus] = useState<string | null>(null);
	const [approving, setApproving] = useState<Card[] | null>(null);
	const [dismissing, setDismissing] = useState<Card[] | null>(null);
	const [help, setHelp] = useState(false);
	const [gathering, setGathering] = useState(false);
	const cards = useMemo(() => list.data?.pages.flatMap((p) => p.items) ?? [], [list.data]);
	const opened = query.get("card");

	const close = useMutation({
		mutationFn: ({ what, of }: { what: "dismiss" | "confirm"; of: Card[] }) =>
			decide(what, { ids: of.map((c) => c.id) }),
		onSuccess: async (_r, { what, of }) => {
			noteOwn();
			selection.remove(of);
			setDismissing(null);
			toast(t(what === "dismiss" ? "cards.dismissed" : "cards.confirmed", { count: of.length }));
			await client.invalidateQueries({ queryKey: ["cards"] });
		},
		onError: (error) => {
			toastError(error);
			client.invalidateQueries({ queryKey: ["cards"] });
		},
	});

	const { mutate } = close;
	const actions: Actions = useMemo(
		() => ({
			approve: (of) => of.length > 0 && setApproving(of),
			dismiss: (of) => of.length > 0 && setDismissing(of),
			confirm: (of) => of.length > 0 && mutate({ what: "confirm", of }),
			open: (card) => setQuery({ card: card.id }, { replace: false }),
			selection,
			focused,
			focus,
			mayDecide: can.approve,
		}),
		[selection, focused, can.approve, mutate],
	);

	const gather = async () => {
		setGathering(true);
		try {
			const found = await cardsThatFit(filters, sort);
			selection.add(found.slice(0, DECIDE_MAX));
			if (found.length >= DECIDE_MAX) toast(t("cards.selected_most", { count: DECIDE_MAX }), { tone: "warn" });
		} catch (error) {
			toastError(error);
		}
		setGathering(false);
	};

	const cardOf = useCallback((id: string | null) => {
		if (!id) return undefined;
		const known = client.getQueriesData<{ pages: { items: Card[] }[] }>({ queryKey: ["cards", "list"] });
		for (const [, data] of known) {
			const found = data?.pages.flatMap((p) => p.items).find((c) => c.id === id);
			if (found) return found;
		}
		return undefined;
	}, []);
	const handlers = useMemo(() => {
		const step = (by: number) => {
			const ids = folds ? drawnCards() : cards.map((c) => c.id);
			const at = focused ? ids.indexOf(focused) : -1;
			const next = ids[at < 0 ? (by > 0 ? 0 : ids.length - 1) : Math.min(ids.length - 1, Math.max(0, at + by))];
			if (next) focus(next);
		};
		const chosen = () => {
			if (selection.cards.length) return selection.cards;
			const card = cardOf(focused);
			return card ? [card] : [];
		};
		return {
			j: () => step(1),
			k: () => step(-1),
			x: () => {
				const card = cardOf(focused);
				if (card) selection.toggle(card);
			},
			a: () => {
				const of = chosen();
				const changes = of.filter(canApprove);
				const equal = of.filter(canConfirm);
				if (!can.approve) return;
				if (changes.length) actions.approve(changes);
				else actions.confirm(equal);
			},
			d: () => can.approve && actions.dismiss(chosen().filter(canDismiss)),
			e: () => {
				const card = cardOf(focused);
				if (card) actions.open(card);
			},
			"/": () => search.current?.focus(),
			"?": () => setHelp(true),
		};
	}, [folds, cards, focused, selection, cardOf, actions, can.approve]);
	useKeys(handlers as Record<string, () => void>);

	// A card that left the list is no place for the keyboard to be.
	useEffect(() => {
		if (focused && !folds && cards.length && !cards.some((c) => c.id === focused)) focus(null);
	}, [focused, folds, cards]);

	const { fetchNextPage, isFetchingNextPage } = list;
	const more = useCallback(() => {
		if (!isFetchingNextPage) fetchNextPage();
	}, [fetchNextPage, isFetchingNextPage]);

	const error = list.error ?? summary.error;
	const total = summary.data?.total ?? 0;
	const pending = folds ? !summary.data : !list.data;
	const filtered = [...query.keys()].some((k) => !["view", "group", "sort", "open", "card", "state"].includes(k));
	return (
		<ActionsContext.Provider value={actions}>
			<div className="dashboard" ref={scroller}>
				<div className="dashboard-top">
					<h1 className="visually-hidden">{t("cards.title")}</h1>
					<Counters summary={whole.data} />
					<FilterBar
						summary={summary.data}
						cards={cards}
						group={group}
						sort={sort}
						search={search}
						onHelp={() => setHelp(true)}
					/>
				</div>
				<SelectionBar actions={actions} onAll={gather} gathering={gathering} />
				{error ? (
					<div className="dashboard-body">
						<ErrorNotice error={error} onRetry={() => Promise.all([list.refetch(), summary.refetch()])} />
					</div>
				) : pending ? (
					<div className="dashboard-body">
						<Loading rows={10} />
					</div>
				) : total === 0 ? (
					<Nothing state={query.get("state") ?? "open"} filtered={filtered} total={total} />
				) : folds ? (
					<Cards
						groups={summary.data?.groups ?? []}
						filters={filters}
						group={group as Exclude<GroupBy, "none">}
						sort={sort}
						scroller={scroller}
					/>
				) : (
					<List
						cards={cards}
						total={total}
						group={group}
						scroller={scroller}
						hasMore={list.hasNextPage}
						onMore={more}
						phone={phone}
					/>
				)}
			</div>
			{opened && !approving && <Details key={opened} id={opened} onClose={() => setQuery({ card: null })} />}
			{approving && (
				<Decide
					cards={approving}
					onClose={() => {
						setApproving(null);
						client.invalidateQueries({ queryKey: ["cards"] });
					}}
					onDecided={(done) => selection.remove(done)}
				/>
			)}
			{dismissing && (
				<Confirm
					title={t("cards.dismiss_title", { count: dismissing.length })}
					isOpen
					onClose={() => setDismissing(null)}
					onConfirm={() => close.mutate({ what: "dismiss", of: dismissing })}
					isPending={close.isPending}
					action={t("cards.dismiss")}
					variant="primary"
				>
					<p>{t("cards.dismiss_text")}</p>
				</Confirm>
			)}
			{help && <KeysHelp onClose={() => setHelp(false)} />}
		</ActionsContext.Provider>
	);
}

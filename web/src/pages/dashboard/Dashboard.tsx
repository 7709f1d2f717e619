// Contract reconciliation: what was counted against what is billed, and the decisions about it.
import { useMutation } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { client, useCan } from "../../api/hooks";
import { t } from "../../i18n";
import { setQuery, usePlace } from "../../lib/router";
import { usePrefs } from "../../lib/usePrefs";
import { ErrorNotice, later, LaterConfirm, Loading, toast, toastError } from "../../ui";
import { type Actions, ActionsContext } from "./actions";
import { OnList } from "../worklist/OnList";
import { Cards, type Order, openFolds, openText } from "./Cards";
import { Counters } from "./Counters";
import {
	type Card,
	cardsThatFit,
	DECIDE_MAX,
	decide,
	filtersOf,
	GROUPS,
	type Group,
	type GroupBy,
	REVERSED,
	SORTS,
	useAwaiting,
	useCards,
	useGroups,
	useSums,
} from "./data";
import { FilterBar, isFiltered } from "./Filters";
import { useKeys } from "./keys";
import { List } from "./List";
import { Nothing } from "./Nothing";
import { canApprove, canConfirm, canDismiss } from "./parts";
import { SelectionBar } from "./SelectionBar";
import { useSelection } from "./selection";
import { Views } from "./Views";
import "../../i18n/en/dashboard";
import "../../i18n/en/worklist";
import "./dashboard.css";
import "./list.css";
import "./cards.css";
import "./decide.css";
import "./details.css";
import "./narrow.css";

// What opens over the cards.
const Decide = later(() => import("./Decide").then((m) => m.Decide));
const Details = later(() => import("./Details").then((m) => m.Details));
const KeysHelp = later(() => import("./KeysHelp").then((m) => m.KeysHelp));
const Results = later(() => import("./Results").then((m) => m.Results));

const PHONE = window.matchMedia("(max-width: 860px)");
const usePhone = () =>
	useSyncExternalStore(
		(f) => {
			PHONE.addEventListener("change", f);
			return () => PHONE.removeEventListener("change", f);
		},
		() => PHONE.matches,
	);

const NOBODY: Actions["awaiting"] = new Map();

type Closing = "dismiss" | "confirm" | "reopen";
const SAID = { dismiss: "cards.dismissed", confirm: "cards.confirmed", reopen: "cards.reopened" } as const;

const sortOf = (asked: string | null) =>
	asked && (SORTS as readonly string[]).concat(REVERSED).includes(asked) ? asked : "account";

/** Of a step that leaves the end of a fold: the next fold, opened when it is closed. */
function nextFold(groups: Group[], open: Set<string>, order: Order, from: string | undefined) {
	const next = groups[groups.findIndex((g) => g.id === from) + 1];
	if (!next || open.has(next.id)) return;
	order.wanted = next.id;
	setQuery({ open: openText(new Set([...open, next.id])) });
}

/** The card that the keyboard is on; when it leaves the list, the one that took its place. */
function useFocused(orderOf: () => Card[], version: unknown) {
	const [focused, set] = useState<string | null>(null);
	// Keys may come faster than the screen is drawn: what counts is where the last one went.
	const now = useRef<string | null>(null);
	const focus = useCallback((id: string | null) => {
		now.current = id;
		set(id);
	}, []);
	const before = useRef<string[]>([]);
	// biome-ignore lint/correctness/useExhaustiveDependencies: looked at again when the cards are others
	useEffect(() => {
		const ids = orderOf().map((c) => c.id);
		const was = before.current;
		before.current = ids;
		if (!focused || ids.length === 0 || ids.includes(focused)) return;
		const there = new Set(ids);
		const at = was.indexOf(focused);
		focus(was.slice(at + 1).find((id) => there.has(id)) ?? was.slice(0, at).findLast((id) => there.has(id)) ?? null);
	}, [version, focused]);
	return { focused, focus, now };
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
	const sort = sortOf(query.get("sort"));
	const folds = view === "cards" && group !== "none";
	const list = useCards(filters, sort, group, !folds);
	const grouped = useGroups(filters, group, folds);
	const sums = useSums(filters, !folds);
	const whole = useSums(useMemo(() => ({ ...filters, kind: "", state: "" }), [filters]));
	const scroller = useRef<HTMLDivElement>(null);
	const search = useRef<HTMLInputElement>(null);
	const order = useRef<Order>({ cards: new Map(), wanted: null });
	const selection = useSelection();
	const awaiting = useAwaiting().data ?? NOBODY;
	const [approving, setApproving] = useState<{ cards: Card[]; dated: boolean } | null>(null);
	const [results, setResults] = useState<string | null>(null);
	const [dismissing, setDismissing] = useState<Card[] | null>(null);
	const [help, setHelp] = useState(false);
	const [gathering, setGathering] = useState(false);
	const cards = useMemo(() => list.data?.pages.flatMap((p) => p.items) ?? [], [list.data]);
	const groups = useMemo(() => grouped.data?.pages.flatMap((p) => p.groups) ?? [], [grouped.data]);
	const open = useMemo(() => openFolds(groups, query.get("open")), [groups, query]);
	const inOrder = useCallback(
		() => (folds ? groups.flatMap((g) => (open.has(g.id) ? (order.current.cards.get(g.id) ?? []) : [])) : cards),
		[folds, groups, open, cards],
	);
	const { focused, focus, now } = useFocused(inOrder, folds ? groups : cards);
	const opened = query.get("card");

	const close = useMutation({
		mutationFn: ({ what, of }: { what: Closing; of: Card[] }) => decide(what, { ids: of.map((c) => c.id) }),
		onSuccess: async (_r, { what, of }) => {
			selection.remove(of);
			setDismissing(null);
			const undo = what === "reopen" ? {} : { action: { label: t("decide.undo"), run: () => reopen.current(of) } };
			toast(t(SAID[what], { count: of.length }), undo);
			await client.invalidateQueries({ queryKey: ["cards"] });
		},
		onError: (error) => {
			setDismissing(null);
			toastError(error);
			client.invalidateQueries({ queryKey: ["cards"] });
		},
	});

	const { mutate } = close;
	const reopen = useRef((of: Card[]) => mutate({ what: "reopen", of }));
	const actions: Actions = useMemo(
		() => ({
			approve: (of, dated = false) => of.length > 0 && setApproving({ cards: of, dated }),
			// One is taken back as easily as it was dismissed; many are worth a question.
			dismiss: (of) => (of.length > 1 ? setDismissing(of) : of.length === 1 && mutate({ what: "dismiss", of })),
			confirm: (of) => of.length > 0 && mutate({ what: "confirm", of }),
			reopen: (of) => of.length > 0 && mutate({ what: "reopen", of }),
			open: (card) => setQuery({ card: card.id }, { replace: false }),
			selection,
			focused,
			focus,
			mayDecide: can.approve,
			awaiting,
		}),
		[selection, focused, focus, can.approve, awaiting, mutate],
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

	const handlers = useMemo(() => {
		const current = () => inOrder().find((c) => c.id === now.current);
		const step = (by: number) => {
			const all = inOrder();
			const at = all.findIndex((c) => c.id === now.current);
			const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by];
			if (next) return focus(next.id);
			const last = [...order.current.cards].find(([, of]) => of.some((c) => c.id === now.current))?.[0];
			if (folds && by > 0) nextFold(groups, open, order.current, last);
		};
		const chosen = () => {
			const card = current();
			return selection.cards.length ? selection.cards : card ? [card] : [];
		};
		return {
			j: () => step(1),
			k: () => step(-1),
			x: () => {
				const card = current();
				if (card) selection.toggle(card);
			},
			a: () => {
				const of = chosen();
				const changes = of.filter(canApprove);
				if (!can.approve) return;
				if (changes.length) actions.approve(changes);
				else actions.confirm(of.filter(canConfirm));
			},
			d: () => can.approve && actions.dismiss(chosen().filter(canDismiss)),
			e: () => {
				const card = current();
				if (card) actions.open(card);
			},
			"/": () => search.current?.focus(),
			"?": () => setHelp(true),
		};
	}, [inOrder, folds, groups, open, focus, now, selection, actions, can.approve]);
	useKeys(handlers as Record<string, () => void>, !!(opened || approving || results || dismissing || help));

	const { fetchNextPage, isFetchingNextPage } = list;
	const more = useCallback(() => {
		if (!isFetchingNextPage) fetchNextPage();
	}, [fetchNextPage, isFetchingNextPage]);
	const { fetchNextPage: fetchGroups, isFetchingNextPage: isFetchingGroups } = grouped;
	const moreGroups = useCallback(() => {
		if (!isFetchingGroups) fetchGroups();
	}, [fetchGroups, isFetchingGroups]);

	const error = folds ? grouped.error : (list.error ?? sums.error);
	const pending = folds ? !grouped.data : !list.data || !sums.data;
	const total = (folds ? grouped.data?.pages[0]?.total : sums.data?.total) ?? 0;
	const endResults = (ended: boolean) => {
		const done = results;
		setResults(null);
		client.invalidateQueries({ queryKey: ["cards"] });
		if (done && !ended)
			toast(t("decide.goes_on"), { action: { label: t("decide.view_results"), run: () => setResults(done) } });
	};
	return (
		<ActionsContext.Provider value={actions}>
			<div className="dashboard" ref={scroller}>
				<div className="dashboard-top">
					<h1 className="visually-hidden">{t("cards.title")}</h1>
					<Views here="/" />
					<Counters sums={whole.data} />
					<OnList />
					<FilterBar
						filters={filters}
						ready={!pending}
						group={group}
						sort={sort}
						search={search}
						onHelp={() => setHelp(true)}
					/>
				</div>
				<SelectionBar actions={actions} onAll={gather} gathering={gathering} />
				{error ? (
					<div className="dashboard-body">
						<ErrorNotice error={error} onRetry={() => client.refetchQueries({ queryKey: ["cards"], type: "active" })} />
					</div>
				) : pending ? (
					<div className="dashboard-body">
						<Loading rows={10} />
					</div>
				) : total === 0 ? (
					<Nothing
						state={query.get("state") ?? "open"}
						filtered={isFiltered(query)}
						any={(whole.data?.total ?? 0) > 0}
					/>
				) : folds ? (
					<Cards
						groups={groups}
						filters={filters}
						group={group as Exclude<GroupBy, "none">}
						sort={sort}
						scroller={scroller}
						order={order}
						hasMore={grouped.hasNextPage}
						onMore={moreGroups}
					/>
				) : (
					<List
						cards={cards}
						total={total}
						filters={filters}
						group={group}
						sort={sort}
						scroller={scroller}
						hasMore={list.hasNextPage}
						onMore={more}
						phone={phone}
					/>
				)}
			</div>
			{opened && !approving && !results && (
				<Details key={opened} id={opened} onClose={() => setQuery({ card: null })} />
			)}
			{approving && (
				<Decide
					{...approving}
					onClose={() => setApproving(null)}
					onDecided={(batch, done, waiting) => {
						setApproving(null);
						selection.remove(done);
						if (waiting) toast(t("decide.awaiting", { count: waiting }), { tone: "warn" });
						if (waiting < done.length) setResults(batch);
						else client.invalidateQueries({ queryKey: ["cards"] });
					}}
				/>
			)}
			{results && <Results key={results} batch={results} onClose={endResults} />}
			{dismissing && (
				<LaterConfirm
					title={t("cards.dismiss_title", { count: dismissing.length })}
					isOpen
					onClose={() => setDismissing(null)}
					onConfirm={() => mutate({ what: "dismiss", of: dismissing })}
					isPending={close.isPending}
					action={t("cards.dismiss")}
					variant="primary"
				>
					<p>{t("cards.dismiss_text")}</p>
				</LaterConfirm>
			)}
			{help && <KeysHelp onClose={() => setHelp(false)} />}
		</ActionsContext.Provider>
	);
}

// Cards: bodies, questions, and what the address says about filters.
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useCallback, useRef, useState } from "react";
import { all, del, get, type Page, post } from "../../api/client";
import { type ServerEvent, useEvents } from "../../api/events";
import { client } from "../../api/hooks";
import type { Named } from "../../api/types";
import { currencyOf, sum } from "../../lib/format";
import type { Place } from "../../lib/router";
import { noteOwn } from "../../shell/fresh";

export type Kind = "reconcile" | "new_revenue" | "no_change" | "no_usage" | "no_vendor";
export type State = "open" | "approved" | "dismissed" | "confirmed" | "stale";
export type ValueState = "known" | "zero" | "missing" | "stale";

export type Choice = { contract: Named; line_id: string | null; quantity: string | null };
export type Source = {
	integration: string;
	integration_name: string;
	vendor: string;
	service: Named;
	account: Named;
	units: string | null;
	observed_at: string | null;
	counted?: string;
	split_over?: number;
	unit_basis: string | null;
	value_state: ValueState;
};
export type Card = {
	id: string;
	kind: Kind;
	state: State;
	state_why: string | null;
	account: Named;
	contract: Named | null;
	product: Named & { code: string };
	line_id: string | null;
	vendors: string[];
	integrations: string[];
	unit_basis: "users" | "devices" | null;
	psa_units: string | null;
	vendor_units: string | null;
	target_units: string | null;
	reconciled_units: string | null;
	change_units: string;
	change_money: string | null;
	currency: string | null;
	/** How often its contract bills, in the PSA's words. */
	billed: string | null;
	value_state: ValueState;
	effective_date: string | null;
	choices: Choice[];
	sources: Source[];
	decision_id: string | null;
	updated_at: string;
	/** In lists only: tags of the card itself, and how many notes it has. */
	tags?: Tag[];
	note_count?: number;
	group?: Named | string[] | null;
};
export type Why = { step: string; text: string; in: string | null; out: string | null; rule?: string | null };
export type Tag = { id: string; name: string; color: string | null };
export type Note = { id: string; note: string; by: string; at: string };
export type Decision = {
	id: string;
	kind: string;
	batch: string;
	quantity: string | null;
	seen_psa_units: string | null;
	seen_target_units: string | null;
	effective_date: string | null;
	note: string | null;
	by: string;
	at: string;
};
export type FullCard = Card & { why: Why[]; tags: Tag[]; notes: Note[]; decisions: Decision[] };

export type Sums = {
	total: number;
	units: { psa: string; vendor: string; reconciled: string };
	kinds: Record<Kind, number>;
	open: Record<Kind, number>;
	states: Record<State, number>;
	/** What the open cards change by the month. */
	money: { currency: string | null; cards: number; up: string; down: string }[];
};
/** `account`: whose contract it is. */
export type Group = Sums & Named & { account?: string };
type Groups = Sums & { groups: Group[]; next_cursor: string | null };

export type WriteState =
	| "planned"
	| "sending"
	| "applied"
	| "conflict"
	| "refused"
	| "failed"
	| "unknown"
	| "rolled_back"
	| "listed";
export type Write = {
	id: string;
	batch: string;
	/** Null for a cost. */
	card_id: string | null;
	/** Null for the cost of a product. */
	account: Named | null;
	/** Of a cost: `expect` and `want` are money. */
	currency: string | null;
	product: Named;
	rollback_of: string | null;
	kind: string;
	state: WriteState;
	detail: string | null;
	expect: string;
	want: string;
	effective_date: string | null;
	line_id: string | null;
	contract_id: string | null;
	request: unknown;
	before: unknown;
	after: unknown;
	read_back: unknown;
	attempts: number;
	next_try_at: string | null;
	created_at: string;
	updated_at: string;
};

export type Call = { method: string; path: string; body: unknown; purpose: string };
export type Line = { line_id: string | null; quantity: string; unit_price: string | null; per_period: string | null };
export type Preview = {
	card_id: string;
	ok: boolean;
	detail?: string;
	pointer?: string | null;
	choices?: Choice[];
	account?: Named | null;
	contract?: Named | null;
	product?: Named | null;
	before?: Line | null;
	after?: Line;
	change_units?: string;
	change_money?: string | null;
	currency?: string | null;
	effective_date?: string | null;
	calls?: Call[];
	/** A person makes it in the PSA; the calls are steps then. */
	by_hand?: boolean;
	/** The rule by which another person must approve it too. */
	two_persons?: string | null;
	warnings: string[];
};
/** A first approval that waits for another person's. */
export type Awaiting = { card_id: string; asked_by: string; asked_at: string; quantity: string | null };
export type Ask = {
	ids: string[];
	quantity?: string;
	effective_date?: string;
	contract_id?: string;
	line_id?: string;
	note?: string;
};

export const KINDS: Kind[] = ["reconcile", "new_revenue", "no_change", "no_usage", "no_vendor"];
export const STATES: State[] = ["open", "approved", "dismissed", "confirmed", "stale"];
export const GROUPS = ["product", "account", "contract", "none"] as const;
export type GroupBy = (typeof GROUPS)[number];
export const SORTS = ["account", "product", "contract", "vendor", "-change", "change", "-updated_at"] as const;
/** The other way round; reached at the heads of columns. */
export const REVERSED = ["-account", "-product", "-contract"];

/** The most cards one decision may take; the server's limit. */
export const DECIDE_MAX = 5000;
const PAGE = 200;

export type Filters = {
	kind: string;
	state: string;
	vendor: string;
	integration: string;
	account: string;
	product: string;
	contract: string;
	tag: string;
	q: string;
};

const NAMES = ["vendor", "integration", "account", "product", "contract", "tag", "q"] as const;

/** Open cards unless the address says otherwise; "all" is everything. */
export function filtersOf({ query }: Place): Filters {
	const state = query.get("state") ?? "open";
	const kind = query.get("kind") ?? "";
	const filters = {
		kind: kind === "changes" ? "reconcile,new_revenue" : kind,
		state: state === "all" ? "" : state,
	} as Filters;
	for (const name of NAMES) filters[name] = query.get(name) ?? "";
	return filters;
}

export const useCards = (filters: Filters, sort: string, group: GroupBy, enabled = true) =>
	useInfiniteQuery({
		queryKey: ["cards", "list", filters, sort, group],
		queryFn: ({ pageParam, signal }) =>
			get<Page<Card>>(
				"/cards",
				{ ...filters, sort, group_by: group === "none" ? null : group, limit: PAGE, cursor: pageParam },
				signal,
			),
		initialPageParam: null as string | null,
		getNextPageParam: (p) => p.next_cursor,
		placeholderData: keepPreviousData,
		enabled,
	});

/** An amount without a currency is one of the organization's: one sum with the others of it. */
function inCurrencies<T extends Sums>(sums: T): T {
	const names = [...new Set(sums.money.map((m) => currencyOf(m.currency)))];
	const money = names.map((currency) => {
		const parts = sums.money.filter((m) => currencyOf(m.currency) === currency);
		return {
			currency,
			cards: parts.reduce((n, m) => n + m.cards, 0),
			up: sum(parts.map((m) => m.up)),
			down: sum(parts.map((m) => m.down)),
		};
	});
	return { ...sums, money };
}

export const useSums = (filters: Filters, enabled = true) =>
	useQuery({
		queryKey: ["cards", "sums", filters],
		queryFn: async ({ signal }) => inCurrencies(await get<Sums>("/cards/summary", { ...filters }, signal)),
		placeholderData: keepPreviousData,
		enabled,
	});

/** Groups with their sums, page after page: there may be as many as accounts. */
export const useGroups = (filters: Filters, group: GroupBy, enabled = true) =>
	useInfiniteQuery({
		queryKey: ["cards", "groups", filters, group],
		queryFn: async ({ pageParam, signal }) => {
			const ask = { ...filters, group_by: group, limit: PAGE, cursor: pageParam };
			const page = await get<Groups>("/cards/summary", ask, signal);
			return { ...page, groups: page.groups.map(inCurrencies) };
		},
		initialPageParam: null as string | null,
		getNextPageParam: (p) => p.next_cursor,
		placeholderData: keepPreviousData,
		enabled: enabled && group !== "none",
	});

export const useCard = (id: string) =>
	useQuery({ queryKey: ["cards", "one", id], queryFn: () => get<FullCard>(`/cards/${encodeURIComponent(id)}`) });

/** All cards that fit, up to what one decision may take. */
export const cardsThatFit = (filters: Filters, sort: string) =>
	all<Card>("/cards", { ...filters, sort }, undefined, DECIDE_MAX);

export const useTags = () => useQuery({ queryKey: ["tags"], queryFn: () => all<Tag>("/tags") });

export const preview = (ask: Ask) => post<{ items: Preview[]; ok: boolean; refused: number }>("/cards/preview", ask);
/** The news of one's own decision may be there before its answer is. */
async function own<T>(path: string, body: unknown): Promise<T> {
	noteOwn();
	const answer = await post<T>(path, body);
	noteOwn();
	return answer;
}
export const decide = (what: "approve" | "dismiss" | "confirm" | "reopen", ask: Ask) =>
	own<{ batch: string; awaiting?: string[] }>(`/cards/${what}`, ask);
export const withdraw = (card: string) => del<void>(`/approvals/${encodeURIComponent(card)}`);

export const useAwaiting = () =>
	useQuery({
		queryKey: ["cards", "awaiting"],
		queryFn: async () => new Map((await all<Awaiting>("/approvals")).map((a) => [a.card_id, a])),
	});
export const rollback = (batch: string) =>
	own<{ batch: string }>(`/writes/batches/${encodeURIComponent(batch)}/rollback`, {});

/** A listed one is a person's work: the program is done with it. */
const ENDED: WriteState[] = ["applied", "conflict", "refused", "failed", "rolled_back", "listed"];
export const isEnded = (w: Write) => ENDED.includes(w.state);

/** How often to look when no event tells, and when the events do. */
const POLL_MS = 1000;
const CALM_MS = 4000;
/** Between two looks that events ask for; the longer the list, the longer. */
const pauseFor = (batch: string) =>
	Math.min(3000, 200 + (client.getQueryData<Write[]>(["writes", batch])?.length ?? 0));

/** The writes of a batch until each has ended: told by events, asked for now and then in case one got lost. */
export function useWrites(batch: string | null) {
	const timer = useRef(0);
	const [told, setTold] = useState(false);
	const onEvent = useCallback(
		(e: ServerEvent) => {
			if (e.event !== "writes" || batch === null) return;
			setTold(true);
			noteOwn();
			if (timer.current) return;
			timer.current = window.setTimeout(() => {
				timer.current = 0;
				client.invalidateQueries({ queryKey: ["writes", batch] });
			}, pauseFor(batch));
		},
		[batch],
	);
	useEvents(onEvent);
	return useQuery({
		queryKey: ["writes", batch],
		queryFn: () => all<Write>("/writes", { batch }),
		enabled: batch !== null,
		refetchInterval: (q) => (q.state.data?.length && q.state.data.every(isEnded) ? false : told ? CALM_MS : POLL_MS),
	});
}

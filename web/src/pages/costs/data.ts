// What products cost in the PSA and at the vendor: bodies and questions.
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { get, type Page, post, put } from "../../api/client";
import { noteOwn } from "../../shell/fresh";
import type { Call } from "../dashboard/data";

export type CostState = "same" | "differs" | "missing" | "hidden" | "waiting";
/** A product of the catalogue; money as decimal texts in `currency`. */
export type Cost = {
	id: string;
	code: string;
	name: string;
	contracts: number;
	lines: number;
	lines_differ: number;
	currency: string;
	catalogue_cost: string | null;
	vendor_cost: string | null;
	vendor_cost_state: "known" | "missing" | "several" | "other_currency" | "other_unit";
	vendor_cost_why: string | null;
	vendor_cost_from: { kind: "hand" | "import"; by: string | null; at: string } | null;
	change: string | null;
	state: CostState;
	last: { batch: string; waiting: number; not_written: number; detail: string | null } | null;
};

export const SHOWS = ["differs", "same", "missing", "used", "all"] as const;
export type Show = (typeof SHOWS)[number];

const PAGE = 100;

/** Asked again with the cards: a sync or a write changes both. */
export const useCosts = (q: string, show: Show) =>
	useInfiniteQuery({
		queryKey: ["cards", "costs", q, show],
		queryFn: ({ pageParam, signal }) =>
			get<Page<Cost>>("/costs", { q, show: show === "all" ? null : show, limit: PAGE, cursor: pageParam }, signal),
		initialPageParam: null as string | null,
		getNextPageParam: (p) => p.next_cursor,
		placeholderData: keepPreviousData,
	});

/** Null takes a person's word back. */
export const give = (id: string, vendor_cost: string | null) =>
	put<Cost>(`/costs/${encodeURIComponent(id)}`, { vendor_cost });

export const LINES = ["all", "same", "none"] as const;
export type Lines = (typeof LINES)[number];
export type Ask = { items: { id: string; cost?: string; seen?: string }[]; lines: Lines; note?: string };

export type CostWrite = {
	what: "product" | "line";
	line_id: string | null;
	contract: string | null;
	account: string | null;
	before: string;
	after: string;
	calls: Call[];
};
export type Left = { line_id: string; contract: string; account: string; cost: string | null; why: string };
export type Preview = {
	id: string;
	code: string | null;
	name: string | null;
	ok: boolean;
	detail: string | null;
	currency: string;
	cost: string | null;
	writes: CostWrite[];
	left: Left[];
	warnings: string[];
};

export const preview = (ask: Ask) =>
	post<{ items: Preview[]; ok: boolean; refused: number; writes: number }>("/costs/preview", ask);

/** The news of one's own decision may be there before its answer is. */
export async function approve(ask: Ask) {
	noteOwn();
	const answer = await post<{ batch: string }>("/costs/approve", ask);
	noteOwn();
	return answer;
}

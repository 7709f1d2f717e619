// Files of counts: what the server says of them, and how they are brought, looked at and run.
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { all, call, get, type Page, post, put } from "../../api/client";
import { client } from "../../api/hooks";

export const FIELDS = ["account", "service", "quantity", "unit_cost", "currency", "period", "note"] as const;
export type Field = (typeof FIELDS)[number];

export type ImportOptions = {
	aggregate: boolean;
	complete: boolean;
	skip_rejected: boolean;
	decimal: string;
	thousands: string;
	delimiter?: string;
	encoding: string | null;
	worksheet: string | null;
	account: string | null;
	service: string | null;
};
export type ImportSettings = { header_row: number; columns: Partial<Record<Field, number>>; options: ImportOptions };

export type ImportState = "uploaded" | "ready" | "running" | "done" | "failed";
export type Import = {
	id: string;
	filename: string;
	size: number;
	state: ImportState;
	integration: string | null;
	settings: ImportSettings;
	job: string | null;
	run: string | null;
	accepted: number;
	rejected_count: number;
	ignored: number;
	error: string | null;
	created_by: string;
	created_at: string;
	finished_at: string | null;
};
export type WholeImport = Import & { rejected: { line: number; reason: string }[] };

export type PreviewRow = {
	line: number;
	verdict: "accepted" | "ignored" | "rejected";
	reason: string | null;
	cells: string[];
	account?: string;
	service?: string;
	quantity?: string;
};
export type Look = {
	id: string;
	detected: {
		format: "xlsx" | "csv" | "tsv";
		encoding: string;
		delimiter: string | null;
		worksheet: string | null;
		header_row: number;
		columns: string[];
	};
	settings: ImportSettings;
	integration: string | null;
	profile: string | null;
	duplicate_of: string | null;
	preview: PreviewRow[];
	rows: { accepted: number; rejected: number; ignored: number; all_read: boolean };
};
export type Profile = { id: string; name: string; integration: string; updated_at: string };

const KEY = "imports";
const PAGE = 50;
const RUNNING_MS = 1000;

const pathOf = (id: string) => `/imports/${encodeURIComponent(id)}`;

export const useImports = () =>
	useInfiniteQuery({
		queryKey: [KEY],
		queryFn: ({ pageParam }) => get<Page<Import>>("/imports", { limit: PAGE, cursor: pageParam }),
		initialPageParam: null as string | null,
		getNextPageParam: (p) => p.next_cursor,
	});

export const useImport = (id: string) =>
	useQuery({
		queryKey: [KEY, id],
		queryFn: () => get<WholeImport>(pathOf(id)),
		refetchInterval: (q) => (q.state.data?.state === "running" ? RUNNING_MS : false),
	});

export const useProfiles = () =>
	useQuery({ queryKey: ["import-profiles"], queryFn: () => all<Profile>("/import-profiles") });

/** What would become of the rows, read in this way. While it is asked, the last answer stays. */
export const useLook = (id: string, settings: ImportSettings | null) =>
	useQuery({
		// Not under KEY: a file that was imported cannot be looked at any more.
		queryKey: ["import-look", id, settings],
		queryFn: () => post<Look>(`${pathOf(id)}/preview`, settings ?? {}),
		placeholderData: keepPreviousData,
		staleTime: Number.POSITIVE_INFINITY,
	});

export const bring = (file: File) => call<Look>("POST", "/imports", { query: { filename: file.name }, raw: file });

export async function runImport(id: string, settings: ImportSettings, integration: string, profile: string) {
	const name = profile.trim();
	await put(pathOf(id), { ...settings, integration, ...(name ? { save_profile: name } : {}) });
	await post(`${pathOf(id)}/run`);
	await forget();
}

export const forget = () =>
	Promise.all([
		client.invalidateQueries({ queryKey: [KEY] }),
		client.invalidateQueries({ queryKey: ["import-profiles"] }),
		client.invalidateQueries({ queryKey: ["jobs"] }),
	]);

const UNITS = ["B", "kB", "MB"];

/** A size in bytes for people: 1,234,567 is "1.2 MB". */
export function fileSize(bytes: number, locale: string) {
	let value = bytes;
	let unit = 0;
	while (value >= 1000 && unit < UNITS.length - 1) {
		value /= 1000;
		unit++;
	}
	return `${new Intl.NumberFormat(locale, { maximumFractionDigits: unit ? 1 : 0 }).format(value)} ${UNITS[unit]}`;
}

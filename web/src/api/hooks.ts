// What several pages ask for. Each page's own questions are in its folder.
import { keepPreviousData, QueryClient, useQuery } from "@tanstack/react-query";
import { setDisplayCurrency } from "../lib/format";
import { all, ApiError, call, get, type Page } from "./client";
import type { Alarm, Job, Me, Psa, PsaKind } from "./types";

const STALE_MS = 15000;

export const client = new QueryClient({
	defaultOptions: {
		queries: {
			staleTime: STALE_MS,
			// No is an answer; only a server that cannot be reached, or is in trouble, is asked again.
			retry: (count, error) => count < 5 && error instanceof ApiError && (error.status === 0 || error.status >= 502),
			retryDelay: (n) => Math.min(10000, 500 * 2 ** n),
			refetchOnWindowFocus: false,
		},
	},
});

export const useMe = () =>
	useQuery({
		queryKey: ["me"],
		queryFn: async () => {
			try {
				const me = await call<Me>("GET", "/session", { quiet401: true });
				setDisplayCurrency(me.organization.currency);
				return me;
			} catch (error) {
				if (error instanceof ApiError && error.status === 401) return null;
				throw error;
			}
		},
		staleTime: Number.POSITIVE_INFINITY,
	});

/** The signed-in person's rights; the server decides, this only spares people a button that says no. */
export function useCan() {
	const role = useMe().data?.role;
	return { approve: role === "approver" || role === "admin", administer: role === "admin" };
}

export const usePsa = () => useQuery({ queryKey: ["psa"], queryFn: () => get<Psa | null>("/psa") });
export const usePsaKinds = () =>
	useQuery({
		queryKey: ["psa", "kinds"],
		queryFn: () => all<PsaKind>("/psa/kinds"),
		staleTime: Number.POSITIVE_INFINITY,
	});

/** The connected PSA with what its kind can do and calls things. */
export function usePsaWords() {
	const psa = usePsa().data;
	const kinds = usePsaKinds().data;
	return kinds?.find((k) => k.kind === psa?.kind) ?? null;
}

export const useJobs = (limit = 50) =>
	useQuery({
		queryKey: ["jobs", limit],
		queryFn: () => get<Page<Job>>("/jobs", { limit }),
		placeholderData: keepPreviousData,
	});

const ALARMS_MS = 60000;

export const useAlarms = () =>
	useQuery({ queryKey: ["alarms"], queryFn: () => all<Alarm>("/alarms"), refetchInterval: ALARMS_MS });

const JOB_MS = 1500;

/** One job until it has ended. */
export const useJob = (id: string | null) =>
	useQuery({
		queryKey: ["job", id],
		queryFn: () => get<Job>(`/jobs/${encodeURIComponent(id ?? "")}`),
		enabled: id !== null,
		refetchInterval: (q) => (q.state.data && ["done", "failed"].includes(q.state.data.state) ? false : JOB_MS),
	});

// Integrations and the vendor catalogue, as several pages ask for them.
import { useQuery } from "@tanstack/react-query";
import { all, get } from "../../api/client";
import type { Integration, IntegrationState, Vendor } from "../../api/types";
import type { Tone } from "../../ui";

export const useIntegrations = () =>
	useQuery({ queryKey: ["integrations"], queryFn: ({ signal }) => all<Integration>("/integrations", {}, signal) });

export const useIntegration = (id: string, { every = 0 } = {}) =>
	useQuery({
		queryKey: ["integrations", id],
		queryFn: () => get<Integration>(`/integrations/${encodeURIComponent(id)}`),
		refetchInterval: every || false,
	});

export const useVendors = () =>
	useQuery({ queryKey: ["vendors"], queryFn: () => all<Vendor>("/vendors"), staleTime: Number.POSITIVE_INFINITY });

const TONES: Record<IntegrationState, Tone> = {
	inactive: "warn",
	pending: "warn",
	active: "good",
	disabled: "neutral",
	error: "bad",
};
export const stateTone = (state: IntegrationState): Tone => TONES[state] ?? "neutral";

/** True when we fetch its counts with credentials; otherwise the vendor sends them with a token. */
export const isFetched = (i: Integration) => Object.keys(i.settings).length + i.secrets_set.length > 0;

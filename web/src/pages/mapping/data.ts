// Mapping: the lists of both sides, and changes that show at once and can be taken back.
import { useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { all, post, put } from "../../api/client";
import { client } from "../../api/hooks";
import type { MapMode, PsaAccount, PsaProduct, UnitBasis, VendorAccount, VendorService } from "../../api/types";
import { endToast, toast, toastError } from "../../ui";
import { t } from "../../i18n";

const base = (id: string) => `/integrations/${encodeURIComponent(id)}`;
const accountsKey = (id: string) => ["integrations", id, "accounts"];
const servicesKey = (id: string) => ["integrations", id, "services"];

export const usePsaAccounts = () =>
	useQuery({ queryKey: ["psa", "accounts"], queryFn: ({ signal }) => all<PsaAccount>("/psa/accounts", {}, signal) });
export const usePsaProducts = () =>
	useQuery({ queryKey: ["psa", "products"], queryFn: ({ signal }) => all<PsaProduct>("/psa/products", {}, signal) });
export const useVendorAccounts = (id: string) =>
	useQuery({
		queryKey: accountsKey(id),
		queryFn: ({ signal }) => all<VendorAccount>(`${base(id)}/accounts`, {}, signal),
	});
export const useVendorServices = (id: string) =>
	useQuery({
		queryKey: servicesKey(id),
		queryFn: ({ signal }) => all<VendorService>(`${base(id)}/services`, {}, signal),
	});

export type AccountChange = { status: "mapped"; psa_account_id: string } | { status: "excluded" | "unmapped" };
export type ServiceChange =
	| { status: "mapped"; product_ids: string[]; mode?: MapMode; unit_basis?: UnitBasis }
	| { status: "excluded" | "unmapped" };

function replace<T extends { id: string }>(key: string[], item: T) {
	client.setQueryData<T[]>(key, (list) => list?.map((x) => (x.id === item.id ? item : x)));
}

const settle = (id: string) => client.invalidateQueries({ queryKey: ["integrations", id], exact: true });

export async function setAccount(integration: string, account: string, change: AccountChange, more: object = {}) {
	const item = await put<VendorAccount>(`${base(integration)}/accounts/${encodeURIComponent(account)}/mapping`, {
		...change,
		...more,
	});
	replace(accountsKey(integration), item);
	return item;
}

export async function setService(integration: string, service: string, change: ServiceChange, more: object = {}) {
	const item = await put<VendorService>(`${base(integration)}/services/${encodeURIComponent(service)}/mapping`, {
		...change,
		...more,
	});
	replace(servicesKey(integration), item);
	return item;
}

export const changeOfAccount = (a: VendorAccount): AccountChange =>
	a.mapping.status === "mapped"
		? { status: "mapped", psa_account_id: a.mapping.psa_account_id ?? "" }
		: { status: a.mapping.status };

export const changeOfService = (s: VendorService): ServiceChange => {
	if (s.mapping.status !== "mapped") return { status: s.mapping.status };
	const change: ServiceChange = { status: "mapped", product_ids: s.mapping.product_ids };
	if (s.mapping.mode) change.mode = s.mapping.mode;
	if (s.mapping.unit_basis) change.unit_basis = s.mapping.unit_basis;
	return change;
};

export async function reject(integration: string, what: "accounts" | "services", id: string, target: string) {
	const path = `${base(integration)}/${what}/${encodeURIComponent(id)}/reject`;
	const item = await post<VendorAccount & VendorService>(path, { target_id: target });
	replace(what === "accounts" ? accountsKey(integration) : servicesKey(integration), item);
	toast(t("map.done_rejected"));
}

/** Runs a change, remembers how to take it back, and offers that in the message too. */
export function useUndo(integration: string) {
	const stack = useRef<(() => Promise<unknown>)[]>([]);
	const [depth, setDepth] = useState(0);
	// The offer to undo ends with the page it is about.
	useEffect(() => () => endToast("mapping"), []);
	const undo = useCallback(async () => {
		endToast("mapping");
		const back = stack.current.pop();
		setDepth(stack.current.length);
		if (!back) return;
		try {
			await back();
			await settle(integration);
		} catch (error) {
			toastError(error);
		}
	}, [integration]);
	const run = useCallback(
		async (work: () => Promise<unknown>, back: () => Promise<unknown>, words: string) => {
			try {
				await work();
				stack.current.push(back);
				setDepth(stack.current.length);
				await settle(integration);
				toast(words, { key: "mapping", action: { label: t("action.undo"), run: undo } });
			} catch (error) {
				toastError(error);
			}
		},
		[integration, undo],
	);
	return { run, undo, depth };
}

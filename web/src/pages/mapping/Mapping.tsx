// Advanced mapping: the accounts and services of all integrations in one table, with changes in bulk.
import { useQueries } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef, useState } from "react";
import { Link } from "react-aria-components";
import { all } from "../../api/client";
import { client, useCan } from "../../api/hooks";
import type { Integration, MapStatus, VendorAccount, VendorService } from "../../api/types";
import { t } from "../../i18n";
import { setQuery, usePlace } from "../../lib/router";
import {
	Button,
	ButtonLink,
	Checkbox,
	Chip,
	cx,
	Empty,
	ErrorNotice,
	ExportMenu,
	Loading,
	Name,
	PageHead,
	SearchField,
	Select,
	Switch,
	toast,
	toastError,
} from "../../ui";
import { useIntegrations } from "../integrations/data";
import { changeOfAccount, changeOfService, setAccount, setService, usePsaAccounts, usePsaProducts } from "./data";
import { Pick } from "./Pick";
import { fits, type SourceItem } from "./Source";
import "../../i18n/en/mapping";
import "./mapping.css";
import "./table.css";

type What = "accounts" | "services";
type Item = { integration: Integration; of: VendorAccount | VendorService; id: string };
type Best = { id: string; name: string } | null;

const ROW = 56;
const ROW_PHONE = 132;
const AT_ONCE = 4;
const STATUSES = ["all", "unmapped", "mapped", "excluded"] as const;

const isAccount = (x: VendorAccount | VendorService): x is VendorAccount => "psa_account" in x.mapping;
const targetName = (x: VendorAccount | VendorService) =>
	isAccount(x)
		? (x.mapping.psa_account?.name ?? "")
		: x.mapping.products.map((p) => (p.code ? `${p.name} (${p.code})` : p.name)).join(", ");
const bestOf = (x: VendorAccount | VendorService): Best => {
	if (isAccount(x))
		return x.suggestions[0] ? { id: x.suggestions[0].psa_account_id, name: x.suggestions[0].name } : null;
	return x.suggestions[0] ? { id: x.suggestions[0].product_id, name: x.suggestions[0].name } : null;
};

/** Two that fit equally well are for a person to tell apart, not for a bulk action. */
const isClear = ({ suggestions: [first, next] }: VendorAccount | VendorService) =>
	first !== undefined && (next === undefined || next.score < first.score);

const suggestedFor = (x: VendorAccount | VendorService) =>
	isAccount(x)
		? x.suggestions.map((s) => ({ id: s.psa_account_id, why: s.why }))
		: x.suggestions.map((s) => ({ id: s.product_id, why: s.why }));

const mapTo = (i: Item, target: string) =>
	isAccount(i.of)
		? setAccount(i.integration.id, i.of.id, { status: "mapped", psa_account_id: target })
		: setService(i.integration.id, i.of.id, { status: "mapped", product_ids: [target] });
const setStatus = (i: Item, status: "excluded" | "unmapped") =>
	isAccount(i.of)
		? setAccount(i.integration.id, i.of.id, { status })
		: setService(i.integration.id, i.of.id, { status });
const setDetect = (i: Item, on: boolean) =>
	isAccount(i.of)
		? setAccount(i.integration.id, i.of.id, changeOfAccount(i.of), { detect_new_revenue: on })
		: setService(i.integration.id, i.of.id, changeOfService(i.of), { detect_new_revenue: on });

function useItems(what: What, integrations: Integration[]) {
	const lists = useQueries({
		queries: integrations.map((i) => ({
			queryKey: ["integrations", i.id, what],
			queryFn: () => all<VendorAccount & VendorService>(`/integrations/${encodeURIComponent(i.id)}/${what}`),
		})),
	});
	const stamp = lists.map((l) => l.dataUpdatedAt).join();
	// biome-ignore lint/correctness/useExhaustiveDependencies: the stamp says when one of the lists changed
	const items = useMemo(
		() =>
			integrations.flatMap((integration, n): Item[] =>
				(lists[n]?.data ?? []).map((of) => ({ integration, of, id: `${integration.id} ${of.id}` })),
			),
		[stamp, integrations],
	);
	return { items, pending: lists.some((l) => l.isPending), error: lists.find((l) => l.error)?.error ?? null };
}

/** Puts each back to what it was when it was taken up. */
const putBack = (i: Item) =>
	isAccount(i.of)
		? setAccount(i.integration.id, i.of.id, changeOfAccount(i.of))
		: setService(i.integration.id, i.of.id, changeOfService(i.of));

/** Runs a change for each, a few at a time; stops at the first that fails and says so. What was done can be undone. */
async function inBulk(items: Item[], work: (i: Item) => Promise<unknown>, undo = true) {
	const queue = [...items];
	const done: Item[] = [];
	const worker = async () => {
		for (let i = queue.shift(); i; i = queue.shift()) {
			await work(i);
			done.push(i);
		}
	};
	try {
		await Promise.all(Array.from({ length: AT_ONCE }, worker));
	} catch (error) {
		queue.length = 0;
		toastError(error);
	}
	if (done.length) {
		const action = { label: t("action.undo"), run: () => inBulk(done, putBack, false) };
		toast(
			t(undo ? "mapping.done" : "mapping.undone", { count: done.length }),
			undo ? { action, key: "mapping" } : { key: "mapping" },
		);
	}
	await client.invalidateQueries({ queryKey: ["integrations"], exact: true });
}

const TONE = { mapped: "good", unmapped: "warn", excluded: "neutral" } as const;

function Row({
	item,
	selected,
	onSelect,
	onPick,
	mayChange,
}: {
	item: Item;
	selected: boolean;
	onSelect: () => void;
	onPick: () => void;
	mayChange: boolean;
}) {
	const { of, integration } = item;
	const { status } = of.mapping;
	const best = status === "unmapped" ? bestOf(of) : null;
	return (
		<div role="row" className={cx("mapping-row", selected && "mapping-row-selected")}>
			<span role="cell">
				<Checkbox
					aria-label={t("mapping.select", { name: of.name })}
					isSelected={selected}
					onChange={onSelect}
					isDisabled={!mayChange}
				/>
			</span>
			<span role="cell" className="mapping-integration">
				<Name className="muted">{integration.name}</Name>
			</span>
			<span role="cell" className="mapping-name">
				<Name className="strong">{of.name}</Name>
				{/* Where the vendor has none of its own, its id is ours: nothing to read. */}
				{of.vendor_id !== of.id && <Name className="small muted">{t("map.vendor_id", { id: of.vendor_id })}</Name>}
			</span>
			<span role="cell" className="mapping-status">
				<Chip tone={TONE[status]}>{t(`mapping.status.${status}`)}</Chip>
			</span>
			<span role="cell" className="mapping-target">
				<span className="grow">
					{status === "mapped" ? (
						<Name>{targetName(of)}</Name>
					) : best ? (
						<Name className="muted">{t("mapping.best", { name: best.name })}</Name>
					) : (
						<span className="muted">–</span>
					)}
				</span>
				{mayChange && (
					<Button
						size="small"
						onPress={onPick}
						aria-label={`${t(status === "mapped" ? "mapping.change" : "mapping.choose")}: ${of.name}`}
					>
						{t(status === "mapped" ? "mapping.change" : "mapping.choose")}
					</Button>
				)}
			</span>
			<span role="cell" className="mapping-detect">
				<Switch
					aria-label={`${t("mapping.new_revenue")}: ${of.name}`}
					isSelected={of.detect_new_revenue}
					onChange={(on) => setDetect(item, on).catch(toastError)}
					isDisabled={!mayChange}
				/>
			</span>
		</div>
	);
}

function Table({ what, integrations }: { what: What; integrations: Integration[] }) {
	const { query } = usePlace();
	const can = useCan();
	const { items, pending, error } = useItems(what, integrations);
	const psaAccounts = usePsaAccounts();
	const psaProducts = usePsaProducts();
	const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
	const [picking, setPicking] = useState<Item[]>([]);
	const [busy, setBusy] = useState(false);
	const scroller = useRef<HTMLDivElement>(null);
	const q = query.get("q") ?? "";
	const status = (query.get("status") ?? "all") as "all" | MapStatus;
	const integration = query.get("integration") ?? "";
	const shown = useMemo(
		() =>
			items.filter(
				(i) =>
					(status === "all" || i.of.mapping.status === status) &&
					(integration === "" || i.integration.id === integration) &&
					(q === "" || fits(`${i.of.name} ${i.of.vendor_id} ${targetName(i.of)}`, q)),
			),
		[items, status, integration, q],
	);
	const count = useMemo(() => {
		const n = { all: items.length, mapped: 0, unmapped: 0, excluded: 0 };
		for (const i of items) n[i.of.mapping.status]++;
		return n;
	}, [items]);
	const selected = items.filter((i) => chosen.has(i.id));
	const sources: SourceItem[] =
		what === "accounts"
			? (psaAccounts.data ?? []).map((a) => ({
					id: a.id,
					name: a.name,
					detail: t("map.psa_id", { id: a.remote_id }),
					used: false,
				}))
			: (psaProducts.data ?? []).map((p) => ({
					id: p.id,
					name: p.name,
					detail: t("map.product_id", { code: p.code }),
					used: false,
				}));
	const phone = window.matchMedia("(max-width: 860px)").matches;
	const virtual = useVirtualizer({
		count: shown.length,
		getScrollElement: () => scroller.current,
		estimateSize: () => (phone ? ROW_PHONE : ROW),
		getItemKey: (n) => shown[n]?.id ?? n,
		overscan: 8,
	});
	const bulk = async (of: Item[], work: (i: Item) => Promise<unknown>) => {
		setBusy(true);
		await inBulk(of, work);
		setChosen(new Set());
		setBusy(false);
	};
	const withBest = selected.filter((i) => i.of.mapping.status === "unmapped" && isClear(i.of));
	if (error)
		return <ErrorNotice error={error} onRetry={() => client.invalidateQueries({ queryKey: ["integrations"] })} />;
	if (pending) return <Loading rows={8} />;
	if (items.length === 0)
		return (
			<Empty
				icon="mapping"
				title={t("mapping.empty")}
				action={<ButtonLink href="/integrations">{t("nav.integrations")}</ButtonLink>}
			>
				{t("mapping.empty_text")}
			</Empty>
		);
	const allChosen = shown.length > 0 && shown.every((i) => chosen.has(i.id));
	return (
		<>
			<div className="mapping-filters">
				<SearchField label={t("mapping.search")} value={q} onChange={(v) => setQuery({ q: v })} className="grow" />
				<Select
					label={t("mapping.integration")}
					inline
					value={integration}
					onChange={(v) => setQuery({ integration: v })}
					options={[
						{ id: "", label: t("mapping.all_integrations") },
						...integrations.map((i) => ({ id: i.id, label: i.name })),
					]}
				/>
				<Select
					label={t("mapping.status")}
					inline
					value={status}
					onChange={(v) => setQuery({ status: v === "all" ? null : v })}
					options={STATUSES.map((id) => ({ id, label: t(`map.filter.${id}`, { count: count[id] }) }))}
				/>
			</div>
			{selected.length > 0 && (
				<section className="mapping-bulk" aria-label={t("mapping.selected", { count: selected.length })}>
					<span className="strong" role="status">
						{t("mapping.selected", { count: selected.length })}
					</span>
					<span className="row wrap">
						{withBest.length > 0 && (
							<Button
								size="small"
								variant="primary"
								isPending={busy}
								onPress={() => bulk(withBest, (i) => mapTo(i, bestOf(i.of)?.id ?? ""))}
							>
								{`${t("mapping.accept")} (${withBest.length})`}
							</Button>
						)}
						<Button size="small" isPending={busy} onPress={() => setPicking(selected)}>
							{t("map.map_to")}
						</Button>
						<Button size="small" isPending={busy} onPress={() => bulk(selected, (i) => setStatus(i, "excluded"))}>
							{t("mapping.exclude")}
						</Button>
						<Button size="small" isPending={busy} onPress={() => bulk(selected, (i) => setStatus(i, "unmapped"))}>
							{t("mapping.unmap")}
						</Button>
					</span>
				</section>
			)}
			<div role="table" aria-label={t(`mapping.${what}`)} aria-rowcount={shown.length + 1} className="mapping-table">
				<div role="row" className="mapping-row mapping-head">
					<span role="columnheader">
						<Checkbox
							aria-label={t("mapping.select_all")}
							isSelected={allChosen}
							isIndeterminate={!allChosen && selected.length > 0}
							onChange={(on) => setChosen(on ? new Set(shown.map((i) => i.id)) : new Set())}
							isDisabled={!can.approve}
						/>
					</span>
					<span role="columnheader">{t("mapping.integration")}</span>
					<span role="columnheader">{t("mapping.vendor_name")}</span>
					<span role="columnheader">{t("mapping.status")}</span>
					<span role="columnheader">{t("mapping.psa_name")}</span>
					<span role="columnheader">{t("mapping.new_revenue")}</span>
				</div>
				{/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
				<div ref={scroller} role="rowgroup" className="mapping-scroll" tabIndex={0} aria-label={t(`mapping.${what}`)}>
					{shown.length === 0 && <p className="map-empty muted">{t("map.none_fit")}</p>}
					<div role="presentation" className="mapping-all" style={{ height: virtual.getTotalSize() }}>
						{virtual.getVirtualItems().map((v) => {
							const item = shown[v.index];
							if (!item) return null;
							return (
								<div
									key={v.key}
									role="presentation"
									className="mapping-place"
									style={{ height: v.size, transform: `translateY(${v.start}px)` }}
								>
									<Row
										item={item}
										selected={chosen.has(item.id)}
										mayChange={can.approve}
										onPick={() => setPicking([item])}
										onSelect={() =>
											setChosen((s) => {
												const next = new Set(s);
												if (!next.delete(item.id)) next.add(item.id);
												return next;
											})
										}
									/>
								</div>
							);
						})}
					</div>
				</div>
			</div>
			{picking[0] && (
				<Pick
					title={
						picking.length > 1
							? t("mapping.pick_many", { count: picking.length })
							: t("map.pick", { name: picking[0].of.name })
					}
					searchLabel={t(what === "accounts" ? "map.search_psa_accounts" : "map.search_psa_products")}
					items={sources}
					suggested={picking.length > 1 ? [] : suggestedFor(picking[0].of)}
					onClose={() => setPicking([])}
					onPick={(target) => {
						setPicking([]);
						bulk(picking, (i) => mapTo(i, target.id));
					}}
				/>
			)}
		</>
	);
}

export function Mapping() {
	const { query } = usePlace();
	const integrations = useIntegrations();
	const what: What = query.get("tab") === "services" ? "services" : "accounts";
	const live = useMemo(() => (integrations.data ?? []).filter((i) => !i.disconnected_at), [integrations.data]);
	const unmapped = (part: What) => live.reduce((n, i) => n + i[part].unmapped, 0);
	return (
		<div className="mapping-page">
			<PageHead
				title={t("mapping.title")}
				text={t("mapping.text")}
				actions={
					live.length > 0 && (
						<ExportMenu
							size="medium"
							label={t("mapping.export")}
							files={live.map((i) => ({
								title: i.name,
								path: `/integrations/${encodeURIComponent(i.id)}/${what}`,
								query: { status: query.get("status") },
							}))}
						/>
					)
				}
			/>
			<nav className="subtabs" aria-label={t("mapping.title")}>
				{(["accounts", "services"] as What[]).map((id) => (
					<Link
						key={id}
						href={id === "accounts" ? "/mapping" : "/mapping?tab=services"}
						className="subtab"
						aria-current={what === id ? "page" : undefined}
					>
						{t(`mapping.${id}`)}
						{unmapped(id) > 0 && <Chip tone="warn">{t("map.unmapped_left", { count: unmapped(id) })}</Chip>}
					</Link>
				))}
			</nav>
			{integrations.error ? (
				<ErrorNotice error={integrations.error} onRetry={() => integrations.refetch()} />
			) : integrations.data ? (
				<Table key={what} what={what} integrations={live} />
			) : (
				<Loading rows={8} />
			)}
		</div>
	);
}

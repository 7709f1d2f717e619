// Map services: products of the PSA on the left, what the vendor counts on the right; several products on one service
// are counted in full each, or share the count.
import { useMemo, useRef, useState } from "react";
import { GridList, GridListItem, useDragAndDrop } from "react-aria-components";
import type { MapMode, MapStatus, UnitBasis, VendorService } from "../../api/types";
import { t } from "../../i18n";
import {
	Button,
	Chip,
	Empty,
	ErrorNotice,
	IconButton,
	Loading,
	Menu,
	MenuItem,
	Name,
	SearchField,
	Select,
	toastError,
} from "../../ui";
import {
	changeOfService,
	reject,
	type ServiceChange,
	setService,
	usePsaProducts,
	useUndo,
	useVendorServices,
} from "./data";
import { Pick } from "./Pick";
import { fits, Source, type SourceItem } from "./Source";
import "./mapping.css";

const DRAG = "application/x-trueup-product";
const CHIPS = 3;
const BASES = ["users", "devices"] as const;

type Filter = "all" | MapStatus;

const mappedTo = (
	s: VendorService,
	ids: string[],
	more: { mode?: MapMode; unit_basis?: UnitBasis | null } = {},
): ServiceChange => {
	if (ids.length === 0) return { status: "unmapped" };
	const change: ServiceChange = { status: "mapped", product_ids: ids, mode: more.mode ?? s.mapping.mode ?? "copy" };
	const basis = more.unit_basis === undefined ? s.mapping.unit_basis : more.unit_basis;
	if (basis) change.unit_basis = basis;
	return change;
};

const idsOf = (s: VendorService) => (s.mapping.status === "mapped" ? s.mapping.product_ids : []);

function Products({ service, onChange }: { service: VendorService; onChange: (c: ServiceChange) => void }) {
	const ids = idsOf(service);
	return (
		<>
			<ul className="map-products">
				{service.mapping.products.map((p) => (
					<li key={p.id} className="map-product">
						<Name className="strong">{p.name}</Name>
						<Name className="small muted">{p.code}</Name>
						{service.mapping.how === "exact" && <Chip tone="good">{t("map.exact")}</Chip>}
						<IconButton
							icon="x"
							size="small"
							label={t("map.unmap", { name: p.name })}
							onPress={() =>
								onChange(
									mappedTo(
										service,
										ids.filter((x) => x !== p.id),
									),
								)
							}
						/>
					</li>
				))}
			</ul>
			<div className="map-options">
				{ids.length > 1 && (
					<Select
						label={t("map.mode")}
						inline
						value={service.mapping.mode ?? "copy"}
						onChange={(mode) => onChange(mappedTo(service, ids, { mode }))}
						options={(["copy", "split"] as MapMode[]).map((id) => ({ id, label: t(`map.mode.${id}`) }))}
					/>
				)}
				<Select
					label={t("map.basis")}
					inline
					value={service.mapping.unit_basis ?? service.unit_basis ?? "none"}
					onChange={(b) => onChange(mappedTo(service, ids, { unit_basis: b === "none" ? null : b }))}
					options={(service.unit_basis ? BASES : (["none", ...BASES] as const)).map((id) => ({
						id,
						label: t(`map.basis.${id}`),
					}))}
				/>
			</div>
		</>
	);
}

export function MapServices({ integration, vendor }: { integration: string; vendor: string }) {
	const products = usePsaProducts();
	const services = useVendorServices(integration);
	const { run, undo, depth } = useUndo(integration);
	const [q, setQ] = useState("");
	const [vendorQ, setVendorQ] = useState("");
	const [hideUsed, setHideUsed] = useState(false);
	const [filter, setFilter] = useState<Filter>("all");
	const [picking, setPicking] = useState<VendorService | null>(null);
	const search = useRef<HTMLInputElement>(null);

	const list = useMemo(() => services.data ?? [], [services.data]);
	const count = useMemo(() => {
		const n = { all: list.length, mapped: 0, unmapped: 0, excluded: 0 };
		for (const s of list) n[s.mapping.status]++;
		return n;
	}, [list]);
	const sources = useMemo((): SourceItem[] => {
		const used = new Set(list.flatMap(idsOf));
		return (products.data ?? [])
			.filter((p) => !p.inactive)
			.map((p) => ({ id: p.id, name: p.name, detail: t("map.product_id", { code: p.code }), used: used.has(p.id) }));
	}, [products.data, list]);
	const rows = list.filter(
		(s) =>
			(filter === "all" || s.mapping.status === filter) &&
			(vendorQ === "" || fits(`${s.name} ${s.vendor_id}`, vendorQ)),
	);

	const change = (s: VendorService, to: ServiceChange, words: string) => {
		const before = changeOfService(s);
		return run(
			() => setService(integration, s.id, to),
			() => setService(integration, s.id, before),
			words,
		);
	};
	const add = (s: VendorService, items: { id: string; name: string }[]) => {
		const ids = [...new Set([...idsOf(s), ...items.map((i) => i.id)])];
		return change(s, mappedTo(s, ids), t("map.done", { vendor: s.name, psa: items.map((i) => i.name).join(", ") }));
	};
	const set = (s: VendorService, to: ServiceChange) =>
		change(
			s,
			to,
			to.status === "mapped"
				? t("action.saved")
				: t(to.status === "excluded" ? "map.done_excluded" : "map.done_unmapped", { name: s.name }),
		);

	const { dragAndDropHooks } = useDragAndDrop({
		acceptedDragTypes: [DRAG],
		getDropOperation: () => "link",
		shouldAcceptItemDrop: (target) => target.dropPosition === "on",
		onItemDrop: async (e) => {
			const ids = await Promise.all(e.items.map((i) => (i.kind === "text" ? i.getText(DRAG) : "")));
			const s = list.find((x) => x.id === e.target.key);
			const dropped = sources.filter((x) => ids.includes(x.id));
			if (s && dropped.length) await add(s, dropped);
		},
	});

	const error = products.error ?? services.error;
	if (error) return <ErrorNotice error={error} onRetry={() => Promise.all([products.refetch(), services.refetch()])} />;
	if (!products.data || !services.data) return <Loading rows={8} />;
	if (list.length === 0)
		return (
			<Empty icon="plug" title={t("map.nothing_yet")}>
				{t("map.nothing_yet_text")}
			</Empty>
		);
	return (
		<div className="map-board">
			<Source
				title={t("map.psa_products")}
				searchLabel={t("map.search_psa_products")}
				dragType={DRAG}
				items={sources}
				q={q}
				onSearch={setQ}
				hideUsed={hideUsed}
				onHideUsed={setHideUsed}
				inputRef={search}
				multiple
				empty={hideUsed && q === "" ? t("map.all_mapped") : t("map.none_fit")}
			/>
			<section className="map-side map-vendor" aria-label={t("map.vendor_services", { vendor })}>
				<header className="map-side-head">
					<h2>{t("map.vendor_services", { vendor })}</h2>
					<span className="row">
						<Chip tone={count.unmapped ? "warn" : "good"}>
							{count.unmapped ? t("map.unmapped_left", { count: count.unmapped }) : t("map.unmapped_none")}
						</Chip>
						<IconButton icon="undo" label={t("action.undo")} onPress={undo} isDisabled={depth === 0} />
					</span>
				</header>
				<div className="map-tools">
					<SearchField
						label={t("map.search_vendor", { vendor })}
						value={vendorQ}
						onChange={setVendorQ}
						className="grow"
					/>
					<Select
						label={t("map.filter")}
						inline
						value={filter}
						onChange={setFilter}
						options={(["all", "unmapped", "mapped", "excluded"] as Filter[]).map((id) => ({
							id,
							label: t(`map.filter.${id}`, { count: count[id] }),
						}))}
					/>
				</div>
				<GridList
					aria-label={t("map.vendor_services", { vendor })}
					className="map-list map-list-free"
					items={rows}
					dragAndDropHooks={dragAndDropHooks}
					renderEmptyState={() => <p className="map-empty muted">{t("map.none_fit")}</p>}
				>
					{(s) => (
						<GridListItem id={s.id} textValue={s.name} className="map-target map-target-tall">
							<div className="map-target-top">
								<span className="grow">
									<Name className="strong">{s.name}</Name>
									{s.unit_basis && (
										<span className="small muted">{t("map.told_basis", { what: t(`map.basis.${s.unit_basis}`) })}</span>
									)}
								</span>
								<IconButton
									icon="filter"
									size="small"
									className="map-find"
									label={t("map.find_similar_product", { name: s.name })}
									onPress={() => {
										setQ(s.name.split(/\s+/)[0] ?? "");
										search.current?.focus();
									}}
								/>
								<Menu
									aria-label={t("map.actions", { name: s.name })}
									trigger={<IconButton icon="more" size="small" label={t("map.actions", { name: s.name })} />}
								>
									<MenuItem icon="plus" onAction={() => setPicking(s)}>
										{t("map.add_product")}
									</MenuItem>
									{s.mapping.status === "mapped" && (
										<MenuItem icon="x" onAction={() => set(s, { status: "unmapped" })}>
											{t("map.unmap_short")}
										</MenuItem>
									)}
									{s.mapping.status === "excluded" ? (
										<MenuItem icon="undo" onAction={() => set(s, { status: "unmapped" })}>
											{t("map.include")}
										</MenuItem>
									) : (
										<MenuItem icon="ban" onAction={() => set(s, { status: "excluded" })}>
											{t("map.exclude")}
										</MenuItem>
									)}
									{s.mapping.status === "unmapped" &&
										s.suggestions.slice(0, CHIPS).map((x) => (
											<MenuItem
												key={x.product_id}
												icon="x"
												onAction={() => {
													reject(integration, "services", s.id, x.product_id).catch(toastError);
												}}
											>
												{t("map.not_this", { name: x.name })}
											</MenuItem>
										))}
								</Menu>
							</div>
							{s.mapping.status === "mapped" ? (
								<Products service={s} onChange={(c) => set(s, c)} />
							) : s.mapping.status === "excluded" ? (
								<Chip icon="ban">{t("map.excluded")}</Chip>
							) : (
								<span className="map-chips">
									{s.suggestions.slice(0, CHIPS).map((x) => (
										<Button
											key={x.product_id}
											size="small"
											className="map-chip"
											onPress={() => add(s, [{ id: x.product_id, name: x.name }])}
										>
											<span className="visually-hidden">{t("map.suggestion")} </span>
											<Name>{x.name}</Name>
											<Name className="map-why">{`${x.code} · ${x.why}`}</Name>
										</Button>
									))}
									<Button size="small" variant="quiet" icon="plus" onPress={() => setPicking(s)}>
										{t("map.add_product")}
									</Button>
								</span>
							)}
						</GridListItem>
					)}
				</GridList>
			</section>
			{picking && (
				<Pick
					title={t("map.pick_product", { name: picking.name })}
					searchLabel={t("map.search_psa_products")}
					items={sources}
					suggested={picking.suggestions.map((x) => ({ id: x.product_id, why: `${x.code} · ${x.why}` }))}
					onClose={() => setPicking(null)}
					onPick={(item) => {
						setPicking(null);
						add(picking, [item]);
					}}
				/>
			)}
		</div>
	);
}

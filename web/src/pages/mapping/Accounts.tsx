// Map accounts: PSA on the left, vendor on the right. Drag and drop, suggestion chips, a menu on each row; all of it
// by keyboard too, and everything can be taken back.
import { useMemo, useRef, useState } from "react";
import { GridList, GridListItem, ListLayout, useDragAndDrop, Virtualizer } from "react-aria-components";
import type { MapStatus, VendorAccount } from "../../api/types";
import { t } from "../../i18n";
import {
	Button,
	Chip,
	Empty,
	ErrorNotice,
	Icon,
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
	type AccountChange,
	changeOfAccount,
	reject,
	setAccount,
	usePsaAccounts,
	useUndo,
	useVendorAccounts,
} from "./data";
import { Pick } from "./Pick";
import { fits, Source, type SourceItem } from "./Source";
import "./mapping.css";

const ROW = 74;
const DRAG = "application/x-trueup-psa-account";
const CHIPS = 2;

type Filter = "all" | MapStatus;
type Row = VendorAccount & { version: string };

/** First word that says something, to search the other side with. */
const firstWord = (name: string) => name.split(/[\s,.;:/()"']+/).find((w) => w.length > 2) ?? name;

function Suggestions({ row, onMap }: { row: Row; onMap: (id: string, name: string) => void }) {
	if (row.suggestions.length === 0) return <span className="small muted">{t("map.unmapped")}</span>;
	return (
		<span className="map-chips">
			{row.suggestions.slice(0, CHIPS).map((s) => (
				<Button
					key={s.psa_account_id}
					size="small"
					className="map-chip"
					onPress={() => onMap(s.psa_account_id, s.name)}
				>
					<span className="visually-hidden">{t("map.suggestion")} </span>
					<Name>{s.name}</Name>
					<Name className="map-why">{s.why}</Name>
				</Button>
			))}
		</span>
	);
}

function Mapped({ row, onUnmap }: { row: Row; onUnmap: () => void }) {
	const psa = row.mapping.psa_account;
	return (
		<span className="map-mapped">
			<Icon name="link" size={16} />
			<Name className="strong">{psa?.name ?? row.mapping.psa_account_id ?? ""}</Name>
			{row.mapping.how === "exact" && (
				<Chip tone="good" title={t("map.exact_tip")}>
					{t("map.exact")}
				</Chip>
			)}
			<IconButton icon="x" size="small" label={t("map.unmap", { name: row.name })} onPress={onUnmap} />
		</span>
	);
}

function RowMenu({
	row,
	onChange,
	onPick,
	onReject,
}: {
	row: Row;
	onChange: (change: AccountChange) => void;
	onPick: () => void;
	onReject: (id: string) => void;
}) {
	const { status } = row.mapping;
	return (
		<Menu
			aria-label={t("map.actions", { name: row.name })}
			trigger={<IconButton icon="more" size="small" label={t("map.actions", { name: row.name })} />}
		>
			<MenuItem icon="link" onAction={onPick}>
				{t("map.map_to")}
			</MenuItem>
			{status === "mapped" && (
				<MenuItem icon="x" onAction={() => onChange({ status: "unmapped" })}>
					{t("map.unmap_short")}
				</MenuItem>
			)}
			{status === "excluded" ? (
				<MenuItem icon="undo" onAction={() => onChange({ status: "unmapped" })}>
					{t("map.include")}
				</MenuItem>
			) : (
				<MenuItem icon="ban" onAction={() => onChange({ status: "excluded" })}>
					{t("map.exclude")}
				</MenuItem>
			)}
			{status === "unmapped" &&
				row.suggestions.slice(0, CHIPS).map((s) => (
					<MenuItem key={s.psa_account_id} icon="x" onAction={() => onReject(s.psa_account_id)}>
						{t("map.not_this", { name: s.name })}
					</MenuItem>
				))}
		</Menu>
	);
}

export function MapAccounts({ integration, vendor }: { integration: string; vendor: string }) {
	const psa = usePsaAccounts();
	const accounts = useVendorAccounts(integration);
	const { run, undo, depth } = useUndo(integration);
	const [q, setQ] = useState("");
	const [vendorQ, setVendorQ] = useState("");
	const [hideUsed, setHideUsed] = useState(false);
	const [filter, setFilter] = useState<Filter>("all");
	const [picking, setPicking] = useState<VendorAccount | null>(null);
	const search = useRef<HTMLInputElement>(null);

	const list = useMemo(() => accounts.data ?? [], [accounts.data]);
	const count = useMemo(() => {
		const n = { all: list.length, mapped: 0, unmapped: 0, excluded: 0 };
		for (const a of list) n[a.mapping.status]++;
		return n;
	}, [list]);
	const sources = useMemo((): SourceItem[] => {
		const used = new Set(list.map((a) => a.mapping.psa_account_id));
		return (psa.data ?? []).map((a) => ({
			id: a.id,
			name: a.name,
			detail: [a.domain, t("map.psa_id", { id: a.remote_id })].filter(Boolean).join(" · "),
			used: used.has(a.id),
		}));
	}, [psa.data, list]);
	const rows = useMemo(
		() =>
			list.filter(
				(a) =>
					(filter === "all" || a.mapping.status === filter) &&
					(vendorQ === "" || fits(`${a.name} ${a.vendor_id} ${a.mapping.psa_account?.name ?? ""}`, vendorQ)),
			) as Row[],
		[list, filter, vendorQ],
	);

	const change = (a: VendorAccount, to: AccountChange, words: string) => {
		const before = changeOfAccount(a);
		return run(
			() => setAccount(integration, a.id, to),
			() => setAccount(integration, a.id, before),
			words,
		);
	};
	const map = (a: VendorAccount, id: string, name: string) =>
		change(a, { status: "mapped", psa_account_id: id }, t("map.done", { vendor: a.name, psa: name }));
	const set = (a: VendorAccount, to: AccountChange) =>
		change(a, to, t(to.status === "excluded" ? "map.done_excluded" : "map.done_unmapped", { name: a.name }));
	const find = (a: VendorAccount) => {
		setQ(firstWord(a.name));
		search.current?.focus();
	};

	const { dragAndDropHooks } = useDragAndDrop({
		acceptedDragTypes: [DRAG],
		getDropOperation: () => "link",
		shouldAcceptItemDrop: (target) => target.dropPosition === "on",
		onItemDrop: async (e) => {
			const first = e.items[0];
			if (first?.kind !== "text") return;
			const id = await first.getText(DRAG);
			const a = list.find((x) => x.id === e.target.key);
			const item = sources.find((s) => s.id === id);
			if (a && item) await map(a, item.id, item.name);
		},
	});

	const error = psa.error ?? accounts.error;
	if (error) return <ErrorNotice error={error} onRetry={() => Promise.all([psa.refetch(), accounts.refetch()])} />;
	if (!psa.data || !accounts.data) return <Loading rows={8} />;
	if (list.length === 0)
		return (
			<Empty icon="plug" title={t("map.nothing_yet")}>
				{t("map.nothing_yet_text")}
			</Empty>
		);
	return (
		<div className="map-board">
			<Source
				title={t("map.psa_accounts")}
				searchLabel={t("map.search_psa_accounts")}
				dragType={DRAG}
				items={sources}
				q={q}
				onSearch={setQ}
				hideUsed={hideUsed}
				onHideUsed={setHideUsed}
				inputRef={search}
				empty={
					sources.length === 0 ? t("map.psa_none") : hideUsed && q === "" ? t("map.all_mapped") : t("map.none_fit")
				}
			/>
			<section className="map-side map-vendor" aria-label={t("map.vendor_accounts", { vendor })}>
				<header className="map-side-head">
					<h2>{t("map.vendor_accounts", { vendor })}</h2>
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
				<Virtualizer layout={ListLayout} layoutOptions={{ rowHeight: ROW }}>
					<GridList
						aria-label={t("map.vendor_accounts", { vendor })}
						className="map-list"
						items={rows}
						dragAndDropHooks={dragAndDropHooks}
						renderEmptyState={() => <p className="map-empty muted">{t("map.none_fit")}</p>}
					>
						{(row) => (
							<GridListItem id={row.id} textValue={row.name} className="map-target">
								<div className="map-target-top">
									<Name className="strong grow">{row.name}</Name>
									<IconButton
										icon="filter"
										size="small"
										className="map-find"
										label={t("map.find_similar", { name: firstWord(row.name) })}
										onPress={() => find(row)}
									/>
									<RowMenu
										row={row}
										onChange={(c) => set(row, c)}
										onPick={() => setPicking(row)}
										onReject={(id) => reject(integration, "accounts", row.id, id).catch(toastError)}
									/>
								</div>
								<div className="map-target-bottom">
									{row.mapping.status === "mapped" ? (
										<Mapped row={row} onUnmap={() => set(row, { status: "unmapped" })} />
									) : row.mapping.status === "excluded" ? (
										<Chip icon="ban">{t("map.excluded")}</Chip>
									) : (
										<Suggestions row={row} onMap={(id, name) => map(row, id, name)} />
									)}
								</div>
							</GridListItem>
						)}
					</GridList>
				</Virtualizer>
			</section>
			{picking && (
				<Pick
					title={t("map.pick", { name: picking.name })}
					searchLabel={t("map.search_psa_accounts")}
					items={sources}
					suggested={picking.suggestions.map((s) => ({ id: s.psa_account_id, why: s.why }))}
					onClose={() => setPicking(null)}
					onPick={(item) => {
						setPicking(null);
						map(picking, item.id, item.name);
					}}
				/>
			)}
		</div>
	);
}

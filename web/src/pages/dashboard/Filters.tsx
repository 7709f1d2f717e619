// Filters, sorting and grouping. All of it lives in the address, so that a link or the back button brings it back.
import { useEffect, useState } from "react";
import { type Key, t } from "../../i18n";
import { setPrefs } from "../../lib/prefs";
import { setQuery, usePlace } from "../../lib/router";
import { usePrefs } from "../../lib/usePrefs";
import { Button, cx, ExportMenu, IconButton, SearchField, Select, Toggle } from "../../ui";
import { useIntegrations } from "../integrations/data";
import { type Filters, GROUPS, type GroupBy, KINDS, SORTS, STATES, useSums, useTags } from "./data";
import { FilterPick } from "./FilterPick";

const counted = (n: number | undefined) => (n === undefined ? {} : { detail: t("cards.count", { count: n }) });
const WAIT_MS = 220;
/** What is behind "more filters". */
const MORE = ["account", "product", "contract", "tag"];

/** What is typed goes into the address when the typing rests. */
function Search({ inputRef }: { inputRef: React.Ref<HTMLInputElement> }) {
	const { query } = usePlace();
	const asked = query.get("q") ?? "";
	const [typed, setTyped] = useState(asked);
	useEffect(() => setTyped(asked), [asked]);
	useEffect(() => {
		if (typed === asked) return;
		const timer = setTimeout(() => setQuery({ q: typed }), WAIT_MS);
		return () => clearTimeout(timer);
	}, [typed, asked]);
	return (
		<SearchField
			label={t("cards.search")}
			value={typed}
			onChange={setTyped}
			className="filter-search"
			inputRef={inputRef}
		/>
	);
}

/** How many of each are counted once the cards are there: those come first. */
function KindAndState({ filters, ready }: { filters: Filters; ready: boolean }) {
	const { query } = usePlace();
	const kind = query.get("kind") ?? "";
	const state = query.get("state") ?? "open";
	const kinds = useSums({ ...filters, kind: "" }, ready).data?.kinds;
	const states = useSums({ ...filters, state: "" }, ready).data?.states;
	return (
		<>
			<Select
				label={t("cards.filter.kind")}
				inline
				value={kind === "" || kind === "changes" ? "all" : kind}
				onChange={(v) => setQuery({ kind: v === "all" ? null : v })}
				options={[
					{ id: "all", label: t("cards.filter.all") },
					...KINDS.map((id) => ({
						id: id as string,
						label: t(`card.kind.${id}`),
						...counted(kinds?.[id]),
					})),
				]}
			/>
			<Select
				label={t("cards.filter.state")}
				inline
				value={state}
				onChange={(v) => setQuery({ state: v === "open" ? null : v })}
				options={[
					...STATES.map((id) => ({ id: id as string, label: t(`card.state.${id}`), ...counted(states?.[id]) })),
					{ id: "all", label: t("cards.filter.all") },
				]}
			/>
		</>
	);
}

function Vendor() {
	const { query } = usePlace();
	const integrations = useIntegrations();
	return (
		<Select
			label={t("cards.filter.integration")}
			inline
			value={query.get("integration") ?? ""}
			onChange={(v) => setQuery({ integration: v })}
			options={[
				{ id: "", label: t("cards.filter.any") },
				...(integrations.data ?? []).map((i) => ({ id: i.id, label: i.name })),
			]}
		/>
	);
}

function More() {
	const { query } = usePlace();
	const tags = useTags();
	return (
		<>
			<FilterPick
				what="account"
				value={query.get("account") ?? ""}
				onChange={(account) => setQuery({ account, contract: null })}
			/>
			<FilterPick what="product" value={query.get("product") ?? ""} onChange={(product) => setQuery({ product })} />
			<Select
				label={t("cards.filter.tag")}
				inline
				value={query.get("tag") ?? ""}
				onChange={(v) => setQuery({ tag: v })}
				options={[
					{ id: "", label: t("cards.filter.any") },
					...(tags.data ?? []).map((x) => ({ id: x.id, label: x.name })),
				]}
			/>
			{query.has("contract") && (
				<Button size="small" icon="x" onPress={() => setQuery({ contract: null })}>
					{t("cards.filter.one_contract")}
				</Button>
			)}
		</>
	);
}

/** Sorting the other way round is offered where it was chosen, at the head of a column. */
const sortsFor = (sort: string) =>
	(SORTS as readonly string[]).includes(sort) ? [...SORTS] : [...SORTS, sort as (typeof SORTS)[number]];

function Order({
	group,
	sort,
	filters,
	onHelp,
}: {
	group: GroupBy;
	sort: string;
	filters: Filters;
	onHelp: () => void;
}) {
	const { view } = usePrefs();
	return (
		<span className="filters-right">
			<Select
				label={t("cards.group")}
				inline
				value={group}
				onChange={(v) => setQuery({ group: v, open: null })}
				options={GROUPS.map((id) => ({ id, label: t(`cards.group.${id}`) }))}
			/>
			<Select
				label={t("cards.sort")}
				inline
				value={sort}
				onChange={(v) => setQuery({ sort: v })}
				options={sortsFor(sort).map((id) => ({ id: id as string, label: t(`cards.sort.${id}` as Key) }))}
			/>
			<fieldset className="view-switch">
				<legend className="visually-hidden">{t("cards.view")}</legend>
				<Toggle
					icon="cards"
					isSelected={view === "cards"}
					onChange={() => setPrefs({ view: "cards" })}
					aria-label={t("cards.view.cards")}
				/>
				<Toggle
					icon="list"
					isSelected={view === "list"}
					onChange={() => setPrefs({ view: "list" })}
					aria-label={t("cards.view.list")}
				/>
			</fieldset>
			<ExportMenu
				label={t("cards.export")}
				iconOnly
				files={[{ title: t("cards.export"), path: "/cards", query: { ...filters, sort } }]}
			/>
			<IconButton icon="info" label={`${t("cards.shortcuts")} (?)`} onPress={onHelp} className="keys-button" />
		</span>
	);
}

export const isFiltered = (query: URLSearchParams) =>
	[...query.keys()].some((k) => !["view", "group", "sort", "open", "card", "state"].includes(k));

export function FilterBar({
	filters,
	ready,
	group,
	sort,
	search,
	onHelp,
}: {
	filters: Filters;
	ready: boolean;
	group: GroupBy;
	sort: string;
	search: React.Ref<HTMLInputElement>;
	onHelp: () => void;
}) {
	const { query } = usePlace();
	const inUse = MORE.filter((name) => query.has(name)).length;
	const [shown, setShown] = useState(false);
	const changes = query.get("kind") === "changes";
	const clear = () =>
		setQuery(Object.fromEntries([...query.keys()].filter((k) => !["group", "sort"].includes(k)).map((k) => [k, null])));
	return (
		<div className={cx("filters", shown && "filters-shown")}>
			<Search inputRef={search} />
			<Toggle
				isSelected={changes}
				onChange={(on) => setQuery({ kind: on ? "changes" : null })}
				className="filter-changes"
			>
				{t("cards.filter.changes")}
			</Toggle>
			<Toggle icon="filter" isSelected={shown} onChange={setShown} className="filters-toggle">
				{inUse ? t("cards.filters_used", { count: inUse }) : t("cards.filters")}
			</Toggle>
			{(isFiltered(query) || query.has("state")) && (
				<IconButton icon="x" label={t("cards.filter.clear")} onPress={clear} className="filters-clear" />
			)}
			<span className="filters-main">
				<KindAndState filters={filters} ready={ready} />
				<Vendor />
			</span>
			<Order group={group} sort={sort} filters={filters} onHelp={onHelp} />
			{(shown || inUse > 0) && (
				<div className="filters-more">
					<More />
				</div>
			)}
		</div>
	);
}

// Filters, sorting and grouping. All of it lives in the address, so that a link or the back button brings it back.
import { useMemo, useState } from "react";
import { type Key, t } from "../../i18n";
import { setPrefs } from "../../lib/prefs";
import { setQuery, usePlace } from "../../lib/router";
import { usePrefs } from "../../lib/usePrefs";
import { Button, cx, IconButton, SearchField, Select, Toggle } from "../../ui";
import { useIntegrations } from "../integrations/data";
import { type Card, GROUPS, type GroupBy, KINDS, SORTS, STATES, type Summary, useTags } from "./data";

const counted = (n: number | undefined, label: string) => (n === undefined ? label : `${label} (${n})`);

const PINNED = ["account", "product", "contract"] as const;

function Pins({ cards }: { cards: Card[] }) {
	const { query } = usePlace();
	return (
		<>
			{PINNED.map((name) => {
				const id = query.get(name);
				if (!id) return null;
				const known = cards.map((c) => c[name]).find((x) => x?.id === id)?.name ?? id;
				const label = t(`cards.filter.${name}`, { name: known });
				return (
					<Button
						key={name}
						size="small"
						icon="x"
						onPress={() => setQuery({ [name]: null })}
						aria-label={t("cards.filter.remove", { name: label })}
					>
						{label}
					</Button>
				);
			})}
		</>
	);
}

export function FilterBar({
	summary,
	cards,
	group,
	sort,
	search,
	onHelp,
}: {
	summary: Summary | undefined;
	cards: Card[];
	group: GroupBy;
	sort: string;
	search: React.Ref<HTMLInputElement>;
	onHelp: () => void;
}) {
	const { query } = usePlace();
	const { view } = usePrefs();
	const [shown, setShown] = useState(false);
	const integrations = useIntegrations();
	const tags = useTags();
	const kind = query.get("kind") ?? "all";
	const state = query.get("state") ?? "open";
	const kinds = useMemo(
		() => [
			{ id: "all", label: t("cards.filter.all") },
			{ id: "changes", label: t("cards.filter.changes") },
			...KINDS.map((id) => ({
				id: id as string,
				label: counted(kind === "all" ? summary?.kinds[id] : undefined, t(`card.kind.${id}`)),
				detail: t(`card.kind_tip.${id}`),
			})),
		],
		[summary, kind],
	);
	const filtered = [...query.keys()].some((k) => !["view", "group", "sort", "open", "card"].includes(k));
	return (
		<div className={cx("filters", shown && "filters-shown")}>
			<SearchField
				label={t("cards.search")}
				value={query.get("q") ?? ""}
				onChange={(q) => setQuery({ q })}
				className="filter-search"
				inputRef={search}
			/>
			<Toggle icon="filter" isSelected={shown} onChange={setShown} className="filters-toggle">
				{t("cards.filters")}
			</Toggle>
			<Select
				label={t("cards.filter.kind")}
				inline
				value={kind}
				onChange={(v) => setQuery({ kind: v === "all" ? null : v })}
				options={kinds}
			/>
			<Select
				label={t("cards.filter.state")}
				inline
				value={state}
				onChange={(v) => setQuery({ state: v === "open" ? null : v })}
				options={[
					...STATES.map((id) => ({ id: id as string, label: t(`card.state.${id}`) })),
					{ id: "all", label: t("cards.filter.all") },
				]}
			/>
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
			{(tags.data?.length ?? 0) > 0 && (
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
			)}
			<Pins cards={cards} />
			{filtered && (
				<Button
					size="small"
					variant="quiet"
					onPress={() =>
						setQuery(
							Object.fromEntries([...query.keys()].filter((k) => !["group", "sort"].includes(k)).map((k) => [k, null])),
						)
					}
				>
					{t("cards.filter.clear")}
				</Button>
			)}
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
					options={SORTS.map((id) => ({ id: id as string, label: t(`cards.sort.${id}` as Key) }))}
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
				<IconButton icon="info" label={`${t("cards.shortcuts")} (?)`} onPress={onHelp} className="keys-button" />
			</span>
		</div>
	);
}

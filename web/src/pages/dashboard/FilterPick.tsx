// A filter with more choices than a menu holds: a button that says the choice, a search behind it.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button, Dialog, DialogTrigger, ListBox, ListBoxItem, Popover } from "react-aria-components";
import { get, type Page } from "../../api/client";
import { t } from "../../i18n";
import { ErrorNotice, Icon, Loading, Name, SearchField } from "../../ui";
import type { Card } from "./data";

type Item = { id: string; name: string; code?: string | null };

const SHOWN = 50;

/** The name of what is filtered by, from any card that has it. */
function useNameOf(what: "account" | "product", id: string) {
	return useQuery({
		queryKey: ["cards", "named", what, id],
		queryFn: async () => (await get<Page<Card>>("/cards", { [what]: id, limit: 1 })).items[0]?.[what].name ?? id,
		enabled: id !== "",
		staleTime: Number.POSITIVE_INFINITY,
	}).data;
}

function Choices({
	what,
	value,
	onPick,
}: {
	what: "account" | "product";
	value: string;
	onPick: (id: string) => void;
}) {
	const [q, setQ] = useState("");
	const found = useQuery({
		queryKey: ["psa", `${what}s`, "search", q],
		queryFn: ({ signal }) => get<Page<Item>>(`/psa/${what}s`, { q, limit: SHOWN }, signal),
		placeholderData: keepPreviousData,
	});
	const items: Item[] = [...(q ? [] : [{ id: "", name: t("cards.filter.any") }]), ...(found.data?.items ?? [])];
	return (
		<div className="filter-pick">
			<SearchField label={t(`cards.filter.search_${what}`)} value={q} onChange={setQ} autoFocus />
			{found.error ? (
				<ErrorNotice error={found.error} onRetry={() => found.refetch()} />
			) : !found.data ? (
				<Loading rows={3} />
			) : (
				<ListBox
					aria-label={t(`cards.filter.${what}`)}
					className="options"
					selectionMode="single"
					selectedKeys={[value]}
					// Choosing what is chosen already closes too.
					onSelectionChange={(keys) => onPick(keys === "all" ? value : String([...keys][0] ?? value))}
					renderEmptyState={() => <p className="filter-none muted small">{t("cards.filter.none")}</p>}
				>
					{items.map((i) => (
						<ListBoxItem key={i.id} id={i.id} textValue={i.name} className="option">
							<Name>{i.name}</Name>
							{what === "product" && i.code && <span className="option-detail">{i.code}</span>}
						</ListBoxItem>
					))}
				</ListBox>
			)}
			{found.data?.next_cursor && <p className="filter-none muted small">{t("cards.filter.more")}</p>}
		</div>
	);
}

export function FilterPick({
	what,
	value,
	onChange,
}: {
	what: "account" | "product";
	value: string;
	onChange: (id: string) => void;
}) {
	const [isOpen, setOpen] = useState(false);
	const name = useNameOf(what, value);
	return (
		<DialogTrigger isOpen={isOpen} onOpenChange={setOpen}>
			<span className="field field-inline">
				<span className="select-prefix" aria-hidden="true">
					{t(`cards.filter.${what}`)}
				</span>
				<Button
					className="input select-button"
					aria-label={`${t(`cards.filter.${what}`)}: ${value ? (name ?? "") : t("cards.filter.any")}`}
				>
					<span className="select-value">{value ? (name ?? "…") : t("cards.filter.any")}</span>
					<Icon name="down" size={16} />
				</Button>
			</span>
			<Popover className="popover" placement="bottom start">
				<Dialog aria-label={t(`cards.filter.${what}`)}>
					<Choices
						what={what}
						value={value}
						onPick={(id) => {
							setOpen(false);
							onChange(id);
						}}
					/>
				</Dialog>
			</Popover>
		</DialogTrigger>
	);
}

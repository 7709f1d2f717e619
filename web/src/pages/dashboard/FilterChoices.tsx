// What is behind such a filter: a search, and what fits.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type RefObject, useState } from "react";
import { Dialog, ListBox, ListBoxItem, Popover } from "react-aria-components";
import { get, type Page } from "../../api/client";
import { t } from "../../i18n";
import { ErrorNotice, Loading, Name, SearchField } from "../../ui";
import "../../i18n/en/dashboard";

type Item = { id: string; name: string; code?: string | null };

const SHOWN = 50;

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

export function FilterChoices({
	what,
	value,
	onPick,
	...popup
}: {
	what: "account" | "product";
	value: string;
	onPick: (id: string) => void;
	triggerRef: RefObject<HTMLElement | null>;
	isOpen: boolean;
	onOpenChange: (open: boolean) => void;
}) {
	return (
		<Popover {...popup} className="popover" trigger="DialogTrigger" placement="bottom start">
			<Dialog aria-label={t(`cards.filter.${what}`)}>
				<Choices what={what} value={value} onPick={onPick} />
			</Dialog>
		</Popover>
	);
}

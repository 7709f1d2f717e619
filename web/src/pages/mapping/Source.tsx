// The left side of a mapping: what the PSA has, searchable, to be dragged by pointer or keyboard.
import { type ReactNode, useMemo } from "react";
import { Button, GridList, GridListItem, ListLayout, useDragAndDrop, Virtualizer } from "react-aria-components";
import { t } from "../../i18n";
import { Icon, Name, SearchField, Switch } from "../../ui";

export type SourceItem = { id: string; name: string; detail: string | null; used: boolean };

const ROW = 46;

/** True when every word of `q` is somewhere in `text`. */
export const fits = (text: string, q: string) => {
	const folded = text.toLocaleLowerCase();
	return q
		.toLocaleLowerCase()
		.split(/\s+/)
		.every((w) => folded.includes(w));
};

export function Source({
	title,
	searchLabel,
	dragType,
	items,
	q,
	onSearch,
	hideUsed,
	onHideUsed,
	inputRef,
	empty,
	multiple = false,
}: {
	title: string;
	searchLabel: string;
	dragType: string;
	items: SourceItem[];
	q: string;
	onSearch: (q: string) => void;
	hideUsed: boolean;
	onHideUsed: (hide: boolean) => void;
	inputRef?: React.Ref<HTMLInputElement>;
	empty: ReactNode;
	multiple?: boolean;
}) {
	const shown = useMemo(
		() => items.filter((i) => (!hideUsed || !i.used) && (q === "" || fits(`${i.name} ${i.detail ?? ""}`, q))),
		[items, hideUsed, q],
	);
	const { dragAndDropHooks } = useDragAndDrop({
		getItems: (keys) =>
			[...keys].map((key) => ({
				[dragType]: String(key),
				"text/plain": items.find((i) => i.id === key)?.name ?? "",
			})),
		getAllowedDropOperations: () => ["link"],
	});
	return (
		<section className="map-side" aria-label={title}>
			<header className="map-side-head">
				<h2>{title}</h2>
				<Switch isSelected={hideUsed} onChange={onHideUsed}>
					<span className="small">{t("map.hide_mapped")}</span>
				</Switch>
			</header>
			<SearchField label={searchLabel} value={q} onChange={onSearch} {...(inputRef ? { inputRef } : {})} />
			<Virtualizer layout={ListLayout} layoutOptions={{ rowHeight: ROW }}>
				<GridList
					aria-label={title}
					className="map-list"
					items={shown}
					selectionMode={multiple ? "multiple" : "single"}
					dragAndDropHooks={dragAndDropHooks}
					renderEmptyState={() => <p className="map-empty muted">{empty}</p>}
				>
					{(i) => (
						<GridListItem id={i.id} textValue={i.name} className="map-source">
							<Button slot="drag" className="map-grip" aria-label={t("map.drag", { name: i.name })}>
								<Icon name="grip" size={16} />
							</Button>
							<span className="grow">
								<Name className="strong">{i.name}</Name>
								{i.detail && <Name className="small muted">{i.detail}</Name>}
							</span>
							{i.used && <Icon name="link" size={16} className="map-used" />}
						</GridListItem>
					)}
				</GridList>
			</Virtualizer>
		</section>
	);
}

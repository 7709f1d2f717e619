// The menu's way: choose one of the other side in a dialog, suggestions first.
import { useMemo, useState } from "react";
import { ListBox, ListBoxItem, ListLayout, Virtualizer } from "react-aria-components";
import { t } from "../../i18n";
import { Dialog, Name, SearchField } from "../../ui";
import { fits, type SourceItem } from "./Source";

const ROW = 48;

export function Pick({
	title,
	searchLabel,
	items,
	suggested,
	onPick,
	onClose,
}: {
	title: string;
	searchLabel: string;
	items: SourceItem[];
	suggested: { id: string; why: string }[];
	onPick: (item: SourceItem) => void;
	onClose: () => void;
}) {
	const [q, setQ] = useState("");
	const shown = useMemo(() => {
		const why = new Map(suggested.map((s) => [s.id, s.why]));
		const all = items.filter((i) => q === "" || fits(`${i.name} ${i.detail ?? ""}`, q));
		const first = all.filter((i) => why.has(i.id)).map((i) => ({ ...i, detail: why.get(i.id) ?? i.detail }));
		return [...first, ...all.filter((i) => !why.has(i.id))];
	}, [items, suggested, q]);
	return (
		<Dialog title={title} isOpen onClose={onClose}>
			<div className="stack-s">
				<SearchField label={searchLabel} value={q} onChange={setQ} />
				<Virtualizer layout={ListLayout} layoutOptions={{ rowHeight: ROW }}>
					<ListBox
						aria-label={title}
						className="pick-list"
						items={shown}
						onAction={(key) => {
							const item = items.find((i) => i.id === key);
							if (item) onPick(item);
						}}
						renderEmptyState={() => <p className="map-empty muted">{t("map.none_fit")}</p>}
					>
						{(i) => (
							<ListBoxItem id={i.id} textValue={i.name} className="pick-item">
								<Name className="strong">{i.name}</Name>
								{i.detail && <Name className="small muted">{i.detail}</Name>}
							</ListBoxItem>
						)}
					</ListBox>
				</Virtualizer>
			</div>
		</Dialog>
	);
}

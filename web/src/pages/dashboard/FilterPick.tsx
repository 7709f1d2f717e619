// A filter with more choices than a menu holds: a button that says the choice, a search behind it.
import { useQuery } from "@tanstack/react-query";
import { Button } from "react-aria-components";
import { get, type Page } from "../../api/client";
import { t } from "../../i18n";
import { Icon, later } from "../../ui";
import { useOpener } from "../../ui/opener";
import type { Card } from "./data";

const FilterChoices = later(() => import("./FilterChoices").then((m) => m.FilterChoices));

/** The name of what is filtered by, from any card that has it. */
function useNameOf(what: "account" | "product", id: string) {
	return useQuery({
		queryKey: ["cards", "named", what, id],
		queryFn: async () => (await get<Page<Card>>("/cards", { [what]: id, limit: 1 })).items[0]?.[what].name ?? id,
		enabled: id !== "",
		staleTime: Number.POSITIVE_INFINITY,
	}).data;
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
	const { button, popup, opened, close } = useOpener("dialog", FilterChoices.preload);
	const name = useNameOf(what, value);
	return (
		<>
			<span className="field field-inline">
				<span className="select-prefix" aria-hidden="true">
					{t(`cards.filter.${what}`)}
				</span>
				<Button
					{...button}
					className="input select-button"
					aria-label={`${t(`cards.filter.${what}`)}: ${value ? (name ?? "") : t("cards.filter.any")}`}
				>
					<span className="select-value">{value ? (name ?? "…") : t("cards.filter.any")}</span>
					<Icon name="down" size={16} />
				</Button>
			</span>
			{opened && (
				<FilterChoices
					{...popup}
					what={what}
					value={value}
					onPick={(id) => {
						close();
						onChange(id);
					}}
				/>
			)}
		</>
	);
}

import { useMemo, useState } from "react";
import { t } from "../../i18n";
import { Checkbox, toastError } from "../../ui";
import { useActions } from "./actions";
import { cardsThatFit, DECIDE_MAX, type Filters, type Group, type GroupBy } from "./data";

export type By = Exclude<GroupBy, "none">;

/** The filters of one fold; what has no contract is asked for by a word. */
export const within = (filters: Filters, group: By, id: string): Filters =>
	group === "contract" ? { ...filters, contract: id || "none" } : { ...filters, [group]: id };

/** Selects all cards of a group, those that are not loaded too. */
export function GroupCheck({
	of,
	filters,
	group,
	sort,
}: {
	of: Pick<Group, "id" | "name" | "total">;
	filters: Filters;
	group: By;
	sort: string;
}) {
	const { selection } = useActions();
	const [busy, setBusy] = useState(false);
	const mine = useMemo(
		() => selection.cards.filter((c) => ((group === "contract" ? c.contract?.id : c[group].id) ?? "") === of.id),
		[selection.cards, group, of.id],
	);
	const choose = async (on: boolean) => {
		if (!on) return selection.remove(mine);
		setBusy(true);
		try {
			selection.add((await cardsThatFit(within(filters, group, of.id), sort)).slice(0, DECIDE_MAX));
		} catch (error) {
			toastError(error);
		}
		setBusy(false);
	};
	return (
		<Checkbox
			aria-label={`${t("cards.select_group")}: ${of.name || t("card.no_contract")}`}
			isSelected={mine.length > 0 && mine.length >= Math.min(of.total, DECIDE_MAX)}
			isIndeterminate={mine.length > 0 && mine.length < Math.min(of.total, DECIDE_MAX)}
			isDisabled={busy}
			onChange={choose}
			className="fold-check"
		/>
	);
}

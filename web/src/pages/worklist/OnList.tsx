import { t } from "../../i18n";
import { ButtonLink, Notice } from "../../ui";
import { useWorklist } from "./data";

/** Says that there is work to be done by hand, where one would wonder why nothing changes. */
export function OnList() {
	const count = useWorklist().data?.length ?? 0;
	if (count === 0) return null;
	return (
		<Notice
			action={
				<ButtonLink size="small" href="/worklist">
					{t("decide.open_list")}
				</ButtonLink>
			}
		>
			{t("cards.on_list", { count })}
		</Notice>
	);
}

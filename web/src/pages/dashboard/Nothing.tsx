import { usePsa } from "../../api/hooks";
import { t } from "../../i18n";
import { ButtonLink, Empty } from "../../ui";

/** `any`: there are cards, in another state or of another kind. */
export function Nothing({ state, filtered, any }: { state: string; filtered: boolean; any: boolean }) {
	const psa = usePsa();
	if (filtered || (any && state !== "open"))
		return (
			<Empty
				icon="filter"
				title={t("cards.empty_filtered")}
				action={<ButtonLink href="/">{t("cards.filter.clear")}</ButtonLink>}
			/>
		);
	if (any)
		return (
			<Empty
				icon="check"
				title={t("cards.empty_done")}
				action={<ButtonLink href="/?state=all">{t("cards.show_decided")}</ButtonLink>}
			>
				{t("cards.empty_done_text")}
			</Empty>
		);
	return (
		<Empty
			icon="dashboard"
			title={t("cards.empty_none")}
			action={
				psa.data === null ? (
					<ButtonLink variant="primary" href="/settings/psa">
						{t("cards.empty_psa")}
					</ButtonLink>
				) : (
					<ButtonLink href="/integrations">{t("nav.integrations")}</ButtonLink>
				)
			}
		>
			{t("cards.empty_none_text")}
		</Empty>
	);
}

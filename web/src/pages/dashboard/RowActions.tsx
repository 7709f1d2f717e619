import { t } from "../../i18n";
import { Button, IconButton } from "../../ui";
import { useActions } from "./actions";
import type { Card } from "./data";
import { canApprove, canConfirm, canDismiss, canReopen, cardName } from "./parts";

/** The next step of one card first, the rest as icons. */
export function RowActions({ card }: { card: Card }) {
	const { approve, dismiss, confirm, reopen, open, mayDecide } = useActions();
	const name = cardName(card);
	const next = card.kind === "new_revenue" ? t("cards.review") : t("cards.approve");
	const label = (action: string) => `${action}: ${name}`;
	return (
		<span className="card-actions">
			{mayDecide && canApprove(card) && (
				<Button size="small" variant="primary" onPress={() => approve([card])} aria-label={label(next)}>
					{next}
				</Button>
			)}
			{mayDecide && canConfirm(card) && (
				<Button size="small" onPress={() => confirm([card])} aria-label={label(t("cards.confirm"))}>
					{t("cards.confirm")}
				</Button>
			)}
			{mayDecide && canReopen(card) && (
				<Button size="small" onPress={() => reopen([card])} aria-label={label(t("cards.reopen"))}>
					{t("cards.reopen")}
				</Button>
			)}
			{mayDecide && canDismiss(card) && (
				<IconButton size="small" icon="ban" label={label(t("cards.dismiss"))} onPress={() => dismiss([card])} />
			)}
			<IconButton size="small" icon="right" label={t("cards.open_details", { name })} onPress={() => open(card)} />
		</span>
	);
}

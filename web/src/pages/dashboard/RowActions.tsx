import { t } from "../../i18n";
import { cx, Icon, type IconName } from "../../ui";
import { useActions } from "./actions";
import type { Card } from "./data";
import { canApprove, canConfirm, canDismiss, canReopen, cardName } from "./parts";

/** A button of its own: there are hundreds on the screen while it scrolls, so each is as light as can be. */
function Press({
	label,
	words,
	icon,
	primary = false,
	onPress,
}: {
	label: string;
	words?: string;
	icon?: IconName;
	primary?: boolean;
	onPress: () => void;
}) {
	return (
		<button
			type="button"
			className={cx(
				"button button-small",
				words ? (primary ? "button-primary" : "button-secondary") : "button-quiet button-icon",
			)}
			aria-label={label}
			title={words ? undefined : label}
			onClick={onPress}
		>
			{icon && <Icon name={icon} size={18} />}
			{words && <span className="button-label">{words}</span>}
		</button>
	);
}

/** The next step of one card first, the rest as icons. */
export function RowActions({ card }: { card: Card }) {
	const { approve, dismiss, confirm, reopen, open, mayDecide } = useActions();
	const name = cardName(card);
	const next = card.kind === "new_revenue" ? t("cards.review") : t("cards.approve");
	const label = (action: string) => `${action}: ${name}`;
	return (
		<span className="card-actions">
			{mayDecide && canApprove(card) && (
				<Press label={label(next)} words={next} primary onPress={() => approve([card])} />
			)}
			{mayDecide && canConfirm(card) && (
				<Press label={label(t("cards.confirm"))} words={t("cards.confirm")} onPress={() => confirm([card])} />
			)}
			{mayDecide && canReopen(card) && (
				<Press label={label(t("cards.reopen"))} words={t("cards.reopen")} onPress={() => reopen([card])} />
			)}
			{mayDecide && canDismiss(card) && (
				<Press label={label(t("cards.dismiss"))} icon="ban" onPress={() => dismiss([card])} />
			)}
			<Press label={t("cards.open_details", { name })} icon="right" onPress={() => open(card)} />
		</span>
	);
}

// What is selected, what it comes to, and what can be done with it.
import { t } from "../../i18n";
import { currencyOf, sum } from "../../lib/format";
import { Button, IconButton } from "../../ui";
import type { Actions } from "./actions";
import type { Card } from "./data";
import { canApprove, canConfirm, canDismiss, canReopen, Money } from "./parts";

/** What the cards change in all, by currency. */
function sumsOf(cards: Card[]) {
	const currencies = [...new Set(cards.map((c) => currencyOf(c.currency)))];
	return currencies.map((currency) => ({
		currency,
		value: sum(cards.filter((c) => currencyOf(c.currency) === currency).map((c) => c.change_money)),
	}));
}

export function SelectionBar({
	actions,
	onAll,
	gathering,
}: {
	actions: Actions;
	onAll: () => void;
	gathering: boolean;
}) {
	const { selection, approve, dismiss, confirm, reopen, mayDecide } = actions;
	const { cards } = selection;
	if (cards.length === 0) return null;
	const forApproval = cards.filter(canApprove);
	const forConfirmation = cards.filter(canConfirm);
	const forDismissal = cards.filter(canDismiss);
	const forReopening = cards.filter(canReopen);
	const money = sumsOf(forApproval);
	return (
		<section className="selection-bar" aria-label={t("cards.selected", { count: cards.length })}>
			<IconButton size="small" icon="x" label={t("cards.clear_selection")} onPress={selection.clear} />
			<span className="strong" role="status">
				{t("cards.selected", { count: cards.length })}
			</span>
			{money.map((m) => (
				<span key={m.currency} className="selection-money">
					<Money value={m.value} currency={m.currency} />
				</span>
			))}
			<Button size="small" variant="quiet" onPress={onAll} isPending={gathering}>
				{t("cards.select_all")}
			</Button>
			{mayDecide && (
				<span className="selection-actions">
					{forReopening.length > 0 && (
						<Button size="small" onPress={() => reopen(forReopening)}>
							{t("cards.reopen")}
						</Button>
					)}
					<Button size="small" onPress={() => dismiss(forDismissal)} isDisabled={forDismissal.length === 0}>
						{t("cards.dismiss")}
					</Button>
					<Button size="small" onPress={() => confirm(forConfirmation)} isDisabled={forConfirmation.length === 0}>
						{t("cards.confirm")}
					</Button>
					<Button
						size="small"
						icon="calendar"
						className="selection-date"
						onPress={() => approve(forApproval, true)}
						isDisabled={forApproval.length === 0}
					>
						{t("cards.set_date")}
					</Button>
					<Button
						size="small"
						variant="primary"
						onPress={() => approve(forApproval)}
						isDisabled={forApproval.length === 0}
					>
						{t("cards.approve")}
					</Button>
				</span>
			)}
		</section>
	);
}

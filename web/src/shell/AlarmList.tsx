// What is behind the sign: each alarm, since when, and the way to where it is looked after.
import type { RefObject } from "react";
import { Dialog, Popover } from "react-aria-components";
import type { Alarm } from "../api/types";
import { t, word } from "../i18n";
import { ago } from "../lib/format";
import { ButtonLink, Icon } from "../ui";
import "../i18n/en/alarm";

export function AlarmList({
	alarms,
	...popup
}: {
	alarms: Alarm[];
	triggerRef: RefObject<HTMLElement | null>;
	isOpen: boolean;
	onOpenChange: (open: boolean) => void;
}) {
	return (
		<Popover {...popup} className="popover" trigger="DialogTrigger" placement="bottom end">
			<Dialog className="sync-list" aria-label={t("alarms.count", { count: alarms.length })}>
				<ul className="stack">
					{alarms.map((a) => (
						<li key={a.name} className="alarm">
							<Icon name="warning" size={18} />
							<span>
								<span className="strong">{word("alarm", a.name)}</span>
								<span className="small">{a.detail}</span>
								<span className="small muted">{t("alarm.since", { when: ago(a.since) })}</span>
							</span>
						</li>
					))}
				</ul>
				<ButtonLink href="/sync" size="small" onPress={() => popup.onOpenChange(false)}>
					{t("alarms.where")}
				</ButtonLink>
			</Dialog>
		</Popover>
	);
}

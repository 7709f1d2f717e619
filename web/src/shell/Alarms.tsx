// The sign in the header that something needs a person, on every page, while it does.
import { useAlarms } from "../api/hooks";
import { t, word } from "../i18n";
import { Button, Icon, later } from "../ui";
import { useOpener } from "../ui/opener";
import "../i18n/en/alarm";

const AlarmList = later(() => import("./AlarmList").then((m) => m.AlarmList));

export function Alarms() {
	const list = useAlarms().data ?? [];
	const { button, popup, opened } = useOpener("dialog", AlarmList.preload);
	const count = list.length;
	return (
		<>
			<span className="visually-hidden" role="status">
				{count > 0 && t("alarms.said", { count, name: word("alarm", list[0]?.name ?? "") })}
			</span>
			{count > 0 && (
				<Button {...button} variant="quiet" className="alarm-button" aria-label={t("alarms.count", { count })}>
					<Icon name="bell" size={20} />
					<span className="alarm-count" aria-hidden="true">
						{count}
					</span>
				</Button>
			)}
			{opened && count > 0 && <AlarmList {...popup} alarms={list} />}
		</>
	);
}

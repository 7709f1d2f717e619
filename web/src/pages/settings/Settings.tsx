// Settings, one tab a subject; the tab is in the address.
import { useEffect, useRef } from "react";
import { Link } from "react-aria-components";
import { useCan } from "../../api/hooks";
import { t } from "../../i18n";
import { usePlace } from "../../lib/router";
import { Notice, PageHead } from "../../ui";
import { Appearance } from "./Appearance";
import { Approvals } from "./Approvals";
import { Organization } from "./Organization";
import { People } from "./People";
import { Psa } from "./Psa";
import { Schedule } from "./Schedule";
import { SingleSignOn } from "./Sso";
import { Tokens } from "./Tokens";
import { You } from "./You";
import "../../i18n/en/settings";
import "../../i18n/en/sso";
import "../../i18n/en/dashboard";
import "../../i18n/en/setup";
import "../../i18n/en/switch";
import "./settings.css";

const TABS = {
	psa: Psa,
	sync: Schedule,
	organization: Organization,
	people: People,
	sso: SingleSignOn,
	approvals: Approvals,
	tokens: Tokens,
	appearance: Appearance,
	you: You,
};
type Tab = keyof typeof TABS;

/** These show something to everybody. */
const FOR_ALL: Tab[] = ["appearance", "you"];

export function Settings() {
	const { parts } = usePlace();
	const can = useCan();
	const asked = parts[1] as Tab | undefined;
	const tab: Tab = asked && asked in TABS ? asked : can.administer ? "psa" : "appearance";
	const Content = TABS[tab];
	const tabs = useRef<HTMLElement>(null);
	// On a phone the tabs are a row that scrolls; the one that is open must be seen.
	useEffect(() => {
		const open = tabs.current?.querySelector<HTMLElement>(`[href$="/${tab}"]`);
		if (open && tabs.current) tabs.current.scrollLeft = open.offsetLeft - tabs.current.offsetLeft - 40;
	}, [tab]);
	const allowed = can.administer || FOR_ALL.includes(tab);
	return (
		<div className="page">
			<PageHead title={t("settings.title")} />
			<div className="settings">
				<nav ref={tabs} className="settings-tabs" aria-label={t("settings.tabs")}>
					{(Object.keys(TABS) as Tab[]).map((id) => (
						<Link
							key={id}
							href={`/settings/${id}`}
							className="settings-tab"
							aria-current={id === tab ? "page" : undefined}
						>
							{t(`settings.tab.${id}`)}
						</Link>
					))}
				</nav>
				<div className="settings-body">{allowed ? <Content /> : <Notice>{t("settings.admin_only")}</Notice>}</div>
			</div>
		</div>
	);
}

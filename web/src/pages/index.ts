// The pages behind the tabs, by the first part of their address.
import type { ComponentType } from "react";
import type { Key } from "../i18n";
import { Activity } from "./activity/Activity";
import { Dashboard } from "./dashboard/Dashboard";
import { Imports } from "./imports/Imports";
import { Integrations } from "./integrations/Integrations";
import { Mapping } from "./mapping/Mapping";
import { Settings } from "./settings/Settings";
import { Sync } from "./sync/Sync";
import { Worklist } from "./worklist/Worklist";

export const PAGES: Record<string, { title: Key; component: ComponentType }> = {
	"": { title: "nav.dashboard", component: Dashboard },
	integrations: { title: "nav.integrations", component: Integrations },
	imports: { title: "nav.imports", component: Imports },
	sync: { title: "nav.sync", component: Sync },
	mapping: { title: "nav.mapping", component: Mapping },
	settings: { title: "nav.settings", component: Settings },
	worklist: { title: "worklist.title", component: Worklist },
	activity: { title: "nav.activity", component: Activity },
};

import type { Catalogue } from "..";
import { activity } from "./activity";
import { alarm } from "./alarm";
import { common } from "./common";
import { costs } from "./costs";
import { dashboard } from "./dashboard";
import { decide } from "./decide";
import { events } from "./events";
import { imports } from "./imports";
import { integrations } from "./integrations";
import { mapping } from "./mapping";
import { settings } from "./settings";
import { setup } from "./setup";
import { sso } from "./sso";
import { psaSwitch } from "./switch";
import { sync } from "./sync";
import { worklist } from "./worklist";

export const de: Catalogue = {
	...activity,
	...alarm,
	...common,
	...costs,
	...dashboard,
	...decide,
	...events,
	...imports,
	...integrations,
	...mapping,
	...settings,
	...setup,
	...psaSwitch,
	...sso,
	...sync,
	...worklist,
};

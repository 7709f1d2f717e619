// All English keys, for the compiler only: a page imports the parts it speaks.
import type { activity } from "./activity";
import type { alarm } from "./alarm";
import type { common } from "./common";
import type { costs } from "./costs";
import type { dashboard } from "./dashboard";
import type { decide } from "./decide";
import type { events } from "./events";
import type { imports } from "./imports";
import type { integrations } from "./integrations";
import type { mapping } from "./mapping";
import type { settings } from "./settings";
import type { setup } from "./setup";
import type { sso } from "./sso";
import type { psaSwitch } from "./switch";
import type { sync } from "./sync";
import type { worklist } from "./worklist";

export type English = typeof activity &
	typeof alarm &
	typeof common &
	typeof costs &
	typeof dashboard &
	typeof decide &
	typeof events &
	typeof imports &
	typeof integrations &
	typeof mapping &
	typeof settings &
	typeof setup &
	typeof sso &
	typeof psaSwitch &
	typeof sync &
	typeof worklist;

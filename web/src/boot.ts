// Before the first paint: the chosen appearance and language, so that neither flashes.
import { applyPrefs } from "./lib/prefs";

applyPrefs();

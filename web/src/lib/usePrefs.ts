import { useSyncExternalStore } from "react";
import { onPrefs, prefs } from "./prefs";

export const usePrefs = () => useSyncExternalStore(onPrefs, prefs);

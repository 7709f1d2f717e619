import type { Integration } from "../../api/types";
import { t } from "../../i18n";
import { date } from "../../lib/format";

/** What to do about a key that is about to end, or has ended. */
export const keyEnds = (name: string, c: NonNullable<Integration["credentials"]>) =>
	t(c.days_left < 0 ? "integrations.key_ended" : "integrations.key_ends", { name, when: date(c.expire) });

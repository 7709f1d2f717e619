import { words } from "../words";

export const alarm = words({
	"alarms.count": { one: "{count} alarm", other: "{count} alarms" },
	"alarms.said": { one: "There is an alarm: {name}", other: "There are {count} alarms" },
	"alarms.where": "To Sync status",
	"alarms.card": "See the alarm",
	"alarm.outbox_age": "A change waits for the PSA",
	"alarm.unknown_outcomes": "An outcome is not known",
	"alarm.sync_age": "The PSA was not read for long",
	"alarm.credentials": "A vendor’s key ends",
	"alarm.disk": "The disk is nearly full",
	"alarm.since": "Since {when}.",
});

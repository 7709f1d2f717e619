export const alarm = {
	"alarms.count": { one: "{count} Alarm", other: "{count} Alarme" },
	"alarms.said": { one: "Es gibt einen Alarm: {name}", other: "Es gibt {count} Alarme" },
	"alarms.where": "Zum Abgleich",
	"alarms.card": "Alarm ansehen",
	"alarm.outbox_age": "Eine Änderung wartet auf das PSA",
	"alarm.unknown_outcomes": "Ein Ergebnis ist nicht bekannt",
	"alarm.sync_age": "Das PSA wurde lange nicht gelesen",
	"alarm.credentials": "Ein Herstellerschlüssel endet",
	"alarm.disk": "Die Platte ist fast voll",
	"alarm.since": "Seit {when}.",
} as const;

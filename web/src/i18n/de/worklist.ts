export const worklist = {
	"worklist.text":
		"Freigegebene Änderungen, die eine Person im PSA macht. Haken Sie ab, was erledigt ist; das nächste Lesen urteilt.",
	"worklist.csv": "Als CSV herunterladen",
	"worklist.empty": "Nichts von Hand zu tun",
	"worklist.empty_text":
		"Freigegebene Änderungen kommen hierher, wenn das verbundene PSA nicht beschrieben werden kann.",
	"worklist.done": "Erledigt",
	"worklist.not_done": "Nicht erledigt",
	"worklist.done_said": { one: "Eine abgehakt", other: "{count} abgehakt" },
	"worklist.not_done_title": "Von der Liste nehmen?",
	"worklist.not_done_text": "Im PSA wurde nichts geändert. Die Karte ist wieder offen, mit dieser Bemerkung.",
	"worklist.note": "Warum",
	"worklist.by": "freigegeben von {name}, {when}",
	"worklist.select_all": "Alle auswählen",
	"worklist.select": "{name} auswählen",
	"worklist.done_selected": { one: "Erledigt: eine", other: "Erledigt: {count}" },
	"decide.open_list": "Arbeitsliste öffnen",
};

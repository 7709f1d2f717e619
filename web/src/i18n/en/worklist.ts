import { words } from "../words";

export const worklist = words({
	"worklist.text":
		"Approved changes that a person makes in the PSA. Tick off what is done; the next reading is the judge.",
	"worklist.csv": "Download as CSV",
	"worklist.empty": "Nothing to do by hand",
	"worklist.empty_text": "Approved changes come here when the connected PSA cannot be written.",
	"worklist.done": "Done",
	"worklist.not_done": "Not done",
	"worklist.done_said": { one: "One ticked off", other: "{count} ticked off" },
	"worklist.not_done_title": "Take it off the list?",
	"worklist.not_done_text": "Nothing was changed in the PSA. Its card is open again, with this note.",
	"worklist.note": "Why",
	"worklist.by": "approved by {name}, {when}",
	"worklist.select_all": "Select all",
	"worklist.select": "Select {name}",
	"worklist.done_selected": { one: "Done: one", other: "Done: {count}" },
	"decide.open_list": "Open the work list",
});

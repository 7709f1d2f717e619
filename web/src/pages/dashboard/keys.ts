// The keyboard of the dashboard: j and k move, one key for each decision. Off while somebody types or a dialog is open.
import { useEffect } from "react";
import { usePrefs } from "../../lib/usePrefs";

/** `busy`: something opens, or is open. */
export function useKeys(handlers: Record<string, () => void>, busy: boolean) {
	const { shortcuts } = usePrefs();
	useEffect(() => {
		if (!shortcuts || busy) return;
		const onKey = (e: KeyboardEvent) => {
			const target = e.target as HTMLElement;
			if (e.ctrlKey || e.metaKey || e.altKey || e.isComposing) return;
			if (
				target.closest(
					"input, textarea, select, [contenteditable], [role=dialog], [role=alertdialog], [role=menu], [role=listbox]",
				)
			)
				return;
			if (document.querySelector("[role=dialog], [role=alertdialog]")) return;
			const run = handlers[e.key];
			if (!run) return;
			e.preventDefault();
			run();
		};
		document.addEventListener("keydown", onKey);
		return () => document.removeEventListener("keydown", onKey);
	}, [handlers, shortcuts, busy]);
}

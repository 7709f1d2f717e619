// The keyboard of the dashboard: j and k move, one key for each decision. Off while somebody types or a dialog is open.
import { useEffect } from "react";
import { type Key, t } from "../../i18n";
import { usePrefs } from "../../lib/usePrefs";
import { Dialog } from "../../ui";

export const KEYS: [string, Key][] = [
	["j", "keys.next"],
	["k", "keys.previous"],
	["x", "keys.select"],
	["a", "keys.approve"],
	["d", "keys.dismiss"],
	["e", "keys.edit"],
	["/", "keys.search"],
	["?", "keys.help"],
];

export function useKeys(handlers: Record<string, () => void>) {
	const { shortcuts } = usePrefs();
	useEffect(() => {
		if (!shortcuts) return;
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
	}, [handlers, shortcuts]);
}

export function KeysHelp({ onClose }: { onClose: () => void }) {
	return (
		<Dialog title={t("cards.shortcuts")} isOpen onClose={onClose} size="small">
			<dl className="keys">
				{KEYS.map(([key, words]) => (
					<div key={key}>
						<dt>
							<kbd>{key}</kbd>
						</dt>
						<dd>{t(words)}</dd>
					</div>
				))}
			</dl>
			<p className="small muted">{t("keys.off")}</p>
		</Dialog>
	);
}

import { type Key, t } from "../../i18n";
import { Dialog } from "../../ui";
import "../../i18n/en/decide";
import "../../i18n/en/dashboard";

const KEYS: [string, Key][] = [
	["j", "keys.next"],
	["k", "keys.previous"],
	["x", "keys.select"],
	["a", "keys.approve"],
	["d", "keys.dismiss"],
	["e", "keys.edit"],
	["/", "keys.search"],
	["?", "keys.help"],
];

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

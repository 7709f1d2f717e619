import { t } from "../../i18n";
import { type Prefs, setPrefs } from "../../lib/prefs";
import { usePrefs } from "../../lib/usePrefs";
import { Choices, Panel, Select, Switch } from "../../ui";

const THEMES: Prefs["theme"][] = ["auto", "light", "dark"];
const LANGUAGES: Prefs["language"][] = ["auto", "en", "de"];

export function Appearance() {
	const p = usePrefs();
	return (
		<Panel title={t("settings.tab.appearance")} text={t("settings.appearance_text")}>
			<div className="form">
				<Choices
					label={t("settings.theme")}
					value={p.theme}
					onChange={(theme) => setPrefs({ theme })}
					options={THEMES.map((id) => ({ id, label: t(`theme.${id}`) }))}
				/>
				<Select
					label={t("user.language")}
					help={t("settings.language_help")}
					value={p.language}
					onChange={(language) => setPrefs({ language })}
					options={LANGUAGES.map((id) => ({ id, label: t(`language.${id}`) }))}
				/>
				<div className="stack-s">
					<Switch isSelected={p.shortcuts} onChange={(shortcuts) => setPrefs({ shortcuts })}>
						{t("settings.shortcuts")}
					</Switch>
					<span className="field-help">{t("settings.shortcuts_help")}</span>
				</div>
			</div>
		</Panel>
	);
}

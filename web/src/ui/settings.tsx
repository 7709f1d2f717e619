// A form made of the settings[] that the server describes (of a PSA or a vendor).
import type { Setting } from "../api/types";
import { t } from "../i18n";
import { TextField } from "./field";
import { Switch } from "./switch";
import { Select } from "./select";

export type SettingValues = Record<string, string>;

const TYPES: Record<string, "text" | "url" | "password"> = { url: "url", password: "password" };

export function SettingFields({
	settings,
	values,
	onChange,
	errorAt,
	secretsStored = false,
}: {
	settings: Setting[];
	values: SettingValues;
	onChange: (values: SettingValues) => void;
	errorAt: (name: string) => string | undefined;
	secretsStored?: boolean;
}) {
	return (
		<>
			{settings.map((s) => {
				const value = values[s.name] ?? s.default ?? "";
				const set = (v: string) => onChange({ ...values, [s.name]: v });
				const label = s.required || s.type === "bool" ? s.label : `${s.label} (${t("field.optional")})`;
				if (s.type === "bool")
					return (
						<div key={s.name} className="stack-s">
							<Switch isSelected={value === "true"} onChange={(on) => set(String(on))}>
								{label}
							</Switch>
							{s.help && <span className="field-help">{s.help}</span>}
						</div>
					);
				if (s.type === "choice" && s.choices)
					return (
						<Select
							key={s.name}
							label={label}
							value={value}
							onChange={set}
							help={s.help}
							error={errorAt(s.name)}
							options={s.choices.map((c) => ({ id: c, label: c }))}
						/>
					);
				const kept = s.secret && secretsStored;
				return (
					<TextField
						key={s.name}
						label={label}
						help={kept ? t("field.secret_kept") : s.help}
						type={s.secret ? "password" : (TYPES[s.type] ?? "text")}
						inputMode={s.type === "number" ? "decimal" : "text"}
						{...(s.type === "date" ? { placeholder: "YYYY-MM-DD" } : {})}
						autoComplete="off"
						value={value}
						onChange={set}
						error={errorAt(s.name)}
					/>
				);
			})}
		</>
	);
}

/** Whether every required one is filled in. */
export const settingsComplete = (settings: Setting[], values: SettingValues, secretsStored: boolean) =>
	settings.every((s) => !s.required || (s.secret && secretsStored) || (values[s.name] ?? s.default ?? "") !== "");

/** What is typed in, and the defaults of the rest; empty ones are left out. */
export const withDefaults = (settings: Setting[], values: SettingValues): SettingValues =>
	Object.fromEntries(
		settings.map((s) => [s.name, values[s.name] ?? s.default ?? ""] as const).filter(([, value]) => value !== ""),
	);

/** Once they work they are with the server, and need not stand on the screen. */
export const withoutSecrets = (settings: Setting[], values: SettingValues): SettingValues => {
	const secret = new Set(settings.filter((s) => s.secret).map((s) => s.name));
	return Object.fromEntries(Object.entries(values).filter(([name]) => !secret.has(name)));
};

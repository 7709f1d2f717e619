// Something to take along: a field that shows it, and a button that copies it.
import { useId, useState } from "react";
import { t } from "../i18n";
import { Button } from "./button";
import { toast } from "./toast";

export async function copyText(text: string, field?: HTMLInputElement | null) {
	try {
		await navigator.clipboard.writeText(text);
		toast(t("action.copied"));
	} catch {
		// Without the right to the clipboard (plain http): select it, and one key is left to press.
		field?.focus();
		field?.select();
		if (!field) toast(t("action.copy_by_hand"), { tone: "warn" });
	}
}

export function CopyField({ label, value, action }: { label: string; value: string; action?: string }) {
	const id = useId();
	const [field, setField] = useState<HTMLInputElement | null>(null);
	return (
		<div className="field">
			<label htmlFor={id} className="field-label">
				{label}
			</label>
			<span className="copy-row">
				<input
					id={id}
					ref={setField}
					className="input mono"
					readOnly
					value={value}
					onFocus={(e) => e.currentTarget.select()}
				/>
				<Button icon="copy" onPress={() => copyText(value, field)}>
					{action ?? t("action.copy")}
				</Button>
			</span>
		</div>
	);
}

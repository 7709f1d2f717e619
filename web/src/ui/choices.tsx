import { Label, Radio, RadioGroup } from "react-aria-components";
import type { Option } from "./select";

/** A few choices, all visible, each with a line that says what it means. */
export function Choices<K extends string>({
	label,
	options,
	value,
	onChange,
	hideLabel,
}: {
	label: string;
	options: Option<K>[];
	value: K | null;
	onChange: (value: K) => void;
	hideLabel?: boolean;
}) {
	return (
		<RadioGroup
			value={value ?? ""}
			onChange={(v) => onChange(v as K)}
			className="choices"
			{...(hideLabel ? { "aria-label": label } : {})}
		>
			{!hideLabel && <Label className="field-label">{label}</Label>}
			<div className="choices-list">
				{options.map((o) => (
					<Radio key={o.id} value={o.id} className="choice">
						<span className="choice-dot" aria-hidden="true" />
						<span className="choice-text">
							<span className="choice-label">{o.label}</span>
							{o.detail && <span className="choice-detail">{o.detail}</span>}
						</span>
					</Radio>
				))}
			</div>
		</RadioGroup>
	);
}

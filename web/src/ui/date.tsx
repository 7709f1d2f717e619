import { type ReactNode, useId } from "react";

/** A day, by the browser's own picker. */
export function DateField({
	label,
	value,
	onChange,
	min,
	help,
	error,
	autoFocus = false,
}: {
	label: string;
	value: string;
	onChange: (value: string) => void;
	min?: string;
	autoFocus?: boolean;
	help?: ReactNode;
	error?: string | undefined;
}) {
	const id = useId();
	return (
		<div className="field">
			<label className="field-label" htmlFor={id}>
				{label}
			</label>
			<input
				id={id}
				type="date"
				className="input"
				// biome-ignore lint/a11y/noAutofocus: only where a person asked for this field
				autoFocus={autoFocus}
				value={value}
				min={min}
				aria-invalid={!!error}
				aria-describedby={help || error ? `${id}-help` : undefined}
				onChange={(e) => onChange(e.target.value)}
			/>
			{(help || error) && (
				<span id={`${id}-help`} className={error ? "field-error" : "field-help"}>
					{error ?? help}
				</span>
			)}
		</div>
	);
}

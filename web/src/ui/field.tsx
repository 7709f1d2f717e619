// Fields: a label above, help below, the error in words below that. The error takes the place of the help, so
// nothing jumps more than a line.
import { type ReactNode, useId, useState } from "react";
import {
	Button,
	Checkbox as AriaCheckbox,
	type CheckboxProps,
	FieldError,
	Input,
	Label,
	Radio,
	RadioGroup,
	SearchField as AriaSearchField,
	Switch as AriaSwitch,
	type SwitchProps,
	Text,
	TextArea,
	TextField as AriaTextField,
	type TextFieldProps,
} from "react-aria-components";
import { t } from "../i18n";
import { cx } from "./cx";
import { Icon } from "./icons";
import type { Option } from "./select";

type Extra = { label: string; help?: ReactNode; error?: string | undefined; placeholder?: string };

export function TextField({
	label,
	help,
	error,
	placeholder,
	multiline,
	className,
	...rest
}: Omit<TextFieldProps, "className"> & Extra & { multiline?: boolean; className?: string }) {
	const [shown, setShown] = useState(false);
	const secret = rest.type === "password";
	return (
		<AriaTextField
			{...rest}
			type={secret && shown ? "text" : (rest.type ?? "text")}
			isInvalid={!!error}
			// What the server said no to must not keep the browser from sending the next try.
			validationBehavior="aria"
			className={cx("field", className)}
		>
			<Label className="field-label">
				{label}
				{rest.isRequired && <span className="field-required"> ({t("field.required")})</span>}
			</Label>
			<div className={cx("field-box", multiline && "field-box-tall")}>
				{multiline ? (
					<TextArea className="input" rows={3} placeholder={placeholder} />
				) : (
					<Input className="input" placeholder={placeholder} spellCheck={false} />
				)}
				{secret && (
					<Button slot={null} className="field-inside" onPress={() => setShown(!shown)}>
						{shown ? t("field.hide_secret") : t("field.show_secret")}
					</Button>
				)}
			</div>
			{help && !error && (
				<Text slot="description" className="field-help">
					{help}
				</Text>
			)}
			<FieldError className="field-error">{error}</FieldError>
		</AriaTextField>
	);
}

export function SearchField({
	label,
	value,
	onChange,
	className,
	inputRef,
	placeholder = label,
	autoFocus = false,
}: {
	label: string;
	value: string;
	onChange: (value: string) => void;
	className?: string;
	placeholder?: string;
	inputRef?: React.Ref<HTMLInputElement>;
	autoFocus?: boolean;
}) {
	return (
		<AriaSearchField
			aria-label={label}
			value={value}
			onChange={onChange}
			autoFocus={autoFocus}
			className={cx("search", className)}
		>
			<Icon name="search" size={16} />
			<Input ref={inputRef} className="input" placeholder={placeholder} spellCheck={false} />
			{value !== "" && (
				<Button className="field-inside field-inside-icon" aria-label={t("action.clear_search")}>
					<Icon name="x" size={14} />
				</Button>
			)}
		</AriaSearchField>
	);
}

export function Checkbox({
	children,
	className,
	...rest
}: Omit<CheckboxProps, "children" | "className"> & { children?: ReactNode; className?: string }) {
	return (
		<AriaCheckbox {...rest} className={cx("checkbox", className)}>
			{({ isIndeterminate, isSelected }) => (
				<>
					<span className="checkbox-box" aria-hidden="true">
						{isIndeterminate ? <Icon name="dash" size={14} /> : isSelected ? <Icon name="check" size={14} /> : null}
					</span>
					{children !== undefined && <span className="checkbox-label">{children}</span>}
				</>
			)}
		</AriaCheckbox>
	);
}

export function Switch({ children, ...rest }: Omit<SwitchProps, "children"> & { children?: ReactNode }) {
	return (
		<AriaSwitch {...rest} className="switch">
			<span className="switch-track" aria-hidden="true">
				<span className="switch-thumb" />
			</span>
			<span>{children}</span>
		</AriaSwitch>
	);
}

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

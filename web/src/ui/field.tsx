// Fields: a label above, help below, the error in words below that. The error takes the place of the help, so
// nothing jumps more than a line.
import { type ReactNode, useState } from "react";
import {
	Button,
	FieldError,
	Input,
	Label,
	Text,
	TextArea,
	TextField as AriaTextField,
	type TextFieldProps,
} from "react-aria-components";
import { t } from "../i18n";
import { cx } from "./cx";

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

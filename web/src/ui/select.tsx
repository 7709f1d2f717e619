// One of several, in a list that opens.
import type { ReactNode } from "react";
import {
	Button,
	FieldError,
	Label,
	ListBox,
	ListBoxItem,
	Popover,
	Select as AriaSelect,
	SelectValue,
	Text,
} from "react-aria-components";
import { cx } from "./cx";
import { Icon } from "./icons";

export type Option<K extends string = string> = { id: K; label: string; detail?: string };

export function Select<K extends string>({
	label,
	inline,
	hideLabel,
	options,
	value,
	onChange,
	help,
	error,
	className,
	isDisabled = false,
}: {
	label: string;
	/** The label before the box instead of above it. */
	inline?: boolean;
	hideLabel?: boolean;
	options: Option<K>[];
	value: K;
	onChange: (value: K) => void;
	help?: ReactNode;
	error?: string | undefined;
	className?: string;
	isDisabled?: boolean;
}) {
	return (
		<AriaSelect
			selectedKey={value}
			onSelectionChange={(k) => k !== null && onChange(String(k) as K)}
			isInvalid={!!error}
			validationBehavior="aria"
			isDisabled={isDisabled}
			className={cx("field", inline && "field-inline", className)}
		>
			<Label className={hideLabel ? "visually-hidden" : inline ? "select-prefix" : "field-label"}>{label}</Label>
			<Button className="input select-button">
				<SelectValue className="select-value" />
				<Icon name="down" size={16} />
			</Button>
			{help && !error && (
				<Text slot="description" className="field-help">
					{help}
				</Text>
			)}
			<FieldError className="field-error">{error}</FieldError>
			<Popover className="popover popover-list">
				<ListBox className="options" items={options}>
					{(o) => (
						<ListBoxItem id={o.id} textValue={o.label} className="option">
							<span className="option-label">{o.label}</span>
							{o.detail && <span className="option-detail">{o.detail}</span>}
						</ListBoxItem>
					)}
				</ListBox>
			</Popover>
		</AriaSelect>
	);
}

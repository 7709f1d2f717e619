import { Button, Input, SearchField as AriaSearchField } from "react-aria-components";
import { t } from "../i18n";
import { cx } from "./cx";
import { Icon } from "./icons";

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

import type { ReactNode } from "react";
import { Checkbox as AriaCheckbox, type CheckboxProps } from "react-aria-components";
import { cx } from "./cx";
import { Icon } from "./icons";

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

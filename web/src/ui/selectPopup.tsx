// The list that a select opens. It comes with the first one.
import type { RefObject } from "react";
import { ListBox, ListBoxItem, Popover } from "react-aria-components";
import type { Option } from "./select";

export function SelectPopup({
	triggerRef,
	isOpen,
	onOpenChange,
	labelledBy,
	autoFocus,
	options,
	value,
	onPick,
}: {
	triggerRef: RefObject<HTMLElement | null>;
	isOpen: boolean;
	onOpenChange: (open: boolean) => void;
	labelledBy: string;
	autoFocus: "first" | "last" | true;
	options: Option[];
	value: string;
	onPick: (id: string) => void;
}) {
	const chosen = options.some((o) => o.id === value);
	return (
		<Popover
			className="popover popover-list"
			trigger="Select"
			triggerRef={triggerRef}
			isOpen={isOpen}
			onOpenChange={onOpenChange}
			placement="bottom start"
		>
			<ListBox
				className="options"
				aria-labelledby={labelledBy}
				items={options}
				selectionMode="single"
				selectedKeys={chosen ? [value] : []}
				// The focus goes to what is chosen, where something is.
				autoFocus={chosen || autoFocus}
				shouldSelectOnPressUp
				shouldFocusOnHover
				// Choosing what is chosen already closes too.
				onSelectionChange={(keys) => onPick(keys === "all" ? value : String([...keys][0] ?? value))}
			>
				{(o) => (
					<ListBoxItem id={o.id} textValue={o.label} className="option">
						<span className="option-label">{o.label}</span>
						{o.detail && <span className="option-detail">{o.detail}</span>}
					</ListBoxItem>
				)}
			</ListBox>
		</Popover>
	);
}

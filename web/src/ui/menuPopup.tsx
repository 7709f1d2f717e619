// What a menu button opens. It comes with the first menu.
import type { RefObject } from "react";
import {
	Header,
	Menu as AriaMenu,
	MenuItem as AriaMenuItem,
	type MenuProps,
	MenuSection,
	Popover,
	type PopoverProps,
	Separator,
} from "react-aria-components";
import { cx } from "./cx";
import { Icon } from "./icons";
import { type GroupProps, type ItemProps, type MenuParts, Parts } from "./menu";

function Item({ icon, children, detail, danger, ...rest }: ItemProps) {
	return (
		<AriaMenuItem {...rest} className={cx("menu-item", danger && "menu-item-danger")}>
			{({ selectionMode, isSelected }) => (
				<>
					{selectionMode !== "none" && (
						<span className="menu-check">{isSelected && <Icon name="check" size={16} />}</span>
					)}
					{icon && <Icon name={icon} size={16} />}
					<span className="menu-label">{children}</span>
					{detail && <span className="menu-detail">{detail}</span>}
				</>
			)}
		</AriaMenuItem>
	);
}

function Group({ title, children, ...rest }: GroupProps) {
	return (
		<MenuSection {...rest} className="menu-section">
			<Header className="menu-header">{title}</Header>
			{children}
		</MenuSection>
	);
}

const PARTS: MenuParts = { Item, Group, Line: () => <Separator className="menu-line" /> };

export type PopupProps = MenuProps<object> & {
	triggerRef: RefObject<HTMLElement | null>;
	isOpen: boolean;
	onOpenChange: (open: boolean) => void;
	placement: NonNullable<PopoverProps["placement"]>;
};

export function MenuPopup({ triggerRef, isOpen, onOpenChange, placement, children, ...menu }: PopupProps) {
	return (
		<Popover
			className="popover"
			trigger="MenuTrigger"
			triggerRef={triggerRef}
			isOpen={isOpen}
			onOpenChange={onOpenChange}
			placement={placement}
		>
			<Parts value={PARTS}>
				<AriaMenu {...menu} className="menu" onClose={() => onOpenChange(false)}>
					{children}
				</AriaMenu>
			</Parts>
		</Popover>
	);
}

import type { ReactNode } from "react";
import {
	Header,
	Menu as AriaMenu,
	MenuItem as AriaMenuItem,
	type MenuItemProps,
	MenuSection,
	MenuTrigger,
	type MenuProps,
	Popover,
	type PopoverProps,
	Separator,
} from "react-aria-components";
import { cx } from "./cx";
import { Icon, type IconName } from "./icons";

/** `trigger` is a Button; `children` are MenuItems, Sections and Separators. */
export function Menu<T extends object>({
	trigger,
	placement = "bottom end",
	children,
	...rest
}: MenuProps<T> & { trigger: ReactNode; placement?: PopoverProps["placement"] }) {
	return (
		<MenuTrigger>
			{trigger}
			<Popover className="popover" placement={placement ?? "bottom end"}>
				<AriaMenu {...rest} className="menu">
					{children}
				</AriaMenu>
			</Popover>
		</MenuTrigger>
	);
}

export function MenuItem({
	icon,
	children,
	detail,
	danger,
	...rest
}: Omit<MenuItemProps, "children"> & { icon?: IconName; detail?: string; danger?: boolean; children: ReactNode }) {
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

export function MenuGroup({
	title,
	children,
	...rest
}: { title: string; children: ReactNode } & Record<string, unknown>) {
	return (
		<MenuSection {...rest} className="menu-section">
			<Header className="menu-header">{title}</Header>
			{children}
		</MenuSection>
	);
}

export const MenuLine = () => <Separator className="menu-line" />;

// A button that opens a menu. The button is all that a page needs at first.
import { cloneElement, type ComponentType, createContext, type ReactElement, type ReactNode, useContext } from "react";
import type { MenuItemProps, MenuProps, PopoverProps } from "react-aria-components";
import type { IconName } from "./icons";
import { later } from "./later";
import { useOpener } from "./opener";

export type ItemProps = Omit<MenuItemProps, "children"> & {
	icon?: IconName;
	detail?: string;
	danger?: boolean;
	children: ReactNode;
};
export type GroupProps = { title: string; children: ReactNode } & Record<string, unknown>;

/** What the entries of an open menu are drawn with. */
export type MenuParts = { Item: ComponentType<ItemProps>; Group: ComponentType<GroupProps>; Line: ComponentType };
export const Parts = createContext<MenuParts | null>(null);

const Popup = later(() => import("./menuPopup").then((m) => m.MenuPopup));

/** `trigger` is a Button; `children` are MenuItems, MenuGroups and MenuLines. */
export function Menu({
	trigger,
	placement = "bottom end",
	children,
	...rest
}: Omit<MenuProps<object>, "children"> & {
	trigger: ReactElement<object>;
	placement?: NonNullable<PopoverProps["placement"]>;
	children: ReactNode;
}) {
	const { button, popup, opened, at } = useOpener("menu", Popup.preload);
	return (
		<>
			{cloneElement(trigger, button)}
			{opened && (
				<Popup {...rest} {...popup} placement={placement} autoFocus={at}>
					{children}
				</Popup>
			)}
		</>
	);
}

function useParts() {
	const parts = useContext(Parts);
	if (!parts) throw new Error("no menu around this");
	return parts;
}

export function MenuItem(props: ItemProps) {
	const { Item } = useParts();
	return <Item {...props} />;
}

export function MenuGroup(props: GroupProps) {
	const { Group } = useParts();
	return <Group {...props} />;
}

export function MenuLine() {
	const { Line } = useParts();
	return <Line />;
}

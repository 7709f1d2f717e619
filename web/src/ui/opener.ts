// A button that opens something beside it, whose script may still be on its way: the button is the same before and after,
// so nothing moves and the focus stays.
import { useRef, useState } from "react";

type Kind = "menu" | "listbox" | "dialog";
/** Where the focus goes in: an end of the list, or the whole when a pointer will choose. */
type At = "first" | "last" | true;
type Press = { pointerType: string };
type Key = Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "preventDefault"> & {
	continuePropagation: () => void;
};

/**
 * `button`: what the button gets. `popup`: what the thing that opens gets. It is drawn once `opened`, and from then on, so
 * that it can fade out. `at`: where the focus goes in. `onKey` may take a key that the closed button gets.
 */
export function useOpener(kind: Kind, preload: () => void, onKey: (key: string) => boolean = () => false) {
	const triggerRef = useRef<HTMLButtonElement>(null);
	const [isOpen, setOpen] = useState(false);
	const [opened, setOpened] = useState(false);
	const [at, setAt] = useState<At>(true);
	const change = (open: boolean) => {
		setOpen(open);
		if (open) setOpened(true);
	};
	const openAt = (where: At) => {
		setAt(where);
		change(true);
	};
	const took = (key: string) => {
		if (kind !== "dialog" && key === "ArrowDown") openAt("first");
		else if (kind !== "dialog" && key === "ArrowUp") openAt("last");
		else return onKey(key);
		return true;
	};
	const button = {
		ref: triggerRef,
		"aria-haspopup": kind,
		"aria-expanded": isOpen,
		onPress: (e: Press) => openAt(e.pointerType === "mouse" || e.pointerType === "touch" ? true : "first"),
		onHoverStart: preload,
		onFocus: preload,
		onKeyDown: (e: Key) =>
			!(e.ctrlKey || e.metaKey || e.altKey) && took(e.key) ? e.preventDefault() : e.continuePropagation(),
	};
	return { button, popup: { triggerRef, isOpen, onOpenChange: change }, opened, at, close: () => setOpen(false) };
}

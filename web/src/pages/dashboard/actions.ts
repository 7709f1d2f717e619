// What can be done with cards, as the views, the drawer and the keyboard call it.
import { createContext, useContext } from "react";
import type { Awaiting, Card } from "./data";
import type { Selection } from "./selection";

export type Actions = {
	/** `dated`: from a day that is asked for. */
	approve: (cards: Card[], dated?: boolean) => void;
	dismiss: (cards: Card[]) => void;
	confirm: (cards: Card[]) => void;
	reopen: (cards: Card[]) => void;
	open: (card: Card) => void;
	selection: Selection;
	/** The card that the keyboard is on. */
	focused: string | null;
	focus: (id: string | null) => void;
	mayDecide: boolean;
	/** Cards whose first approval waits for another person's. */
	awaiting: ReadonlyMap<string, Awaiting>;
};

export const ActionsContext = createContext<Actions | null>(null);

export function useActions(): Actions {
	const actions = useContext(ActionsContext);
	if (!actions) throw new Error("no actions around this");
	return actions;
}

function focusCard(id: string) {
	const at = document.activeElement;
	if (document.querySelector("[role=dialog], [role=alertdialog], [role=listbox], [role=menu]")) return;
	if (at?.closest("input, textarea, select") && !at.closest("[data-card]")) return;
	const card = document.querySelector<HTMLElement>(`[data-card="${CSS.escape(id)}"]`);
	if (card && !card.contains(at)) card.focus({ preventScroll: true });
}

/**
 * Puts the browser's focus where the keyboard is once the card is drawn, unless it is at work in a field, a menu or a
 * dialog. Gives the way to call it off: the next key may have gone further.
 */
export function focusSoon(id: string) {
	let frame = requestAnimationFrame(() => {
		frame = requestAnimationFrame(() => focusCard(id));
	});
	return () => cancelAnimationFrame(frame);
}

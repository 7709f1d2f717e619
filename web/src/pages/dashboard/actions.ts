// What can be done with cards, as the views, the drawer and the keyboard call it.
import { createContext, useContext } from "react";
import type { Card } from "./data";
import type { Selection } from "./selection";

export type Actions = {
	approve: (cards: Card[]) => void;
	dismiss: (cards: Card[]) => void;
	confirm: (cards: Card[]) => void;
	open: (card: Card) => void;
	selection: Selection;
	/** The card that the keyboard is on. */
	focused: string | null;
	focus: (id: string | null) => void;
	mayDecide: boolean;
};

export const ActionsContext = createContext<Actions | null>(null);

export function useActions(): Actions {
	const actions = useContext(ActionsContext);
	if (!actions) throw new Error("no actions around this");
	return actions;
}

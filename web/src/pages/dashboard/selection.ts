// Which cards are selected; kept with their bodies, so that a bulk decision knows them without loading again.
import { useCallback, useMemo, useState } from "react";
import type { Card } from "./data";

export type Selection = {
	cards: Card[];
	has: (id: string) => boolean;
	toggle: (card: Card) => void;
	add: (cards: Card[]) => void;
	remove: (cards: Card[]) => void;
	clear: () => void;
};

export function useSelection(): Selection {
	const [map, setMap] = useState<ReadonlyMap<string, Card>>(new Map());
	const add = useCallback(
		(cards: Card[]) => setMap((m) => new Map([...m, ...cards.map((c) => [c.id, c] as const)])),
		[],
	);
	const remove = useCallback((cards: Card[]) => {
		const ids = new Set(cards.map((c) => c.id));
		setMap((m) => new Map([...m].filter(([id]) => !ids.has(id))));
	}, []);
	const toggle = useCallback(
		(card: Card) =>
			setMap((m) => {
				const next = new Map(m);
				if (!next.delete(card.id)) next.set(card.id, card);
				return next;
			}),
		[],
	);
	const clear = useCallback(() => setMap(new Map()), []);
	return useMemo(
		() => ({ cards: [...map.values()], has: (id: string) => map.has(id), toggle, add, remove, clear }),
		[map, toggle, add, remove, clear],
	);
}

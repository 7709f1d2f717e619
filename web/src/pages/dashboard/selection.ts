// Which cards are selected; kept with their bodies, so that a bulk decision knows them without loading again.
import { useCallback, useMemo, useState } from "react";
import type { Card } from "./data";

export type Selection = {
	cards: Card[];
	has: (id: string) => boolean;
	toggle: (card: Card) => void;
	add: (cards: Card[]) => void;
	remove: (cards: Card[]) => void;
	/** Newer bodies of cards, of which some may be selected. */
	renew: (cards: Card[]) => void;
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
	const renew = useCallback((cards: Card[]) => {
		setMap((m) => {
			const newer = cards.filter((c) => m.has(c.id) && m.get(c.id) !== c);
			return newer.length ? new Map([...m, ...newer.map((c) => [c.id, c] as const)]) : m;
		});
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
		() => ({ cards: [...map.values()], has: (id: string) => map.has(id), toggle, add, remove, renew, clear }),
		[map, toggle, add, remove, renew, clear],
	);
}

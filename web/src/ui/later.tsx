// A piece of a page that is not seen at first, as a dialog or what is behind a button: its script comes when it is asked for.
import { type ComponentType, useEffect, useState } from "react";
import { toastError } from "./toast";

const pieces: (() => Promise<void>)[] = [];

/** Nothing is drawn until it is here. `preload` may be called as often as one likes, and says nothing when it fails. */
export function later<P extends object>(get: () => Promise<ComponentType<P>>) {
	let Piece: ComponentType<P> | null = null;
	let asked: Promise<void> | null = null;
	const load = () => {
		asked ??= get().then(
			(found) => {
				Piece = found;
			},
			(error) => {
				asked = null;
				throw error;
			},
		);
		return asked;
	};
	pieces.push(load);
	// biome-ignore lint/correctness/noComponentHookFactories: called once for each piece, where modules are set up
	function Later(props: P) {
		const [, came] = useState(Piece !== null);
		useEffect(() => {
			if (!Piece) load().then(() => came(true), toastError);
		}, []);
		return Piece && <Piece {...props} />;
	}
	return Object.assign(Later, { preload: () => void load().catch(() => {}) });
}

/** All that have been named by now: asked for when nothing else is to be done. */
export const preloadPieces = () => pieces.forEach((load) => void load().catch(() => {}));

// The English words that are here: those of the frame at once, those of a page with the page.

/** A text with {names}, or one for each plural form chosen by {count}. */
export type Message = string | { one: string; other: string };

export const english: Record<string, Message> = {};

/** A part of the catalogue. Importing its file is what brings its words; the build says which page lacks one. */
export function words<const T extends Record<string, Message>>(part: T): T {
	Object.assign(english, part);
	return part;
}

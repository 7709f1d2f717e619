/** An address that came from a server, if a browser may open it: http or https, nothing else. */
export function safeHref(address: string | null | undefined): string | undefined {
	if (!address) return undefined;
	try {
		const url = new URL(address);
		return url.protocol === "https:" || url.protocol === "http:" ? url.href : undefined;
	} catch {
		return undefined;
	}
}

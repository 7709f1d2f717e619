// Codes as an app shows them (RFC 6238, SHA-1, six digits, thirty seconds).
import { createHmac } from "node:crypto";

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

function base32(text) {
	let bits = "";
	for (const c of text.replace(/=+$/, "")) bits += LETTERS.indexOf(c).toString(2).padStart(5, "0");
	return Buffer.from((bits.match(/.{8}/g) ?? []).map((b) => Number.parseInt(b, 2)));
}

/** `step` counts from now: -1 is the code before this one. */
export function totp(secret, step = 0, at = Date.now()) {
	const counter = Buffer.alloc(8);
	counter.writeBigUInt64BE(BigInt(Math.floor(at / 30000) + step));
	const mac = createHmac("sha1", base32(secret)).update(counter).digest();
	const offset = mac[19] & 15;
	return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1000000).padStart(6, "0");
}

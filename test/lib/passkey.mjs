// A passkey in software, as a browser and its device would answer (W3C Web Authentication): makes a key for a site,
// and signs challenges with it. Every part can be bent to be wrong.
import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";

const sha256 = (data) => createHash("sha256").update(data).digest();
const b64 = (data) => Buffer.from(data).toString("base64url");

const USER_PRESENT = 0x01;
const USER_VERIFIED = 0x04;
const KEY_INSIDE = 0x40;

/* ---- CBOR, as far as keys need it ---- */

function head(major, n) {
	if (n < 24) return Buffer.from([(major << 5) | n]);
	if (n < 256) return Buffer.from([(major << 5) | 24, n]);
	return Buffer.from([(major << 5) | 25, n >> 8, n & 255]);
}

const number = (n) => (n < 0 ? head(1, -1 - n) : head(0, n));
const value = (v) => (typeof v === "number" ? number(v) : Buffer.concat([head(2, v.length), v]));
const map = (pairs) => Buffer.concat([head(5, pairs.length), ...pairs.flatMap(([k, v]) => [number(k), value(v)])]);

/* ---- kinds of keys: how one is made, what it looks like in COSE, and its signature ---- */

const ec = (curve, cose, alg, size) => ({
	make: () => generateKeyPairSync("ec", { namedCurve: curve }),
	cose: (jwk) =>
		map([[1, 2], [3, alg], [-1, cose], [-2, Buffer.from(jwk.x, "base64url")], [-3, Buffer.from(jwk.y, "base64url")]]),
	sign: (key, data) => sign(size === 48 ? "sha384" : "sha256", data, key),
});

const KINDS = {
	ES256: ec("P-256", 1, -7, 32),
	ES512: ec("P-521", 3, -36, 66),
	EdDSA: {
		make: () => generateKeyPairSync("ed25519"),
		cose: (jwk) => map([[1, 1], [3, -8], [-1, 6], [-2, Buffer.from(jwk.x, "base64url")]]),
		sign: (key, data) => sign(null, data, key),
	},
	RS256: {
		make: () => generateKeyPairSync("rsa", { modulusLength: 2048 }),
		cose: (jwk) =>
			map([[1, 3], [3, -257], [-1, Buffer.from(jwk.n, "base64url")], [-2, Buffer.from(jwk.e, "base64url")]]),
		sign: (key, data) => sign("sha256", data, key),
	},
};

/** A device with one key. `counts`: whether it has a counter; those that are kept in a cloud have none. */
export function passkey(origin, { kind = "ES256", counts = true } = {}) {
	const { publicKey, privateKey } = KINDS[kind].make();
	const id = randomBytes(32);
	let uses = 0;

	const said = (type, challenge, bend) =>
		Buffer.from(JSON.stringify({ type: bend.type ?? type, challenge, origin: bend.origin ?? origin, crossOrigin: false }));
	const data = (flags, bend, rest = []) => {
		const counter = Buffer.alloc(4);
		counter.writeUInt32BE(bend.uses ?? uses);
		const site = bend.rpId ?? new URL(origin).hostname;
		return Buffer.concat([sha256(site), Buffer.from([bend.flags ?? flags]), counter, ...rest]);
	};
	return {
		id: b64(id),
		/** The answer to a request for a new key. */
		create(challenge, bend = {}) {
			const cose = KINDS[kind].cose(publicKey.export({ format: "jwk" }));
			const inside = [Buffer.alloc(16), Buffer.from([0, id.length]), id, cose];
			return {
				client_data: b64(said("webauthn.create", challenge, bend)),
				authenticator_data: b64(data(USER_PRESENT | USER_VERIFIED | KEY_INSIDE, bend, inside)),
			};
		},
		/** The answer to a request to sign in. */
		get(challenge, bend = {}) {
			if (counts && bend.uses === undefined) uses++;
			const text = said("webauthn.get", challenge, bend);
			const bytes = data(USER_PRESENT | USER_VERIFIED, bend);
			const signature = KINDS[kind].sign(bend.key ?? privateKey, Buffer.concat([bytes, sha256(text)]));
			return { credential: bend.credential ?? b64(id), client_data: b64(text), authenticator_data: b64(bytes), signature: b64(signature) };
		},
		privateKey,
	};
}

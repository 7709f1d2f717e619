// What the browser and its device do with passkeys (W3C Web Authentication); bytes go to the server as base64url.

/** Ended by the person, the device or the clock: nothing went wrong that has to be explained at length. */
export class Stopped extends Error {}
/** The device has one for this user already. */
export class There extends Error {}

export const known = () => typeof PublicKeyCredential === "function" && !!navigator.credentials;

function fromBase64(text: string) {
	const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
	return Uint8Array.from(plain, (c) => c.charCodeAt(0));
}

function toBase64(data: ArrayBuffer) {
	const plain = Array.from(new Uint8Array(data), (b) => String.fromCharCode(b)).join("");
	return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function translate(error: unknown): never {
	const name = error instanceof DOMException ? error.name : "";
	if (name === "NotAllowedError" || name === "AbortError") throw new Stopped();
	if (name === "InvalidStateError") throw new There();
	throw error;
}

export type Wanted = {
	rp_id: string;
	user_id: string;
	user_name: string;
	challenge: string;
	timeout_ms: number;
	algorithms: number[];
	there_already: { credential: string }[];
};

/** Makes one on this device, or on another that the browser reaches. */
export async function make(wanted: Wanted) {
	const made = (await navigator.credentials
		.create({
			publicKey: {
				rp: { id: wanted.rp_id, name: "Trueup" },
				user: { id: fromBase64(wanted.user_id), name: wanted.user_name, displayName: wanted.user_name },
				challenge: fromBase64(wanted.challenge),
				timeout: wanted.timeout_ms,
				pubKeyCredParams: wanted.algorithms.map((alg) => ({ type: "public-key", alg })),
				excludeCredentials: wanted.there_already.map((k) => ({ type: "public-key", id: fromBase64(k.credential) })),
				authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
				attestation: "none",
			},
		})
		.catch(translate)) as PublicKeyCredential;
	const answer = made.response as AuthenticatorAttestationResponse;
	return {
		client_data: toBase64(answer.clientDataJSON),
		authenticator_data: toBase64(answer.getAuthenticatorData()),
	};
}

export type Offer = { on: boolean; any: boolean; rp_id: string | null; challenge: string | null; timeout_ms: number };

/** Lets the person choose one of theirs, and answers with it. */
export async function use(offer: Offer) {
	const used = (await navigator.credentials
		.get({
			publicKey: {
				rpId: offer.rp_id ?? location.hostname,
				challenge: fromBase64(offer.challenge ?? ""),
				timeout: offer.timeout_ms,
				userVerification: "required",
			},
		})
		.catch(translate)) as PublicKeyCredential;
	const answer = used.response as AuthenticatorAssertionResponse;
	return {
		credential: toBase64(used.rawId),
		client_data: toBase64(answer.clientDataJSON),
		authenticator_data: toBase64(answer.authenticatorData),
		signature: toBase64(answer.signature),
	};
}

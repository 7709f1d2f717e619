// An OpenID provider: discovery, authorization by code with PKCE, token, keys. `person` is who signs in there; `twist` changes
// what it does wrong: claims(claims), header(header), sign(text, header), keys(set), answer(document).
import { createHash, createSign, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { createServer } from "node:http";

const b64 = (v) => Buffer.from(typeof v === "string" ? v : JSON.stringify(v)).toString("base64url");

export async function startOidc({ client_id = "trueup", client_secret = "oidc-secret" } = {}) {
	const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
	const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
	const self = { client_id, client_secret, person: {}, twist: {}, alg: "RS256", codes: new Map(), seen: [] };
	const keys = () => ({
		keys: [
			{ ...rsa.publicKey.export({ format: "jwk" }), kid: "r1", use: "sig", alg: "RS256" },
			{ ...ec.publicKey.export({ format: "jwk" }), kid: "e1", use: "sig", alg: "ES256" },
		],
	});
	self.rsa = rsa;
	const token = (claims) => {
		const header = { alg: self.alg, typ: "JWT", kid: self.alg === "ES256" ? "e1" : "r1", ...self.twist.header };
		const text = `${b64(header)}.${b64(claims)}`;
		if (self.twist.sign) return `${text}.${self.twist.sign(text)}`;
		const signature =
			self.alg === "ES256"
				? sign("sha256", Buffer.from(text), { key: ec.privateKey, dsaEncoding: "ieee-p1363" })
				: createSign("RSA-SHA256").update(text).sign(rsa.privateKey);
		return `${text}.${signature.toString("base64url")}`;
	};
	const answers = {
		"/.well-known/openid-configuration": () => ({
			issuer: self.url,
			authorization_endpoint: `${self.url}/authorize`,
			token_endpoint: `${self.url}/token`,
			jwks_uri: `${self.url}/keys`,
			...self.twist.discovery,
		}),
		"/keys": () => self.twist.keys ?? keys(),
		"/token": (form) => {
			const asked = self.codes.get(form.get("code"));
			self.codes.delete(form.get("code"));
			const challenge = createHash("sha256").update(form.get("code_verifier") ?? "").digest("base64url");
			const right = asked && asked.code_challenge === challenge && asked.redirect_uri === form.get("redirect_uri");
			if (!right || form.get("client_id") !== client_id || form.get("client_secret") !== client_secret) return null;
			const now = Math.floor(Date.now() / 1000);
			const claims = { iss: self.url, aud: client_id, iat: now, exp: now + 300, nonce: asked.nonce, ...self.person, ...self.twist.claims };
			return { token_type: "Bearer", access_token: "a", id_token: self.twist.token ?? token(claims) };
		},
	};
	const http = createServer((rq, rs) => {
		let body = "";
		rq.on("data", (d) => (body += d));
		rq.on("end", () => {
			const url = new URL(rq.url, self.url);
			self.seen.push(url.pathname);
			if (url.pathname === "/authorize") {
				const q = Object.fromEntries(url.searchParams);
				const code = randomBytes(16).toString("hex");
				self.codes.set(code, q);
				const back = new URL(q.redirect_uri);
				back.searchParams.set("code", code);
				back.searchParams.set("state", q.state);
				rs.writeHead(302, { location: back.href }).end();
				return;
			}
			const answer = answers[url.pathname]?.(new URLSearchParams(body));
			rs.writeHead(answer ? 200 : 400, { "content-type": "application/json" }).end(JSON.stringify(answer ?? { error: "invalid_request" }));
		});
	});
	await new Promise((done) => http.listen(0, "127.0.0.1", done));
	self.url = `http://127.0.0.1:${http.address().port}`;
	self.stop = () => new Promise((done) => http.close(done));
	return self;
}

// Certificates and protocols that must not be trusted: whoever shows one hears not one byte of a request, so no
// credential either. A careless client shows each time that the far side would have listened.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { connect, createServer as createTls } from "node:tls";
import { measured } from "../lib/measured.mjs";
import { startServer, tempDir, trueup } from "../lib/server.mjs";

const dir = tempDir();
const at = (name) => join(dir, name);
const openssl = (...words) => execFileSync("openssl", words, { cwd: dir, stdio: ["ignore", "pipe", "pipe"] });
const day = (days) => new Date(Date.now() + days * 86400000).toISOString().replace(/[-:T]|\..*/g, "").concat("Z");
const OURS = "subjectAltName=IP:127.0.0.1";
const AUTHORITY = "basicConstraints=critical,CA:true";

const keyOf = (name, size) =>
	size
		? openssl("genrsa", "-out", `${name}.key`, String(size))
		: openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", `${name}.key`);

/** A certificate `name`, signed by `by` (itself: an authority of its own), valid from day `from` to day `to`. */
function certificate(name, { by = name, ext = OURS, from = -1, to = 30, bits, hash = "sha256" } = {}) {
	keyOf(name, bits);
	openssl("req", "-new", "-key", `${name}.key`, "-subj", `/CN=${name}`, "-out", `${name}.csr`);
	mkdirSync(at(`${name}.d`));
	writeFileSync(at(`${name}.d/index`), "");
	writeFileSync(at(`${name}.ext`), `${ext}\n`);
	writeFileSync(
		at(`${name}.cnf`),
		`[ca]\ndefault_ca=x\n[x]\ndatabase=${name}.d/index\nnew_certs_dir=${name}.d\nrand_serial=yes\npolicy=p\n[p]\ncommonName=supplied\n`,
	);
	const signer = by === name ? ["-selfsign", "-keyfile", `${name}.key`] : ["-cert", `${by}.crt`, "-keyfile", `${by}.key`];
	openssl("ca", "-batch", "-notext", "-config", `${name}.cnf`, "-md", hash, "-extfile", `${name}.ext`, ...signer,
		"-startdate", day(from), "-enddate", day(to), "-in", `${name}.csr`, "-out", `${name}.crt`);
	return name;
}

const text = (...names) => names.map((n) => readFileSync(at(`${n}.crt`), "utf8")).join("");

const chain = (leaf, ...above) => ({ key: readFileSync(at(`${leaf}.key`)), cert: text(leaf, ...above) });

/** A far side that notes what it hears: {url, heard(), close()}. `answer(url)` is what it says to a request. */
async function listen(make, scheme, answer) {
	let heard = "";
	const sockets = new Set();
	const server = make((socket) => {
		sockets.add(socket);
		socket.on("error", () => {});
		socket.on("data", (d) => {
			heard += d;
			socket.end(answer());
		});
	});
	server.on("tlsClientError", () => {});
	server.on("connection", (s) => sockets.add(s));
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	return {
		port: server.address().port,
		url: `${scheme}://127.0.0.1:${server.address().port}`,
		heard: () => heard,
		forget: () => (heard = ""),
		close() {
			for (const s of sockets) s.destroy();
			server.close();
		},
	};
}

const NOTHING = "HTTP/1.1 404 Not Found\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
const secure = (options, answer = () => NOTHING) => listen((hear) => createTls(options, hear), "https", answer);
const plain = (answer = () => NOTHING) => listen((hear) => createServer(hear), "http", answer);
const goesTo = (url) => () => `HTTP/1.1 302 Found\r\nlocation: ${url}/v1/organizations\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`;

/** A client that trusts everybody gets through: the far side is one that would have heard. */
async function careless(remote, options = {}) {
	const socket = connect({ host: "127.0.0.1", port: remote.port, rejectUnauthorized: false, ciphers: "DEFAULT:@SECLEVEL=0", minVersion: "TLSv1", ...options });
	socket.on("error", () => {});
	socket.on("secureConnect", () => socket.write("hello"));
	socket.resume();
	await once(socket, "close");
	assert.equal(remote.heard(), "hello");
	remote.forget();
}

const KEY = "hk_public_4711";
const SECRET = "hk_secret_0815_do_not_tell";
const credential = Buffer.from(`${KEY}:${SECRET}`).toString("base64");

/** The vendor's reading, with the credential on its first request. */
async function ask(url, more = ["--ca-file", at("ca.crt")]) {
	const settings = { key: KEY, secret: SECRET, api_url: url };
	const words = Object.entries(settings).flatMap(([k, v]) => ["--set", `${k}=${v}`]);
	return trueup(["vendor", "try", "huntress", ...words, ...more, "--json"], { env: { TRUEUP_ALLOW_PRIVATE_REMOTES: "1" } });
}

certificate("ca", { ext: AUTHORITY });
certificate("between", { by: "ca", ext: `${AUTHORITY}\nkeyUsage=keyCertSign` });
certificate("foreign", { ext: AUTHORITY });
certificate("good", { by: "ca" });
certificate("gap", { by: "between" });
certificate("self");

test("an authority of one's own is trusted when it is named, and only then", async () => {
	const remote = await secure(chain("good"));
	try {
		const known = await ask(remote.url);
		assert.ok(remote.heard().includes(credential), known.stdout);
		remote.forget();
		const unknown = await ask(remote.url, []);
		assert.equal(unknown.status, 1);
		assert.match(unknown.json.detail, /certificate/i);
		assert.equal(remote.heard(), "");
	} finally {
		remote.close();
	}
});

const weak = { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT:@SECLEVEL=0" };
const lax = { ciphers: "DEFAULT:@SECLEVEL=0" };
const kinds = {
	"ended yesterday": () => chain(certificate("expired", { by: "ca", from: -9, to: -1 })),
	"begins tomorrow": () => chain(certificate("early", { by: "ca", from: 1 })),
	"another host's": () => chain(certificate("other", { by: "ca", ext: "subjectAltName=DNS:psa.example,IP:127.0.0.2" })),
	"no host's": () => chain(certificate("nobody", { by: "ca", ext: "basicConstraints=CA:false" })),
	"its own signature": () => chain("self"),
	"an unknown authority's": () => chain(certificate("stranger", { by: "foreign" }), "foreign"),
	"without the authority between": () => chain("gap"),
	"signed by one that is no authority": () => chain(certificate("child", { by: "good" }), "good"),
	"made for clients": () => chain(certificate("client", { by: "ca", ext: `${OURS}\nextendedKeyUsage=clientAuth` })),
	"an authority between that ended": () => {
		certificate("stale", { by: "ca", ext: AUTHORITY, from: -9, to: -1 });
		return chain(certificate("under", { by: "stale" }), "stale");
	},
	"a key of 1024 bits": () => ({ ...chain(certificate("short", { by: "ca", bits: 1024 })), ...lax }),
	"a signature with SHA-1": () => ({ ...chain(certificate("sha1", { by: "ca", hash: "sha1" })), ...lax }),
	"TLS 1.1": () => ({ ...chain("good"), ...weak }),
	"TLS 1.0": () => ({ ...chain("good"), ...weak, maxVersion: "TLSv1" }),
};
let refused = 0;
// The store has no part in it.
const STORELESS = !process.env.TRUEUP_TEST_DB;

for (const [name, make] of STORELESS ? Object.entries(kinds) : [])
	test(`not a byte for a certificate or protocol: ${name}`, async () => {
		const remote = await secure(make());
		try {
			await careless(remote);
			const done = await ask(remote.url);
			assert.equal(done.status, 1, done.stdout);
			assert.equal(remote.heard(), "");
			refused++;
		} finally {
			remote.close();
		}
	});

test("a chain with the authority between is trusted", async () => {
	const remote = await secure(chain("gap", "between"));
	try {
		await ask(remote.url);
		assert.ok(remote.heard().includes(credential));
	} finally {
		remote.close();
	}
});

test("not a byte for who speaks no TLS where it is due, and for where a redirect leads", async () => {
	const open = await plain();
	const bad = await secure(chain("self"));
	const other = await secure(chain("good"));
	const remotes = [open, bad, other];
	try {
		assert.equal((await ask(`https://127.0.0.1:${open.port}`)).status, 1);
		assert.ok(!open.heard().includes("huntress") && !open.heard().includes(credential) && !/HTTP\//.test(open.heard()));
		open.forget();
		for (const target of [open.url, bad.url, other.url]) {
			const remote = await secure(chain("good"), goesTo(target));
			remotes.push(remote);
			assert.equal((await ask(remote.url)).status, 1, target);
			assert.ok(remote.heard().includes(credential));
			refused++;
		}
		assert.deepEqual(remotes.slice(0, 3).map((r) => r.heard()), ["", "", ""]);
		refused++;
	} finally {
		for (const r of remotes) r.close();
	}
});

test("the server and the doctor trust the same, the server does not start with a file that is none", async () => {
	const remote = await secure(chain("good"));
	const stranger = await secure(chain("self"));
	const server = await startServer({ args: ["--ca-file", at("ca.crt")] });
	try {
		for (const [at_, heard] of [[stranger, false], [remote, true]]) {
			const settings = { site: at_.url, api_token: "tok-of-the-psa-4711" };
			assert.equal((await server.api("PUT", "/psa", { kind: "syncro", settings })).status, 200);
			await server.api("POST", "/psa/test");
			assert.equal(at_.heard().includes("tok-of-the-psa-4711"), heard);
			assert.equal(at_.heard() !== "", heard);
		}
		remote.forget();
		await server.cli(["doctor", "--json", "--ca-file", at("ca.crt")]);
		assert.ok(remote.heard().includes("tok-of-the-psa-4711"));
		remote.forget();
		await server.cli(["doctor", "--json"]);
		assert.equal(remote.heard(), "");
		certificate("ended", { ext: AUTHORITY, from: -9, to: -1 });
		const doctor = (await server.cli(["doctor", "--json", "--ca-file", at("ended.crt")])).json;
		const found = doctor.checks.find((c) => c.name === "own authorities");
		assert.equal(found.ok, false);
		assert.match(found.detail, /ends on/);
	} finally {
		await server.stop();
		remote.close();
		stranger.close();
	}
	writeFileSync(at("none.pem"), "hello\n");
	writeFileSync(at("cut.pem"), text("ca").slice(0, -60));
	writeFileSync(at("half.pem"), text("ca") + text("foreign").replace(/\n[A-Za-z0-9+/]{8}/, "\n!!!!!!!!"));
	for (const [file, words] of [["none.pem", /no certificate in it/], ["cut.pem", /cannot be read|no certificate/], ["half.pem", /after the first 1 cannot be read/], ["ca.key", /private key/], ["not there", /TRUEUP_CA_FILE/]]) {
		const done = await trueup(["serve", "--data", tempDir(), "--listen", "127.0.0.1:0", "--ca-file", at(file)]);
		assert.notEqual(done.status, 0);
		assert.match(done.stderr, words);
	}
});

test("all of them were refused", () => {
	assert.equal(refused, (STORELESS ? Object.keys(kinds).length : 0) + 4);
	if (STORELESS) measured("tls_kinds", refused);
});

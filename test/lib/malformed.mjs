// Requests that no honest client sends, made from a fixed seed: the same ones in every run. Each is {group, method, path,
// type, headers, body, bytes}: `bytes` is a whole request, otherwise one is made of the rest. Words in <> stand for ids
// of the world that they are sent to.
const MASK = (1n << 64n) - 1n;

/** Numbers that look random and never differ (SplitMix64). */
function numbers(seed) {
	let state = BigInt(seed);
	return (below) => {
		state = (state + 0x9e3779b97f4a7c15n) & MASK;
		let z = state;
		z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK;
		z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & MASK;
		return Number((z ^ (z >> 31n)) % BigInt(below));
	};
}

const JSON_TYPE = "application/json";
const INT_BAD = [null, "x", "", true, [], {}, -1e30, "0x10"];

/** Routes with a body that is right, and what each member of it must not be. */
const ROUTES = [
	["POST", "/api/v1/cards/approve", { ids: ["<card>"], note: "n" }, { ids: [1, "x", null, {}, [], [1], [null], [{}]], note: [1, [], {}, true] }],
	["POST", "/api/v1/cards/dismiss", { ids: ["<card>"] }, { ids: [1, "x", null, {}, [], [true]], quantity: ["1e", "--1", [], {}, true, "NaN", "Infinity"] }],
	["POST", "/api/v1/cards/preview", { ids: ["<card>"] }, { ids: [0, "", {}, [[]]], effective_date: ["2026-13-01", "2026-02-30", "1", "yesterday", 20260101, {}, "2026-1-1"] }],
	["POST", "/api/v1/tokens", { name: "t", role: "viewer" }, { name: [1, null, "", " ", [], {}, "x".repeat(201)], role: ["owner", "", 1, null, "ADMIN", []], expires_at: ["1999-01-01T00:00:00Z", "soon", 1, [], "2026-99-99T00:00:00Z"] }],
	["POST", "/api/v1/users", { email: "new@example.com", role: "viewer" }, { email: [1, "", "no", null, [], "a@b@", "x".repeat(300)], role: ["root", 1, null, []] }],
	["POST", "/api/v1/tags", { name: "t", color: "#aabbcc" }, { name: [1, "", null, [], "x".repeat(61)], color: ["red", "#12345", "#gggggg", 1, []] }],
	["POST", "/api/v1/rules", { name: "r", minimum: "1" }, { name: [1, [], {}, "x".repeat(201)], product_id: [1, [], "not-there"], account_id: [1, {}, "not-there"] }],
	["POST", "/api/v1/overrides", { account_id: "<account>", product_id: "<product>", quantity: "1", reason: "r" }, { account_id: [1, "no", [], null], product_id: [1, "no", {}, null], quantity: ["x", "-1", [], {}, "1e400", true] }],
	["PATCH", "/api/v1/settings", { sync_hour: 3 }, { sync_hour: [24, -1, "x", 1.5, [], {}, true], schedule: ["hourly", 1, [], true], strict404: ["yes", 1, []], stale_after_hours: [0, 100000, "x"] }],
	["PATCH", "/api/v1/organization", { name: "N", currency: "USD" }, { name: [1, "", [], "x".repeat(201)], currency: ["US", "usd1", 1, [], "ÜSD"] }],
	["POST", "/api/v1/integrations", { vendor: "custom", name: "n" }, { vendor: [1, "none", "", null, []], name: [1, [], "x".repeat(201)], modules: ["billing", 1, ["x"], [1]] }],
	["POST", "/api/v1/integrations/<integration>/observations", { items: [{ account: "A", service: "S", units: "1" }] }, { items: [1, "x", null, {}, [1], [null], [{}], [{ account: "A" }], [{ account: "A", service: "S", units: "x" }], [{ account: 1, service: "S", units: "1" }]], complete: ["x", 1, []] }],
	["PUT", "/api/v1/integrations/<integration>/services/<service>/mapping", { status: "unmapped" }, { status: ["maybe", 1, null, [], ""], product_ids: [1, "x", {}], mode: ["join", 1, []] }],
	["PUT", "/api/v1/integrations/<integration>/accounts/<vendoraccount>/mapping", { status: "unmapped" }, { status: ["maybe", 1, null, []], psa_account_id: [1, [], {}] }],
	["POST", "/api/v1/costs/preview", { items: [{ id: "<product>" }] }, { items: [1, "x", null, {}, [], [1], [null], [{}], [{ id: 1 }], [{ id: "<product>", cost: "-1" }], [{ id: "<product>", cost: [] }], [{ id: "<product>", seen: "x" }], [{ id: "<product>" }, { id: "<product>" }]], lines: ["some", 1, []] }],
	["PUT", "/api/v1/costs/<product>", { vendor_cost: null }, { vendor_cost: ["-1", "x", [], {}, true, "1e400", "NaN"] }],
	["POST", "/api/v1/psa/sync", { mode: "quick" }, { mode: ["slow", 1, [], {}] }],
	["POST", "/api/v1/session", { email: "a@b.example", password: "wrong password" }, { email: [1, [], {}], password: [1, [], {}], code: [1, [], {}] }],
];

const cut = (text, at) => text.slice(0, at);
const plain = (method, path, body, more = {}) => ({ method, path, type: JSON_TYPE, headers: {}, body, ...more });

function jsonCases(next) {
	const out = [];
	for (const [method, path, good, bad] of ROUTES) {
		const text = JSON.stringify(good);
		for (let at = 1; at < text.length; at += 3) out.push(plain(method, path, cut(text, at)));
		for (const [key, values] of Object.entries(bad))
			for (const value of values) out.push(plain(method, path, JSON.stringify({ ...good, [key]: value })));
		for (const key of Object.keys(good)) {
			out.push(plain(method, path, text.replace(/}$/, `,${JSON.stringify(key)}:1}`)));
		}
		const deep = next(400) + 100;
		for (const odd of [`${"[".repeat(deep)}${"]".repeat(deep)}`, `{"a":${"9".repeat(next(3000) + 400)}`, `${text},`, `${text}${text}`,
			`\ufeff\ufeff${text}`, "null", "true", "1", '"x"', "[]", "[1]", "nul", "{'a':1}", "{a:1}", '{"a":01}', '{"a":1.}', '{"a":+1}',
			'{"a":NaN}', '{"a":Infinity}', '{"a":"\u0001"}', '{"a":"\\x41"}', '{"a":"\\ud800"}', '{"a":"\\udc00\\ud800"}', "/*c*/{}", '{"a":1,}', "{,}", "{:1}", '{"":}'])
			out.push(plain(method, path, odd));
	}
	return out;
}

/* Bytes that are no UTF-8, put into the middle of a body that is right. */
const NO_UTF8 = ["80", "bf", "c0af", "c1bf", "c2", "e08080", "e0a0", "eda080", "edbfbf", "f0808080", "f4908080", "f5808080", "ff", "fe", "f8888080", "e282", "f09f98", "c328", "a0a1", "fc8080808080"];

function unicodeCases(next) {
	const out = [];
	for (const [method, path, good] of ROUTES) {
		const text = JSON.stringify({ ...good, note: "MARK" });
		for (const hex of NO_UTF8) {
			const [a, b] = text.split("MARK");
			out.push({ ...plain(method, path, null), hex: Buffer.from(a).toString("hex") + "41".repeat(next(3)) + hex + Buffer.from(b).toString("hex") });
		}
		out.push({ ...plain(method, path, null), hex: Buffer.from(text, "utf16le").toString("hex") });
		out.push({ ...plain(method, path, null), hex: `fffe${Buffer.from(text, "utf16le").toString("hex")}` });
	}
	return out;
}

const PATHS = [
	["GET", "/api/v1/cards/*"], ["GET", "/api/v1/writes/*"], ["GET", "/api/v1/jobs/*"], ["GET", "/api/v1/integrations/*"], ["GET", "/api/v1/rules/*"],
	["GET", "/api/v1/overrides/*"], ["GET", "/api/v1/imports/*"], ["DELETE", "/api/v1/tokens/*"], ["DELETE", "/api/v1/tags/*"], ["DELETE", "/api/v1/rules/*"],
	["GET", "/api/v1/psa/lines/*/history"], ["POST", "/api/v1/writes/batches/*/rollback"], ["GET", "/api/v1/integrations/*/runs"], ["DELETE", "/api/v1/integrations/*"],
];
const QUERIES = [
	"/api/v1/cards?limit=*", "/api/v1/writes?limit=*", "/api/v1/audit?limit=*", "/api/v1/jobs?limit=*", "/api/v1/tokens?limit=*",
	"/api/v1/cards?cursor=*", "/api/v1/writes?cursor=*", "/api/v1/audit?cursor=*", "/api/v1/tokens?cursor=*",
	"/api/v1/integrations/<integration>/observations?as_of=*", "/api/v1/integrations/<integration>/observations?cursor=*",
];
const WEIRD = ["..", "../..", ".", "%00", "%0a", "%0d%0aX-A:1", "%2e%2e%2f", "%ff", "%c0%af", "a%00b", "'", '"', "%27%20OR%20%271%27%3D%271", "1;DROP%20TABLE%20orgs",
	"%F0%9F%98%80", "-1", "0", "1e9", "18446744073709551616", "null", "undefined", "true", "[]", "{}", "*", "%25", "%", "%zz", "%u0041", "~", "$1", "${x}", "{{x}}", "<card>x",
	"A".repeat(300), "A".repeat(5000), "%E2%80%AE", "_", "9".repeat(40), "tu_x_y"];
const NO_NUMBER = ["0", "-1", "1001", "x", "1.5", "1e3", "0x10", "%20", "99999999999999999999", "%00", "1%00", "one", "+-1", "[]", "{}", "NaN"];
const NO_DATE = ["x", "2026-13-01", "2026-02-30", "2026-1-1", "20260101", "2026-01-01T00:00:00", "0", "-1", "9999999", "2026-00-10", "%00", "2026/01/01", "01-01-2026", "2026-01-32", "26-01-01", "2026-01-01x"];
const NO_CURSOR = ["x", "%00", "====", "Zm9v.YmFy", "A".repeat(3000), "'", "-1", "{}", "..", "~~~~", "%ff%fe", "0"];

function idCases() {
	const out = PATHS.flatMap(([method, path]) => WEIRD.map((w) => plain(method, path.replace("*", w), method === "POST" ? "{}" : null)));
	for (const q of QUERIES) {
		const list = q.includes("limit=") ? NO_NUMBER : q.includes("as_of") ? NO_DATE : NO_CURSOR;
		for (const w of list) out.push(plain("GET", q.replace("*", w), null));
	}
	return out;
}

const COUNT = "/api/vendor-api/service/<service>/count";
function pushCases(next) {
	const out = [];
	const vendor = (method, path, body, type = JSON_TYPE) => ({ ...plain(method, path, body), type, vendor: true });
	for (const value of [...INT_BAD, "1e3", " 5", "5 ", "--5", "1,5", "0x5", "NaN", "five", "9".repeat(80), "١٢", "1.2.3", ".5", "5.", "1_000", "∞"])
		for (const id of ["A", "x", 1, null, "", []]) {
			out.push(vendor("POST", COUNT, JSON.stringify({ accountId: id, unitCount: typeof value === "number" ? String(value) : value })));
		}
	for (const path of ["/api/vendor-api/organization/accounts", "/api/vendor-api/organization/services"])
		for (const body of [1, "x", null, true, [1], [null], [[]], { id: 1 }, {}, { name: "x" }, { id: "", name: "x" }, [{ id: "a" }, 1], { id: {}, name: "x" }, { id: "x".repeat(3000), name: "x" }])
			for (const method of ["POST", "PATCH"]) out.push(vendor(method, path, JSON.stringify(body)));
	const good = JSON.stringify({ accountId: "A", unitCount: 5 });
	for (let at = 1; at < good.length; at++) out.push(vendor("POST", COUNT, cut(good, at)));
	for (let i = 0; i < 120; i++) {
		const at = next(good.length);
		out.push(vendor("POST", COUNT, `${cut(good, at)}${"{}[],:\\\u0000"[next(8)]}${good.slice(at)}`));
	}
	for (const status of WEIRD) out.push(vendor("PATCH", `/api/vendor-api/organization/status/${status}`, "{}"));
	return out;
}

/* Files that are no table of counts. */
function fileCases(next) {
	const out = [];
	const file = (body) => ({ ...plain("POST", "/api/v1/imports?filename=usage.csv", null), type: "application/octet-stream", hex: Buffer.from(body, "latin1").toString("hex") });
	for (let i = 0; i < 150; i++) out.push(file(`Account,Service,Quantity\n${"A".repeat(next(20))},S,1${"\0".repeat(1 + next(4))}\n`));
	for (let i = 0; i < 100; i++) out.push(file(`PK\x03\x04${Array.from({ length: 20 + next(200) }, () => String.fromCharCode(next(256))).join("")}`));
	for (let i = 0; i < 50; i++) out.push(file(""));
	return out;
}

const line = (s) => `${s}\r\n`;
function framingCases(next) {
	const out = [];
	const whole = (bytes) => out.push({ bytes });
	const starts = [["GET", "/healthz"], ["POST", "/healthz"], ["GET", "/api/v1/cards"], ["POST", "/api/v1/cards/approve"], ["GET", "/api/vendor-api"], ["DELETE", "/api/v1/tokens/x"], ["PUT", "/api/v1/psa"], ["PATCH", "/api/v1/settings"]];
	const bad = ["Content-Length: 2\r\nContent-Length: 3", "Content-Length: +2", "Content-Length: -1", "Content-Length: 0x2", "Content-Length: 2, 2", "Content-Length: 1 2", "Content-Length:",
		`Content-Length: ${"9".repeat(30)}`, "Content-Length: 2\r\nTransfer-Encoding: chunked", "Transfer-Encoding: gzip, chunked", "Transfer-Encoding: identity", "Transfer-Encoding: \x0bchunked",
		"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "Content-Length : 2", "Content-Length\t: 2", "Content-Length 2", ": 2", "X-A: 1\r\n folded", "X-A: a\0b", "X-A: 1\rX-B: 2", "X-A: 1\nX-B: 2",
		"Host: y", "X\x7fA: 1", "X A: 1", "X(A): 1", "X-A: \x01", "X-A: \x08", "Transfer-Encoding: xchunked", "Transfer-Encoding: chunked, identity", "Content-Length: 2.0", "Content-Length: ２"];
	for (const [method, path] of starts) for (const h of bad) whole(`${line(`${method} ${path} HTTP/1.1`)}${line("Host: x")}${line(h)}\r\n`);
	for (const [method, path] of starts) {
		for (const version of ["HTTP/2.0", "HTTP/0.9", "http/1.1", "HTTP/1.1x", "HTTP/11", "HTTP/1.", "HTTPS/1.1"]) whole(`${line(`${method} ${path} ${version}`)}${line("Host: x")}\r\n`);
		whole(`${line(`${method}  ${path} HTTP/1.1`)}${line("Host: x")}\r\n`);
		whole(`${line(`${method} ${path}  HTTP/1.1`)}${line("Host: x")}\r\n`);
		whole(`${line(`${method}\t${path}\tHTTP/1.1`)}${line("Host: x")}\r\n`);
		whole(`${line(`${method} ${path} HTTP/1.1`)}\r\n`);
		whole(`${line(`${method} ${path}\x7f HTTP/1.1`)}${line("Host: x")}\r\n`);
	}
	for (let i = 0; i < 60; i++) whole(`${line("POST /healthz HTTP/1.1")}${line("Host: x")}${line("Transfer-Encoding: chunked")}\r\n${["+2", "0x2", "2 ", "2;a=b", "10000000000000002", "-1", "g", "", " 2", "2\t"][i % 10]}\r\n${"{}".repeat(1 + next(2))}\r\n0\r\n\r\n`);
	return out;
}

function headerCases(next) {
	const out = [];
	const tokens = ["", "x", "tu_", "tu_x", "tu__", `tu_${"0".repeat(24)}_${"A".repeat(43)}`, "Bearer", "\u00ff", "a b c", "=".repeat(50), "A".repeat(10000), "null", "tu_' OR '1'='1", "..", "%00"];
	for (const t of tokens) for (const scheme of ["Bearer", "bearer", "Basic", "Digest", "", "Negotiate", "BEARER "])
		out.push({ ...plain("GET", "/api/v1/cards", null), headers: { authorization: `${scheme} ${t}`.trim() || "x" }, anonymous: true });
	for (const t of tokens) for (const name of ["trueup_session", "trueup_csrf", "session", "trueup_session=x; trueup_session"])
		out.push({ ...plain("POST", "/api/v1/tags", '{"name":"x","color":"#aabbcc"}'), headers: { cookie: `${name}=${t}` }, anonymous: true });
	for (const t of tokens) out.push({ ...plain("POST", COUNT, '{"accountId":"A","unitCount":1}'), headers: { "gradient-token": t || "x" }, anonymous: true });
	for (const type of ["text/plain", "text/html", "application/xml", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "image/png", "application/json; charset=utf-16", "application/jsonx", "json", "*/*", "", ";", "application/json, text/plain"])
		for (const [method, path] of ROUTES.slice(0, 5)) out.push({ ...plain(method, path, `<x>${next(1000)}</x>`), type: type || "x" });
	for (let i = 0; i < 40; i++) out.push({ ...plain("POST", "/api/v1/tags", '{"name":"x","color":"#aabbcc"}'), headers: { "idempotency-key": "k".repeat(1025 + i) } });
	return out;
}

/** All cases, in an order that never changes. */
export function malformed() {
	const groups = { framing: framingCases, json: jsonCases, ids: idCases, push: pushCases, files: fileCases, headers: headerCases, unicode: unicodeCases };
	return Object.entries(groups).flatMap(([group, make], i) => make(numbers(i + 1)).map((c) => ({ group, ...c })));
}

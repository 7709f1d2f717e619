// Requests that two programs could read differently, as bytes: refused with 400 and the connection's end, never
// answered as if they were fine. And the plain ones beside them, which are.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startServer } from "../lib/server.mjs";
import { raw } from "../lib/raw.mjs";

let server;
before(async () => {
	server = await startServer();
});
after(() => server?.stop());

const MARK = "GET /api/v1/smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
const head = (...lines) => `${lines.join("\r\n")}\r\n\r\n`;
const post = (...lines) => head("POST /healthz HTTP/1.1", "Host: x", ...lines);

const refused = {
	"two different lengths": post("Content-Length: 2", "Content-Length: 3") + "{}",
	"the same length twice": post("Content-Length: 2", "Content-Length: 2") + "{}",
	"a list of lengths": post("Content-Length: 2, 2") + "{}",
	"a length with a plus": post("Content-Length: +2") + "{}",
	"a negative length": post("Content-Length: -2") + "{}",
	"a length in hex": post("Content-Length: 0x2") + "{}",
	"a length with a blank inside": post("Content-Length: 1 2") + "{}",
	"a length with a fraction": post("Content-Length: 2.0") + "{}",
	"an empty length": post("Content-Length:") + "{}",
	"a length of 30 digits": post(`Content-Length: ${"1".repeat(30)}`),
	"a length and an encoding": post("Content-Length: 2", "Transfer-Encoding: chunked") + "0\r\n\r\n",
	"an encoding and a length": post("Transfer-Encoding: chunked", "Content-Length: 2") + "0\r\n\r\n",
	"two encodings": post("Transfer-Encoding: chunked", "Transfer-Encoding: chunked") + "0\r\n\r\n",
	"a list of encodings": post("Transfer-Encoding: gzip, chunked") + "0\r\n\r\n",
	"another encoding": post("Transfer-Encoding: identity") + "0\r\n\r\n",
	"an encoding with a hidden character": post("Transfer-Encoding: \x0bchunked") + "0\r\n\r\n",
	"an encoding in HTTP/1.0": head("POST /healthz HTTP/1.0", "Transfer-Encoding: chunked") + "0\r\n\r\n",
	"a blank before the colon": post("Content-Length : 2") + "{}",
	"a tab before the colon": post("Content-Length\t: 2") + "{}",
	"a header without a colon": post("Content-Length 2") + "{}",
	"a header without a name": post(": 2"),
	"a folded header": post("X-A: 1", " Content-Length: 2") + "{}",
	"a header that begins with a blank": head("GET /healthz HTTP/1.1", " Host: x"),
	"a bare LF in the request line": "GET /healthz HTTP/1.1\nHost: x\r\n\r\n",
	"a bare LF after a header": "GET /healthz HTTP/1.1\r\nHost: x\nX-A: 1\r\n\r\n",
	"a bare LF at the end of the headers": "GET /healthz HTTP/1.1\r\nHost: x\r\n\n",
	"a bare CR inside a header": post("X-A: 1\rContent-Length: 2"),
	"a NUL in a header": post("X-A: a\0b"),
	"a body of a GET": head("GET /healthz HTTP/1.1", "Host: x", `Content-Length: ${MARK.length}`) + MARK,
	"chunks of a DELETE": head("DELETE /healthz HTTP/1.1", "Host: x", "Transfer-Encoding: chunked") + "0\r\n\r\n",
	"a chunk size with a plus": post("Transfer-Encoding: chunked") + "+2\r\n{}\r\n0\r\n\r\n",
	"a chunk size with 0x": post("Transfer-Encoding: chunked") + "0x2\r\n{}\r\n0\r\n\r\n",
	"a chunk size with a blank": post("Transfer-Encoding: chunked") + "2 \r\n{}\r\n0\r\n\r\n",
	"a chunk with an extension": post("Transfer-Encoding: chunked") + "2;a=b\r\n{}\r\n0\r\n\r\n",
	"a chunk size that overflows": post("Transfer-Encoding: chunked") + "10000000000000002\r\n{}\r\n0\r\n\r\n",
	"a chunk that ends with LF": post("Transfer-Encoding: chunked") + "2\n{}\r\n0\r\n\r\n",
	"a chunk longer than it says": post("Transfer-Encoding: chunked") + "2\r\n{}{}\r\n0\r\n\r\n",
	"a trailer": post("Transfer-Encoding: chunked") + "0\r\nContent-Length: 2\r\n\r\n",
	"no Host": head("GET /healthz HTTP/1.1"),
	"two Hosts": head("GET /healthz HTTP/1.1", "Host: a", "Host: b"),
	"two blanks in the request line": head("GET  /healthz HTTP/1.1", "Host: x"),
	"a blank inside the target": head("GET /health z HTTP/1.1", "Host: x"),
	"no version": "GET /healthz\r\n\r\n",
	"a TLS hello": "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
};

for (const [what, bytes] of Object.entries(refused)) {
	test(`refused: ${what}`, async () => {
		const { answers, closed } = await raw(server.url, bytes + MARK);
		assert.equal(answers.length, 1, "one answer, and nothing for what follows");
		assert.equal(answers[0].status, 400);
		assert.equal(answers[0].headers["content-type"], "application/problem+json");
		const problem = JSON.parse(answers[0].body);
		assert.equal(problem.status, 400);
		assert.equal(problem.request_id, answers[0].headers["x-request-id"]);
		assert.equal(answers[0].headers.connection, "close");
		assert.ok(closed);
	});
}

test("refused: another version", async () => {
	const { answers } = await raw(server.url, head("GET /healthz HTTP/1.7", "Host: x"));
	assert.equal(answers[0].status, 505);
});

test("refused: headers without end", async () => {
	const { answers, closed } = await raw(server.url, head("GET /healthz HTTP/1.1", "Host: x", `X-A: ${"a".repeat(40000)}`));
	assert.equal(answers[0].status, 431);
	assert.ok(closed);
});

test("refused: a body over the limit, before it is sent", async () => {
	const { answers, closed } = await raw(server.url, post(`Content-Length: ${1 << 30}`));
	assert.equal(answers[0].status, 413);
	assert.ok(closed);
	const chunked = await raw(server.url, post("Transfer-Encoding: chunked") + "7fffffff\r\n");
	assert.equal(chunked.answers[0].status, 413);
});

test("what is fine is answered, however it is cut into pieces", async () => {
	const fine = [
		[head("GET /healthz HTTP/1.1", "Host: x"), 200],
		[head("GET /healthz HTTP/1.0"), 200],
		[head("GET http://other/healthz HTTP/1.1", "Host: x"), 200],
		[head("GET /healthz HTTP/1.1", "host:x", "X-Empty:", "X-Tabs:\t1\t"), 200],
		[post("Content-Length: 2") + "{}", 405],
		[post("Content-Length: 0"), 405],
		[post(), 405],
		[post("Connection: keep-alive"), 405],
		[post("Transfer-Encoding: Chunked") + "2\r\n{}\r\n0A\r\n1234567890\r\n0\r\n\r\n", 405],
	];
	for (const [bytes, status] of fine) {
		const whole = await raw(server.url, bytes, { ms: 300 });
		assert.deepEqual(
			whole.answers.map((a) => a.status),
			[status],
			bytes,
		);
		const cut = await raw(server.url, bytes.match(/[^]{1,7}/g), { ms: 300, pause: 2 });
		assert.deepEqual(
			cut.answers.map((a) => a.status),
			[status],
			bytes,
		);
	}
});

test("several in one go are answered in order", async () => {
	const three = head("GET /healthz HTTP/1.1", "Host: x") + post("Content-Length: 2") + "{}" + MARK;
	const { answers } = await raw(server.url, three);
	assert.deepEqual(
		answers.map((a) => a.status),
		[200, 405, 404],
	);
});

test("a fault after a good request ends the connection and is never run", async () => {
	const { answers, closed } = await raw(server.url, [head("GET /healthz HTTP/1.1", "Host: x"), `GET / HTTP/1.1\n${MARK}`]);
	assert.deepEqual(
		answers.map((a) => a.status),
		[200, 400],
	);
	assert.ok(closed);
});

test("the server is well after all that", async () => {
	assert.equal((await fetch(`${server.url}/healthz`)).status, 200);
	assert.equal(await server.stop(), 0);
	server = null;
});
